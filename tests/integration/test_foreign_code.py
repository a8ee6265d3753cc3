"""What code that came over the network, or in an archive, cannot reach."""

import io
import json
import subprocess
import tarfile
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import pytest
from program import gharial

from gharial.servers.certificates import Certificates

pytestmark = pytest.mark.slow


class Pages(BaseHTTPRequestHandler):
    """Serves modules; ``/away`` leads on to where there is no TLS."""

    texts: ClassVar[dict[str, str]] = {}

    def do_GET(self) -> None:
        if self.path == "/away.js":
            self.send_response(302)
            self.send_header("Location", "http://127.0.0.1:1/x.js")
            self.end_headers()
            return
        body = self.texts[self.path].encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments: object) -> None: ...


@pytest.fixture(scope="module")
def origin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """Serve modules over TLS; give the origin, and a file with its authority."""
    certificates = Certificates()
    authority = certificates.write_ca(tmp_path_factory.mktemp("ca") / "ca.pem")
    server = ThreadingHTTPServer(("127.0.0.1", 0), Pages)
    server.socket = certificates.server_context().wrap_socket(
        server.socket, server_side=True
    )
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"https://127.0.0.1:{server.server_port}", str(authority)
    server.shutdown()
    server.server_close()


def run(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return gharial("run", "-q", *arguments, **variables)


@pytest.mark.parametrize(
    ("remote", "problem"),
    [
        ("export const found = open('SECRET');", "cannot read files"),
        (
            "export const found = ['SECRET'].map((one) => open(one))[0];",
            "cannot read files",
        ),
        ("export const found = ['SECRET'].map(open)[0];", "cannot read files"),
        (
            "export const found = await Promise.resolve('SECRET').then(open);",
            "cannot read files",
        ),
        (
            "Error.prepareStackTrace = () => '    at x (SCRIPT:1:1)';"
            "export const found = open('SECRET');",
            "cannot read files",
        ),
        (
            "const f = () => open('SECRET');"
            "Object.defineProperty(f, 'name', { value: 'x (SCRIPT:1:1)' });"
            "export const found = f();",
            "cannot read files",
        ),
        (
            "export const found = new Function('return open(`SECRET`)')();",
            "cannot read files",
        ),
        (
            "export { default as found } from 'file://SECRET';",
            "must not import a local",
        ),
        # A path is one of the server that the module came from.
        ("export { default as found } from 'SECRET';", 'cannot import "https://'),
        (
            "export const { default: found } = await import('SECRET');",
            'cannot import "https://',
        ),
        (
            "export const { default: found } = await import(['SECRET'].join());",
            "must not import a local file",
        ),
    ],
)
def test_a_remote_module_reads_no_local_file(
    tmp_path: Path, origin: tuple[str, str], remote: str, problem: str
) -> None:
    secret, script = tmp_path / "secret.json", tmp_path / "script.js"
    secret.write_text('"treasure"')
    remote = remote.replace("SECRET", str(secret)).replace("SCRIPT", str(script))
    Pages.texts["/remote.js"] = remote
    script.write_text(
        f"import {{ found }} from '{origin[0]}/remote.js';"
        "export default () => console.log(found);"
    )
    ran = run(str(script), SSL_CERT_FILE=origin[1])
    assert ran.returncode == 107, ran.stderr
    assert problem in ran.stderr
    assert "treasure" not in ran.stderr


def test_a_local_script_reads_its_files_beside_a_remote_module(
    tmp_path: Path, origin: tuple[str, str]
) -> None:
    Pages.texts["/good.js"] = "export { more } from './more.js';"
    Pages.texts["/more.js"] = "export const more = (text) => text.trim();"
    (tmp_path / "words.txt").write_text(" words ")
    (tmp_path / "data.json").write_text('{"a": 1}')
    (tmp_path / "script.js").write_text(
        f"import {{ more }} from '{origin[0]}/good.js';"
        "import { SharedArray } from 'k6/data';"
        "import data from './data.json';"
        "const words = new SharedArray('w', () => [more(open('./words.txt'))]);"
        "export default () => console.log(words[0], data.a);"
    )
    ran = run("--log-format=raw", str(tmp_path / "script.js"), SSL_CERT_FILE=origin[1])
    assert ran.stderr == "words 1\n"
    assert ran.returncode == 0


def test_a_module_does_not_lead_away_from_tls(
    tmp_path: Path, origin: tuple[str, str]
) -> None:
    script = tmp_path / "script.js"
    script.write_text(f"import '{origin[0]}/away.js'; export default () => {{}};")
    ran = run(str(script), SSL_CERT_FILE=origin[1])
    assert ran.returncode == 107
    assert (
        "it redirects to http://127.0.0.1:1/x.js, which is not an https:" in ran.stderr
    )
    assert f"(imported at {script}:1)" in ran.stderr


def archived(folder: Path, script: str, **options: object) -> Path:
    """Return an archive with a script and these options."""
    metadata = {
        "format": 1,
        "script": "files/script.js",
        "names": {"/elsewhere/script.js": "files/script.js"},
        "options": options,
        "environment": {},
    }
    path = folder / "test.tar"
    with tarfile.open(path, "w") as tar:
        for name, text in (
            ("metadata.json", json.dumps(metadata)),
            ("files/script.js", script),
        ):
            info = tarfile.TarInfo(name)
            info.size = len(text)
            tar.addfile(info, io.BytesIO(text.encode()))
    return path


@pytest.mark.parametrize(
    ("script", "problem"),
    [
        ("const found = open('SECRET');", "can read only what is in the archive"),
        ("const found = open('../../../../../../../SECRET');", "can read only what is"),
        ("import found from 'SECRET';", "can import only what is in the archive"),
        (
            "import found from 'file://SECRET';",
            "can import only what is in the archive",
        ),
        (
            "const { default: found } = await import('SECRET');",
            "can import only what is",
        ),
    ],
)
def test_a_script_in_an_archive_stays_inside(
    tmp_path: Path, script: str, problem: str
) -> None:
    secret = tmp_path / "secret.json"
    secret.write_text('"treasure"')
    script = script.replace("SECRET", str(secret))
    path = archived(tmp_path, f"{script} export default () => console.log(found);")
    ran = run(str(path))
    assert ran.returncode == 107, ran.stderr
    assert problem in ran.stderr
    assert "treasure" not in ran.stderr


def test_an_archive_does_not_say_where_the_console_goes(tmp_path: Path) -> None:
    target = tmp_path / "target.txt"
    path = archived(
        tmp_path,
        "export default () => console.log('said');",
        consoleOutput=str(target),
    )
    ran = run(str(path))
    assert ran.returncode == 0, ran.stderr
    assert not target.exists()
    assert "consoleOutput (script options): has no effect in a script" in ran.stderr
