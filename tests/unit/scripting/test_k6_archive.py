import io
import json
import tarfile
from pathlib import Path
from typing import Any

import pytest

from gharial.scripting.archive import unpack
from gharial.scripting.unpacking import ArchiveError

SCRIPT = "export default () => {};"
# As k6 v1.1 writes it: each option that nobody set is null.
METADATA = {
    "type": "js",
    "options": {
        "vus": 3,
        "duration": None,
        "dns": {"ttl": None, "select": None},
        "scenarios": {"a": {"executor": "per-vu-iterations", "env": None}},
        "hosts": {"a.test": "127.0.0.1"},
    },
    "filename": "file:///home/nobody/a%20b/s.js",
    "pwd": "file:///home/nobody/a%20b",
    "env": {"A": "1"},
    "compatibilityMode": "extended",
    "k6version": "1.1.0",
    "goos": "linux",
}
FOLDER = "file/home/nobody/a b"


def archive(folder: Path, files: dict[str, str], **changes: Any) -> str:
    """Write an archive as k6 does; return its path."""
    path = folder / "a.tar"
    files = {
        "metadata.json": json.dumps({**METADATA, **changes}),
        "data": SCRIPT,
        **files,
    }
    with tarfile.open(path, "w") as tar:
        for name, text in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(text)
            tar.addfile(info, io.BytesIO(text.encode()))
        folder_info = tarfile.TarInfo("file")
        folder_info.type = tarfile.DIRTYPE
        tar.addfile(folder_info)
        link = tarfile.TarInfo(f"{FOLDER}/s.js")
        link.type, link.linkname = tarfile.LNKTYPE, "data"
        tar.addfile(link)
    return str(path)


def test_files_are_where_they_were(tmp_path: Path) -> None:
    files = {f"{FOLDER}/lib/a.js": "a", "https/h/b.js": "b"}
    found = unpack(archive(tmp_path, files), tmp_path)
    assert found.script == tmp_path / "files/home/nobody/a b/s.js"
    assert found.script.read_text() == SCRIPT
    assert {name: path.read_text() for name, path in found.files.items()} == {
        "/home/nobody/a b/lib/a.js": "a",
        "https://h/b.js": "b",
        "/home/nobody/a b/s.js": SCRIPT,
    }
    assert (found.script.parent / "lib/a.js").read_text() == "a"
    assert found.address is None


def test_options_that_nobody_set_are_left_out(tmp_path: Path) -> None:
    found = unpack(archive(tmp_path, {}), tmp_path)
    assert found.options == {
        "vus": 3,
        "scenarios": {"a": {"executor": "per-vu-iterations"}},
        "hosts": {"a.test": "127.0.0.1"},
    }
    assert found.environment == {"A": "1"}
    assert unpack(archive(tmp_path, {}, env=None), tmp_path).environment == {}


def test_a_script_from_standard_input_is_in_its_folder(tmp_path: Path) -> None:
    path = archive(tmp_path, {}, filename="file:///-")
    assert unpack(path, tmp_path).script == tmp_path / "files/home/nobody/a b/-"


def test_a_script_from_a_server_has_its_address(tmp_path: Path) -> None:
    path = archive(tmp_path, {}, filename="https://h/s.js", pwd="https://h/")
    found = unpack(path, tmp_path)
    assert found.address == "https://h/s.js"
    assert found.files["https://h/s.js"].read_text() == SCRIPT


@pytest.mark.parametrize(
    ("files", "changes", "reason"),
    [
        ({"file/../../x": ""}, {}, "invalid name"),
        ({}, {"filename": "file:///../../x\\y"}, "invalid name"),
        ({}, {"type": "archive"}, "k6 made it of 'archive', not of a script"),
        ({}, {"filename": None}, "is damaged"),
        ({}, {"env": {"A": 1}}, "is damaged"),
        ({}, {"options": {"tlsAuth": [{"cert": "c.pem", "key": "k"}]}}, "by path"),
    ],
)
def test_what_cannot_be_used_is_refused(
    tmp_path: Path, files: dict[str, str], changes: dict[str, Any], reason: str
) -> None:
    with pytest.raises(ArchiveError, match=reason):
        unpack(archive(tmp_path, files, **changes), tmp_path / "out")
    assert not (tmp_path / "x").exists()


def test_an_archive_without_its_script_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.tar"
    text = json.dumps(METADATA).encode()
    with tarfile.open(path, "w") as tar:
        info = tarfile.TarInfo("metadata.json")
        info.size = len(text)
        tar.addfile(info, io.BytesIO(text))
    with pytest.raises(ArchiveError, match="'data' is missing"):
        unpack(str(path), tmp_path)


def test_too_many_files_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gharial.scripting.k6_archive.MEMBERS_MAXIMUM", 3)
    with pytest.raises(ArchiveError, match="too many files"):
        unpack(archive(tmp_path, {"file/a": "", "file/b": ""}), tmp_path)
