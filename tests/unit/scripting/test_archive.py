import io
import json
import tarfile
from pathlib import Path
from typing import Any

import pytest

from gharial.scripting.archive import unpack
from gharial.scripting.unpacking import ArchiveError

SCRIPT = "export default () => {};"


def archive(
    folder: Path, *, holes: int = 0, link: str = "", raw: str = "", **changes: Any
) -> str:
    """Write an archive, with what is wrong with it; return its path."""
    metadata = {
        "format": 1,
        "script": "files/s.js",
        "names": {"/s.js": "files/s.js"},
        "options": {},
        "environment": {},
        **changes,
    }
    path = folder / "a.tar"
    with tarfile.open(path, "w", format=tarfile.GNU_FORMAT) as tar:
        text = (raw or json.dumps(metadata)).encode()
        info = tarfile.TarInfo("metadata.json")
        info.size = len(text)
        tar.addfile(info, io.BytesIO(text))
        info = tarfile.TarInfo("files/s.js")
        if link:
            info.type, info.linkname = tarfile.SYMTYPE, link
            tar.addfile(info)
        elif holes:
            header = bytearray(sparse_header(holes))
            assert tar.fileobj is not None
            tar.fileobj.write(header)  # type: ignore[arg-type]
            tar.offset += len(header)
        else:
            info.size = len(SCRIPT)
            tar.addfile(info, io.BytesIO(SCRIPT.encode()))
    return str(path)


def sparse_header(size: int) -> bytes:
    """Return GNU tar's header of a file that is one hole."""
    info = tarfile.TarInfo("files/s.js")
    info.type = tarfile.GNUTYPE_SPARSE
    header = bytearray(info.tobuf(tarfile.GNU_FORMAT))
    header[483:495] = b"%011o\0" % size
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\0 " % sum(header)
    return bytes(header)


def test_an_archive_is_unpacked(tmp_path: Path) -> None:
    found = unpack(archive(tmp_path), tmp_path)
    assert found.script.read_text() == SCRIPT
    assert found.files == {"/s.js": tmp_path / "files/s.js"}


PEM = "-----BEGIN CERTIFICATE-----"


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ({"holes": 3 * 1024**3}, "not a file, or too large"),
        ({"link": "/etc/passwd"}, "not a file, or too large"),
        ({"raw": "[" * 100_000}, "nested too deeply"),
        ({"raw": "[]"}, "is damaged, or was not written by 'gharial archive'"),
        ({"names": {"/s.js": "files/no.js"}}, "'files/no.js' is missing in it"),
        ({"raw": '"text"'}, "is damaged"),
        ({"names": ["files/s.js"]}, "is damaged"),
        ({"names": {"/s.js": 5}}, "is damaged"),
        ({"names": {"/s.js": ["files/s.js"]}}, "is damaged"),
        ({"options": [1]}, "is damaged"),
        ({"options": {"tlsAuth": [5]}}, "is damaged"),
        ({"environment": {"A": 5}}, "is damaged"),
        ({"environment": 5}, "is damaged"),
        ({"format": "1"}, "is damaged"),
        ({"options": {"caCertificates": ["/etc/ca.pem"]}}, "name certificates by path"),
        (
            {"options": {"tlsAuth": [{"cert": PEM, "key": "/home/me/key.pem"}]}},
            "name certificates by path",
        ),
    ],
)
def test_an_archive_that_is_wrong_is_refused(
    tmp_path: Path, wrong: dict[str, Any], reason: str
) -> None:
    with pytest.raises(ArchiveError, match=reason):
        unpack(archive(tmp_path, **wrong), tmp_path)


def test_certificates_in_an_archive_are_its_own(tmp_path: Path) -> None:
    path = archive(tmp_path, options={"caCertificates": [PEM]})
    assert unpack(path, tmp_path).options == {"caCertificates": [PEM]}
