"""Scripts from standard input, from servers, and with names that say no language."""

import json
import subprocess
import tarfile
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import pytest
from program import GHARIAL, environment, gharial
from safety_net import LIMIT_S

pytestmark = pytest.mark.slow

SCRIPT = """import { word } from './lib/word.js';
const text = open('./data.txt');
export const options = { vus: 2, iterations: 2 };
export default function () { console.log(`${word} ${text}`); }
"""
PRINTED = "of the library of a file"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib/word.js").write_text("export const word = 'of the library';")
    (tmp_path / "data.txt").write_text("of a file")
    return tmp_path


class Pages(BaseHTTPRequestHandler):
    """Serves modules, each once."""

    texts: ClassVar[dict[str, str]] = {}
    asked: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        text = self.texts.get(self.path)
        is_new = self.path not in self.asked
        self.asked.append(self.path)
        body = b"" if text is None else text.encode()
        self.send_response(200 if text is not None and is_new else 404)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments: object) -> None: ...


@pytest.fixture
def server() -> Iterator[str]:
    """Serve modules on this machine; give the address."""
    Pages.asked.clear()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Pages)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def run(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return gharial(*arguments, cwd=folder)


def run_given(
    text: str, *arguments: str, folder: Path
) -> subprocess.CompletedProcess[str]:
    """Run the program with a text on its standard input."""
    return subprocess.run(
        [*GHARIAL, *arguments],
        cwd=folder,
        env=environment(),
        input=text,
        capture_output=True,
        encoding="utf-8",
        timeout=LIMIT_S,
        check=False,
    )


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_script_from_standard_input(folder: Path, workers: str) -> None:
    result = run_given(SCRIPT, "run", "-q", "--workers", workers, "-", folder=folder)
    assert result.returncode == 0, result.stderr
    assert result.stderr.count(PRINTED) == 2


def test_an_archive_of_what_came_from_standard_input(folder: Path) -> None:
    assert (
        json.loads(run_given(SCRIPT, "inspect", "-", folder=folder).stdout)[
            "scenarios"
        ]["default"]["vus"]
        == 2
    )
    result = run_given(SCRIPT, "archive", "-", folder=folder)
    assert "wrote script.tar with 3 files" in result.stdout
    (folder / "data.txt").unlink()
    result = run("run", "-q", "script.tar", folder=folder)
    assert result.stderr.count(PRINTED) == 2, result.stderr


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_script_in_python_from_standard_input(folder: Path, workers: str) -> None:
    (folder / "word.py").write_text("word = 'of python'")
    script = "from word import word\noptions = {'vus': 2, 'iterations': 2}\n"
    script += "def default():\n    print(word)\n"
    arguments = ["--language", "python", "--workers", workers, "-"]
    result = run_given(script, "run", "-q", *arguments, folder=folder)
    assert result.returncode == 0, result.stderr
    assert result.stderr.count("of python") == 2
    arguments = ["--language", "python", "-O", "p.tar", "-"]
    assert run_given(script, "archive", *arguments, folder=folder).returncode == 0
    (folder / "word.py").unlink()
    result = run("run", "-q", "p.tar", folder=folder)
    assert result.stderr.count("of python") == 2, result.stderr


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_script_from_a_server_is_fetched_once(
    folder: Path, server: str, workers: str
) -> None:
    Pages.texts = {
        "/tests/s.ts?v=1": "import { word } from '../lib/word.js';"
        "export const options = { vus: 2, iterations: 2 };"
        "export default (): void => console.log(word, import.meta.url);",
        "/lib/word.js": "export const word: string = 'from afar';".replace(
            ": string", ""
        ),
    }
    url = f"{server}/tests/s.ts?v=1"
    result = run("run", "-q", "--workers", workers, url, folder=folder)
    assert result.returncode == 0, result.stderr
    assert result.stderr.count(f"from afar {url}") == 2
    assert Pages.asked == ["/tests/s.ts?v=1", "/lib/word.js"]


def test_an_archive_of_a_script_from_a_server(folder: Path, server: str) -> None:
    Pages.texts = {
        "/s": "import { one } from './one.js'; export default () => one();"
        "export const options = { iterations: 1 };",
        "/one.js": "export const one = () => console.log('archived');",
    }
    result = run("archive", f"{server}/s", folder=folder)
    assert "wrote s.tar with 2 files" in result.stdout, result.stderr
    result = run("run", "-q", "s.tar", folder=folder)
    assert "archived" in result.stderr


def test_a_script_from_a_server_reads_no_files(folder: Path, server: str) -> None:
    Pages.texts = {"/s.js": "open('./data.txt'); export default () => {};"}
    result = run("run", "-q", f"{server}/s.js", folder=folder)
    assert result.returncode == 107
    assert "code from the network cannot read files" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "text", "name"),
    [
        ((), SCRIPT, "script"),
        ((), SCRIPT, "script.txt"),
        (
            ("--language", "typescript"),
            SCRIPT.replace("const text", "const text: string"),
            "script.txt",
        ),
        (("--language", "javascript"), SCRIPT, "script.ts"),
        (
            ("--language", "python"),
            "def default():\n    print('of the library of a file\\n' * 2)",
            "script",
        ),
    ],
)
def test_a_name_that_says_no_language(
    folder: Path, arguments: tuple[str, ...], text: str, name: str
) -> None:
    (folder / name).write_text(text)
    result = run("run", "-q", *arguments, name, folder=folder)
    assert result.stderr.count(PRINTED) == 2, result.stderr
    assert (
        run("archive", *arguments, "-O", "a.tar", name, folder=folder).returncode == 0
    )
    (folder / name).unlink()
    result = run("run", "-q", "a.tar", folder=folder)
    assert result.stderr.count(PRINTED) == 2, result.stderr


def test_a_module_cache_is_filled_and_used(folder: Path, server: str) -> None:
    Pages.texts = {"/m/1.0.0/index.js": "export const one = 'kept';"}
    (folder / "script.js").write_text(
        f"import {{ one }} from '{server}/m/1.0.0/index.js';"
        "export default () => console.log(one);"
    )
    arguments = ("run", "-q", "--module-cache", "copies", "script.js")
    for _ in range(2):
        result = run(*arguments, folder=folder)
        assert "kept" in result.stderr, result.stderr
    assert len(Pages.asked) == 1
    (copy,) = (folder / "copies").glob("*/m/1.0.0/index.js")
    assert copy.read_text() == "export const one = 'kept';"


def test_an_archive_has_the_names_of_files(folder: Path) -> None:
    run_given(SCRIPT, "archive", "-", folder=folder)
    with tarfile.open(folder / "script.tar") as tar:
        assert set(tar.getnames()) == {
            "metadata.json",
            "files/-",
            "files/data.txt",
            "files/lib/word.js",
        }
