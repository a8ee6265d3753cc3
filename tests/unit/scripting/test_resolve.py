from pathlib import Path

import pytest

from gharial.scripting.missing_module import ModuleNotFoundInScriptError
from gharial.scripting.origin import Origin
from gharial.scripting.resolve import SourceFiles

FILES = SourceFiles(frozenset({"k6", "k6/websockets"}))


def problem_of(name: str) -> str:
    with pytest.raises(ModuleNotFoundInScriptError) as caught:
        SourceFiles(FILES.builtin_names).read(name)
    assert caught.value.exit_code == 107
    assert caught.value.name == name
    return str(caught.value)


def test_files_are_read_by_path_and_by_url(tmp_path: Path) -> None:
    path = tmp_path / "a b.js"
    path.write_text("grün", "utf-8")
    assert FILES.read(str(path)) == "grün"
    assert FILES.read(path.as_uri()) == "grün"


def test_a_file_is_read_once(tmp_path: Path) -> None:
    path = tmp_path / "once.js"
    path.write_text("first", "utf-8")
    assert FILES.read(str(path)) == "first"
    path.write_text("second", "utf-8")
    assert FILES.read(str(path)) == "first"


def test_what_is_missing_is_named_with_what_is_near(tmp_path: Path) -> None:
    (tmp_path / "helper.js").write_text("", "utf-8")
    assert 'did you mean "helper.js"' in problem_of(str(tmp_path / "helpers.js"))
    assert "no such file" in problem_of(str(tmp_path / "no/where.js"))
    assert 'did you mean "k6/websockets"' in problem_of("k6/websocket")
    assert "./name.js" in problem_of("something-else-entirely")


def test_what_is_no_text_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "bytes.js").write_bytes(b"ok\xff")
    assert "not UTF-8 (byte 2)" in problem_of(str(tmp_path / "bytes.js"))
    assert "directory" in problem_of(str(tmp_path))
    assert "cannot import" in problem_of(f"{tmp_path}/nul\0.js")
    assert "cannot import" in problem_of("https://[x")
    assert "only https" in problem_of("http://example.com/a.js")


def read_files(*texts: tuple[str, str], root: Path | None = None) -> SourceFiles:
    """Return files of which these were read."""
    files = SourceFiles(frozenset(), Origin(root=root))
    files._texts.update(texts)
    return files


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("import a from './lib/b.js';", 1),
        ("\nimport {\n  a,\n} from './lib/b.js';", 4),
        ("import './lib/b.js'", 1),
        ("export * from '../s/lib/b.js';", 1),
        ("\n\nawait import('./lib/b.js');", 3),
        ("const b = require(`./lib/b.js`);", 1),
        ("import a from '/s/lib/b.js';", 1),
        ("import a from './b.js';", None),
    ],
)
def test_an_importer_is_found_with_its_line(text: str, line: int | None) -> None:
    files = read_files(("/s/main.js", text))
    wanted = None if line is None else ("/s/main.js", line)
    assert files.importer_of("/s/lib/b.js") == wanted


def test_an_importer_is_one_that_asks_for_the_export() -> None:
    files = read_files(
        ("/s/a.js", "import { check } from 'k6';"),
        ("https://h/b.js", "import { nope } from 'k6';"),
    )
    assert files.importer_of("k6", "nope") == ("https://h/b.js", 1)


@pytest.mark.parametrize(
    ("stack", "may_open"),
    [
        ("    at open\n    at <anonymous> (/s/a.js:1:2)", True),
        ("    at map (native)\n    at f (/s/a.js:1:2)\n    at X (k6/data:1:2)", True),
        ("    at open\n    at map (native)", False),
        ("", False),
        ("    at f (https://h/b.js:1:2)\n    at <anonymous> (/s/a.js:1:2)", False),
        ("    at x (/s/a.js:1:1) (https://h/b.js:1:2)", False),
        ("    at x (/s/a.js:1:1)\n    at y (https://h/b.js:1:2)", False),
        ("    at x (/s/a.js:1:1)\n    at <anonymous> (<input>:1:2)", False),
    ],
)
def test_only_code_of_local_files_opens_files_beside_a_remote_module(
    stack: str, may_open: bool
) -> None:
    local = ("/s/a.js", "")
    assert read_files(local).local_file("/s/x", "") == Path("/s/x")
    files = read_files(local, ("https://h/b.js", ""))
    if may_open:
        assert files.local_file("/s/x", stack) == Path("/s/x")
    else:
        with pytest.raises(PermissionError, match="from the network"):
            files.local_file("/s/x", stack)


@pytest.mark.parametrize(
    ("stack", "caller"),
    [
        ("    at open\n    at <anonymous> (/s/a.js:1:2)", "/s/a.js"),
        (
            "    at map (native)\n    at /s (1)/b.js:3:4\n    at /s/a.js:1",
            "/s (1)/b.js",
        ),
        ("    at f (<input>:1:2)\n    at g (/s (1)/b.js:3:4)", "/s (1)/b.js"),
        ("    at map (native)", None),
    ],
)
def test_the_innermost_module_of_a_stack(stack: str, caller: str | None) -> None:
    files = read_files(("/s/a.js", ""), ("/s (1)/b.js", ""))
    assert files.caller_of(stack) == caller


def test_a_script_in_an_archive_opens_what_is_in_it(tmp_path: Path) -> None:
    root = tmp_path / "archive"
    root.mkdir()
    files = read_files(root=root)
    files.moved = {"/etc/mine": root / "mine"}
    assert files.local_file(str(root / "a")) == root / "a"
    assert files.local_file("/etc/mine") == root / "mine"
    (root / "link").symlink_to(tmp_path)
    for path in ("/etc/passwd", f"{root}/../b", f"{root}/link/b", f"{root}2/b"):
        with pytest.raises(PermissionError, match="in an archive"):
            files.local_file(path)
