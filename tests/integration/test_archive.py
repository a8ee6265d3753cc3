"""Tests that travel as one file, and starter scripts."""

import io
import json
import shutil
import tarfile
from pathlib import Path

import pytest
from program import gharial
from servers import serving_chat, serving_echo

pytestmark = pytest.mark.slow


def written(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return folder


def carried(tmp_path: Path, source: Path) -> Path:
    """Move the archive elsewhere, and remove what it was made of."""
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    shutil.move(next(source.rglob("*.tar")), elsewhere / "test.tar")
    shutil.rmtree(source)
    return elsewhere


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_javascript_test_runs_where_its_files_are_not(tmp_path: Path, workers: str):
    source = written(
        tmp_path / "source",
        {
            "tests/script.ts": """
import { greeting } from '../lib/greet.ts';
import data from './data.json';
const words = open('../lib/words.txt');
export const options = { vus: 2, iterations: 4, tags: { from: 'script' } };
export default async function (): Promise<void> {
  const late = await import('../lib/late.js');
  console.log(greeting(data.name), words.trim(), late.word, __ENV.WHO, __ENV.HOW);
}
""",
            "lib/greet.ts": "export const greeting = (n: string): string => `hello ${n}`;",
            "lib/late.js": "export const word = 'late';",
            "lib/words.txt": "some words\n",
            "tests/data.json": '{"name": "ann"}',
        },
    )
    made = gharial(
        *("archive", "-e", "WHO=me", "-e", "HOW=a", "-i", "6", "tests/script.ts"),
        cwd=source,
    )
    assert made.returncode == 0, made.stderr
    assert "wrote script.tar with 5 files" in made.stdout
    elsewhere = carried(tmp_path, source)
    flags = ("-q", "--log-format", "raw", "--workers", workers, "-e", "HOW=b")
    ran = gharial("run", *flags, "test.tar", cwd=elsewhere)
    assert ran.returncode == 0, ran.stderr
    lines = [line for line in ran.stderr.splitlines() if line.startswith("hello")]
    assert lines == ["hello ann some words late me b"] * 6
    inspected = json.loads(gharial("inspect", "test.tar", cwd=elsewhere).stdout)
    assert inspected["scenarios"]["default"]["iterations"] == 6
    assert inspected["tags"] == {"from": "script"}


def test_a_python_test_runs_where_its_files_are_not(tmp_path: Path):
    source = written(
        tmp_path / "source",
        {
            "script.py": """
from pathlib import Path
from gharial import log
from parts.one import ONE

options = {"iterations": 1}
DATA = (Path(__file__).parent / "data" / "d.txt").read_text()

def default():
    from parts import two
    log(ONE, two.TWO, DATA.strip())
""",
            "parts/__init__.py": "",
            "parts/one.py": "from .three import THREE\nONE = 1 + THREE",
            "parts/two.py": "TWO = 2",
            "parts/three.py": "THREE = 3",
            "data/d.txt": "data\n",
        },
    )
    made = gharial("archive", "--include", "data", "script.py", cwd=source)
    assert made.returncode == 0, made.stderr
    elsewhere = carried(tmp_path, source)
    ran = gharial("run", "-q", "--log-format", "raw", "test.tar", cwd=elsewhere)
    assert ran.returncode == 0, ran.stderr
    assert "4 2 data" in ran.stderr


def test_nothing_that_was_unpacked_stays(tmp_path: Path):
    source = written(tmp_path / "source", {"s.js": "export default function () { }\n"})
    gharial("archive", "s.js", cwd=source)
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    ran = gharial("run", "-q", "s.tar", cwd=source, TMPDIR=str(temporary))
    assert ran.returncode == 0
    assert list(temporary.iterdir()) == []


def tar_of(folder: Path, metadata: object, **files: bytes) -> None:
    with tarfile.open(folder / "bad.tar", "w") as tar:
        for name, data in {
            "metadata.json": json.dumps(metadata).encode(),
            **files,
        }.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))


GOOD = {"format": 1, "script": "files/s.js", "options": {}, "environment": {}}


@pytest.mark.parametrize(
    ("metadata", "told"),
    [
        pytest.param({**GOOD, "format": 2, "names": {}}, "update Gharial", id="newer"),
        pytest.param({"format": 1}, "is damaged", id="incomplete"),
        pytest.param(
            {**GOOD, "names": {"/x": "files/../../x.js"}}, "invalid name", id="outside"
        ),
        pytest.param(
            {**GOOD, "names": {"/s.js": "files/s.js"}}, "is missing", id="missing"
        ),
    ],
)
def test_an_archive_that_is_wrong_is_refused_by_name(
    tmp_path: Path, metadata: object, told: str
):
    tar_of(tmp_path, metadata)
    ran = gharial("run", "bad.tar", cwd=tmp_path)
    assert ran.returncode == 104
    assert "bad.tar" in ran.stderr
    assert told in ran.stderr


def test_what_is_no_archive_is_refused(tmp_path: Path):
    (tmp_path / "bad.tar").write_text("hello")
    ran = gharial("run", "bad.tar", cwd=tmp_path)
    assert ran.returncode == 104
    assert "it is not a tar file" in ran.stderr


def test_what_an_archive_throws_in_two_workers_is_one_group(tmp_path: Path):
    script = "export default function () { throw new TypeError('no'); }"
    written(tmp_path, {"bad.js": script})
    assert gharial("archive", "bad.js", cwd=tmp_path).returncode == 0
    arguments = ("run", "-q", "--workers", "2", "-u", "2", "-i", "4", "bad.tar")
    ran = gharial(*arguments, cwd=tmp_path)
    assert "4 x TypeError: no\n        at bad.js:1," in ran.stdout


@pytest.mark.parametrize("template", ["echo", "arrival-rate", "chat"])
@pytest.mark.parametrize("name", ["test.js", "test.ts", "test.py"])
def test_a_starter_script_runs(tmp_path: Path, template: str, name: str):
    made = gharial("new", "--template", template, name, cwd=tmp_path)
    assert made.returncode == 0, made.stderr
    assert f"gharial run {name}" in made.stdout
    flags: tuple[str, ...] = ("-u", "2", "-i", "4")
    if template == "arrival-rate":
        text = (tmp_path / name).read_text()
        (tmp_path / name).write_text(text.replace("10s", "1s"))
        flags = ()
    serving = serving_chat if template == "chat" else serving_echo
    with serving() as server:
        url = (
            server.url.partition("/ws/")[0] + "/" if template == "chat" else server.url
        )
        ran = gharial(
            *("run", "-q", "-e", f"URL={url}", "-e", "SESSION_MS=1500", *flags),
            *("--insecure-skip-tls-verify", name),
            cwd=tmp_path,
        )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "rror" not in ran.stderr
