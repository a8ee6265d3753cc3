"""What a bundle throws is shown where it was written."""

import json
from pathlib import Path

import pytest
from mapped_bundles import Segment, embedded, source_map
from program import gharial
from servers import serving_echo

pytestmark = pytest.mark.slow
# Pieces of a bundle of one line, each with the line and the column that it was made from.
PIECES = (
    ("import{local as l}from'./local.js';", 0, 0),
    (
        "export const options={scenarios:{a:{executor:'per-vu-iterations',vus:2}}};",
        1,
        0,
    ),
    ("function f(){", 3, 0),
    ("throw new TypeError('boom '+l)}", 4, 2),
    ("export default function(){", 7, 0),
    ("if(__VU===2){Promise.reject(new RangeError('unseen'));return}", 18, 4),
    ("try{f()}catch(e){", 8, 2),
    ("console.error(e);console.log('text '+e.stack)}", 10, 2),
    ("const w=new WebSocket(__ENV.URL);", 11, 2),
    ("w.onopen=()=>{setTimeout(()=>{w.close();", 12, 4),
    ("f()},1)}}", 14, 6),
)
TOP_LEVEL = (("let a=1;null.x;", 6, 2), ("export default()=>{}", 9, 0))


def written(
    folder: Path, pieces: tuple[tuple[str, int, int], ...] = PIECES, **more: object
) -> Path:
    dist = folder / "dist"
    dist.mkdir()
    (dist / "local.js").write_text("export const local = 'local';")
    segments: list[Segment] = []
    text = ""
    for code, line, column in pieces:
        segments.append((len(text), 0, line, column))
        text += code
    made = source_map([segments], ["../src/chat.ts"], **more)
    (dist / "bundle.js.map").write_text(json.dumps(made))
    (dist / "bundle.js").write_text(f"{text}\n//# sourceMappingURL=bundle.js.map\n")
    (dist / "inline.js").write_text(f"{text}\n{embedded(made)}\n")
    return dist


@pytest.mark.parametrize("name", ["bundle.js", "inline.js"])
@pytest.mark.parametrize("workers", ["1", "2"])
def test_all_that_is_shown_of_a_bundle(tmp_path: Path, name: str, workers: str):
    dist = written(tmp_path)
    source = tmp_path / "src" / "chat.ts"
    with serving_echo() as server:
        ran = gharial(
            *("run", "-q", "--log-format", "raw", "-e", f"URL={server.url}"),
            *("--workers", workers, str(dist / name)),
            cwd=tmp_path,
        )
    assert ran.returncode == 0, ran.stderr
    log, summary = ran.stderr, ran.stdout
    # In what console is given: an error, or its stack as a string.
    thrown = f"    at f ({source}:5:3)\n    at default ({source}:9:3)"
    assert f"TypeError: boom local\n{thrown}" in log
    assert f"text {thrown}" in log
    # In a handler, and in a promise that nobody handles.
    timer = f"TypeError: boom local\n    at f ({source}:5:3)\n    at <anonymous> ({source}:15:7)"
    assert timer in log
    unseen = "Uncaught (in promise) RangeError: unseen"
    assert f"{unseen}\n    at default ({source}:19:5)" in log
    # And in the summary's table.
    assert f"1 x TypeError: boom local\n        at {source}:5," in summary
    assert f"1 x {unseen}\n        at {source}:19," in summary
    assert f"{dist}/" not in log + summary


def test_a_bundle_that_cannot_start(tmp_path: Path):
    content = "\n" * 6 + "  null.x; // here\n"
    dist = written(tmp_path, TOP_LEVEL, sourcesContent=[content])
    ran = gharial("run", "dist/bundle.js", cwd=tmp_path)
    assert ran.returncode == 107
    assert f"({dist.parent}/src/chat.ts:7:3)" in ran.stderr
    assert "\n       7 |   null.x; // here\n         |   ^" in ran.stderr


def test_an_archive_has_the_map(tmp_path: Path):
    dist = written(tmp_path)
    made = gharial("archive", "bundle.js", "-O", str(tmp_path / "a.tar"), cwd=dist)
    assert "with 3 files" in made.stdout, made.stderr
    for file in dist.iterdir():
        file.unlink()
    with serving_echo() as server:
        ran = gharial(
            *("run", "-q", "--log-format", "raw", "-e", f"URL={server.url}"),
            *("--workers", "2", "a.tar"),
            cwd=tmp_path,
        )
    assert "    at f (../src/chat.ts:5:3)\n" in ran.stderr
    assert "1 x TypeError: boom local\n        at ../src/chat.ts:5," in ran.stdout


def test_a_broken_map_is_one_warning(tmp_path: Path):
    dist = written(tmp_path)
    (dist / "bundle.js.map").write_text("{")
    with serving_echo() as server:
        ran = gharial(
            *("run", "-q", "--log-format", "raw", "-e", f"URL={server.url}"),
            *("-u", "6", "-i", "30", "--workers", "2", "dist/bundle.js"),
            cwd=tmp_path,
        )
    assert ran.stderr.count("source map") == 1
    assert f"the source map of {dist}/bundle.js cannot be used" in ran.stderr
    assert f"    at f ({dist}/bundle.js:1:" in ran.stderr
