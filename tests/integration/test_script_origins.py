"""Scripts from standard input, from servers, and with names that say no language."""

import json
import subprocess
import tarfile
import threading
from collections.abc import Iterator
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar, cast

import pytest
from program import GHARIAL, environment, gharial
from safety_net import LIMIT_S
from script_runs import run as in_process

from gharial.program.script_hosts import script_host
from gharial.scripting.archive import ArchivableHost, write_archive
from gharial.scripting.languages import Language
from gharial.scripting.origin import Origin

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


def test_a_script_from_standard_input(folder: Path) -> None:
    result = run_given(SCRIPT, "run", "-q", "--workers", "2", "-", folder=folder)
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
    with tarfile.open(folder / "script.tar") as tar:
        assert set(tar.getnames()) == {
            "metadata.json",
            "files/-",
            "files/data.txt",
            "files/lib/word.js",
        }
    (folder / "data.txt").unlink()
    result = run("run", "-q", "--workers", "1", "script.tar", folder=folder)
    assert result.stderr.count(PRINTED) == 2, result.stderr


def test_an_archive_on_standard_input_is_told(folder: Path) -> None:
    with tarfile.open(folder / "a.tar", "w", format=tarfile.USTAR_FORMAT) as tar:
        tar.addfile(tarfile.TarInfo("metadata.json"))
    text = (folder / "a.tar").read_text("ascii")
    result = run_given(text, "run", "-", folder=folder)
    assert result.returncode == 104
    assert result.stderr.startswith(
        "gharial: an archive cannot come from standard input; write it to a file"
    )


def test_a_script_in_python_from_standard_input(folder: Path) -> None:
    (folder / "word.py").write_text("word = 'of python'")
    script = "from word import word\noptions = {'vus': 2, 'iterations': 2}\n"
    script += "def default():\n    print(word)\n"
    arguments = ["--language", "python", "--workers", "2", "-"]
    result = run_given(script, "run", "-q", *arguments, folder=folder)
    assert result.returncode == 0, result.stderr
    assert result.stderr.count("of python") == 2
    arguments = ["--language", "python", "-O", "p.tar", "-"]
    assert run_given(script, "archive", *arguments, folder=folder).returncode == 0
    (folder / "word.py").unlink()
    result = run("run", "-q", "--workers", "1", "p.tar", folder=folder)
    assert result.stderr.count("of python") == 2, result.stderr


def test_a_script_from_a_server_is_fetched_once(folder: Path, server: str) -> None:
    Pages.texts = {
        "/tests/s.ts?v=1": "import { word } from '../lib/word.js';"
        "export const options = { vus: 2, iterations: 2 };"
        "export default (): void => console.log(word, import.meta.url);",
        "/lib/word.js": "export const word: string = 'from afar';".replace(
            ": string", ""
        ),
    }
    url = f"{server}/tests/s.ts?v=1"
    result = run("run", "-q", "--workers", "2", url, folder=folder)
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
    result = run("run", "-q", "--workers", "1", "s.tar", folder=folder)
    assert "archived" in result.stderr


def test_a_script_from_a_server_reads_no_files(folder: Path, server: str) -> None:
    Pages.texts = {"/s.js": "open('./data.txt'); export default () => {};"}
    result = run("run", "-q", f"{server}/s.js", folder=folder)
    assert result.returncode == 107
    assert "code from the network cannot read files" in result.stderr


@pytest.mark.parametrize(
    ("language", "text", "name"),
    [
        (None, SCRIPT, "script"),
        (None, SCRIPT, "script.txt"),
        ("typescript", SCRIPT.replace("const text", "const text: string"), "a.txt"),
        ("javascript", SCRIPT, "script.ts"),
        ("python", f"def default():\n    print({PRINTED!r})", "script"),
    ],
)
def test_a_name_that_says_no_language(
    folder: Path, language: str | None, text: str, name: str
) -> None:
    (folder / name).write_text(text)
    script, archive = str(folder / name), folder / "a.tar"
    origin = Origin(language=None if language is None else Language(language))
    with closing(script_host(script, {}, origin)) as host:
        host.read(lambda *line: None)
        write_archive(
            archive,
            script=script,
            sources=cast("ArchivableHost", host).contents(),
            options={},
            environment={},
            language=host.known().language,
        )
        assert in_process(host).console == [PRINTED]
    (folder / name).unlink()
    with closing(script_host(str(archive), {})) as host:
        host.read(lambda *line: None)
        assert in_process(host).console == [PRINTED]


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
