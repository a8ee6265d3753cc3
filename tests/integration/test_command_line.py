"""The program as users start it: its output, its mistakes' messages, its exit codes."""

import base64
import hashlib
import json
import os
import pty
import re
import select
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from program import GHARIAL, environment, gharial
from safety_net import LIMIT_S

from gharial.process.build import IS_POSIX_COMPILED
from gharial.process.interruption import SAME_S

pytestmark = pytest.mark.slow

ENDLESS = """
import { WebSocket } from 'k6/websockets';
export const options = { vus: 2, duration: '1h' };
export default function () {
  const socket = new WebSocket(__ENV.URL);
  socket.onopen = () => { console.log('is open'); setInterval(() => 0, 1000); };
}
"""
ECHO = """
import { check } from 'k6';
import { WebSocket } from 'k6/websockets';
export default function () {
  const socket = new WebSocket(__ENV.URL);
  socket.onopen = () => socket.send('hello');
  socket.onmessage = (event) => {
    check(event.data, { 'is echoed': (data) => data === 'hello' });
    console.log(`got ${event.data}`);
    socket.close();
  };
  socket.onerror = (event) => console.error(`failed: ${event.error}`);
}
"""


@contextmanager
def _serving(*arguments: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    process = subprocess.Popen(
        [*GHARIAL, "serve", *arguments],
        env=environment(PYTHONUNBUFFERED="1"),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdout is not None
    with closing(process.stdout):
        try:
            line = process.stdout.readline()
            yield process, line.removeprefix("listening at ").strip()
        finally:
            process.kill()
            process.wait()


@contextmanager
def _silent_server() -> Iterator[str]:
    """Serve an upgrade to everybody, and then nothing at all, not even a close frame."""
    held: list[socket.socket] = []

    def serve(listener: socket.socket) -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            held.append(client)
            request = client.recv(65536).decode()
            key = re.search(r"(?i)sec-websocket-key: (\S+)", request)
            assert key is not None
            text = key[1] + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
            accept = base64.b64encode(hashlib.sha1(text.encode()).digest()).decode()
            client.sendall(
                b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                b"Connection: Upgrade\r\nSec-WebSocket-Accept: "
                + accept.encode()
                + b"\r\n\r\n"
            )

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve, args=(listener,), daemon=True)
        thread.start()
        try:
            yield f"ws://127.0.0.1:{listener.getsockname()[1]}/"
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join(LIMIT_S)
            for client in held:
                client.close()


def _start(script: Path, url: str, *flags: str) -> subprocess.Popen[str]:
    """Start an endless run; return once its sockets are open."""
    process = subprocess.Popen(
        [*GHARIAL, "run", "-e", f"URL={url}", *flags, str(script)],
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    for _ in range(2):
        assert "is open" in process.stderr.readline()
    return process


@pytest.fixture
def endless(tmp_path: Path) -> Path:
    script = tmp_path / "endless.js"
    script.write_text(ENDLESS)
    return script


@pytest.fixture
def echo_script(tmp_path: Path) -> Path:
    script = tmp_path / "echo.js"
    script.write_text(ECHO)
    return script


@pytest.mark.parametrize(
    ("name", "text", "flags", "code", "messages"),
    [
        pytest.param(
            "script.js",
            "export default function () {\n  const x = ;\n}\n",
            [],
            107,
            ["SyntaxError", "script.js:2:13", "2 |   const x = ;", "^"],
            id="syntax error in JavaScript",
        ),
        pytest.param(
            "script.py",
            "def default(:\n    pass\n",
            [],
            107,
            ["SyntaxError", "script.py:1:13", "def default(:", "^"],
            id="syntax error in Python",
        ),
        pytest.param(
            "script.js",
            "export const options = {};",
            [],
            107,
            ["exports no function", "export default function"],
            id="no exported function",
        ),
        pytest.param(
            "script.py",
            "options = {}",
            [],
            107,
            ["no public function", "def default()"],
            id="no public function",
        ),
        pytest.param(
            "script.js",
            "import ws from 'k6/websocket';\nexport default function () {}",
            [],
            107,
            ['unknown module "k6/websocket"; did you mean "k6/websockets"?'],
            id="unknown module",
        ),
        pytest.param(
            "script.js",
            "throw new Error('at start');\nexport default () => 0;",
            [],
            107,
            ["Error: at start", "script.js:1:"],
            id="exception at start",
        ),
        pytest.param(
            "script.js",
            "export const options = { vus: 'many', scenarios: { a: {} } };"
            "export default () => 0;",
            [],
            104,
            ["vus (script options): 'many' is not", "scenarios.a.executor"],
            id="bad script options, all told",
        ),
        pytest.param(
            "script.js",
            "export const options = { thresholds: { checks: ['rate>'] } };"
            "export default () => 0;",
            [],
            104,
            ["threshold"],
            id="bad threshold",
        ),
        pytest.param(
            "script.js",
            "export default () => 0;",
            ["-d", "5parsecs"],
            104,
            ["duration (flag --duration): '5parsecs' is not a duration", "'30s'"],
            id="bad duration",
        ),
        pytest.param(
            "script.js",
            "export default () => 0;",
            ["-u", "many"],
            104,
            ["vus (flag --vus): 'many' is not a whole number"],
            id="bad number",
        ),
        pytest.param(
            "script.js",
            "export default () => 0;",
            ["-e", "NAME"],
            104,
            ["-e 'NAME': expected NAME=value"],
            id="variable without a value",
        ),
        pytest.param(
            "script.js",
            "export default () => 0;",
            ["--iteratons", "3"],
            104,
            ['there is no option --iteratons; did you mean "--iterations"?'],
            id="unknown flag",
        ),
        pytest.param(
            "script.js",
            "export default () => 0;",
            ["--ca-cert", "missing.pem"],
            104,
            ["missing.pem"],
            id="missing certificate",
        ),
        pytest.param(
            "script.js",
            "export default () => 0;",
            ["--hosts", "example.com"],
            104,
            ["hosts (flag --hosts)", "name=value"],
            id="bad host",
        ),
        pytest.param(
            "script.txt",
            "hello",
            ["--language", "perl"],
            104,
            ["'--language': 'perl' is not one of 'javascript', 'typescript', 'python'"],
            id="language",
        ),
        pytest.param(
            "scrpt.js",
            "",
            [],
            104,
            ["there is no script 'script.js'; did you mean \"scrpt.js\"?"],
            id="missing file",
        ),
    ],
)
def test_a_mistake_gets_one_clear_message_and_its_exit_code(
    name: str,
    text: str,
    flags: list[str],
    code: int,
    messages: list[str],
    tmp_path: Path,
) -> None:
    (tmp_path / name).write_text(text)
    script = "script.js" if name == "scrpt.js" else name
    result = gharial("run", *flags, script, cwd=tmp_path)
    assert result.returncode == code
    for message in messages:
        assert message in result.stderr
    assert result.stderr.startswith("gharial")
    assert "Traceback" not in result.stderr
    assert result.stdout == ""


def test_a_bad_url_fails_the_iteration_with_its_place(tmp_path: Path) -> None:
    script = tmp_path / "script.js"
    script.write_text(
        "import { WebSocket } from 'k6/websockets';\n"
        "export default function () { new WebSocket('htp://example.com/'); }\n"
    )
    result = gharial("run", "-q", str(script))
    assert result.returncode == 0
    assert "SyntaxError" in result.stderr
    assert "script.js:2:" in result.stderr
    assert "iterations" in result.stdout


def test_an_unreachable_server_is_told_and_counted(echo_script: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"ws://127.0.0.1:{free.getsockname()[1]}/"
        result = gharial("run", "-q", "-e", f"URL={url}", str(echo_script))
    assert result.returncode == 0
    assert "connection refused" in result.stderr
    assert re.search(r"ws_errors\.*: 1 ", result.stdout)


def test_a_certificate_is_checked_and_its_authority_can_be_named(
    echo_script: Path, tmp_path: Path
) -> None:
    ca_file = str(tmp_path / "ca.pem")
    with _serving("echo", "--port", "0", "--tls", "--ca-file", ca_file) as (_, url):
        assert url.startswith("wss://127.0.0.1:")
        run = ("run", "-q", "-e", f"URL={url}", str(echo_script))
        refused = gharial(*run)
        trusted = gharial(*run, "--ca-cert", ca_file)
        unchecked = gharial(*run, "--insecure-skip-tls-verify")
    assert "--ca-cert" in refused.stderr
    assert re.search(r"ws_errors\.*: 1 ", refused.stdout)
    for accepted in (trusted, unchecked):
        assert "got hello" in accepted.stderr
        assert "ws_errors" not in accepted.stdout


def test_a_port_in_use_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        for kind in ("echo", "chat"):
            result = gharial("serve", kind, "--port", port)
            assert result.returncode == 104
            assert f"cannot listen on 127.0.0.1:{port}" in result.stderr
            assert "in use" in result.stderr


@pytest.mark.parametrize("kind", ["echo", "chat"])
def test_a_server_ends_in_order_with_ctrl_c(kind: str) -> None:
    with _serving(kind, "--port", "0") as (process, url):
        assert url.startswith("ws://127.0.0.1:")
        process.send_signal(signal.SIGINT)
        assert process.wait(LIMIT_S) == 0


def test_a_run_shows_header_progress_summary_and_writes_its_export(
    echo_script: Path, tmp_path: Path
) -> None:
    export = tmp_path / "summary.json"
    with _serving("echo", "--port", "0") as (_, url):
        result = gharial(
            *("run", "-u", "2", "-i", "4", "-e", f"URL={url}"),
            *("--summary-export", str(export), str(echo_script)),
        )
    assert result.returncode == 0
    assert "execution: local, JavaScript" in result.stdout
    assert "* default: 4 iterations shared among 2 VUs" in result.stdout
    assert "done (" in result.stdout
    assert re.search(r"ws_msgs_received\.*: 4 ", result.stdout)
    assert result.stderr.count('level=info msg="got hello"') == 4
    exported = json.loads(export.read_text("utf-8"))
    assert exported["metrics"]["ws_msgs_sent"]["count"] == 4
    assert "\x1b" not in result.stdout + result.stderr


@pytest.mark.slow
@pytest.mark.parametrize(("flags", "told"), [((), "false"), (("--no-color",), "true")])
def test_handle_summary_knows_whether_colours_are_wanted(
    tmp_path: Path, flags: tuple[str, ...], told: str
) -> None:
    script = tmp_path / "summary.js"
    script.write_text(
        """
        export default () => {};
        export const handleSummary = (data) => ({ stdout: `${data.options.noColor}` });
        """,
        "utf-8",
    )
    result = gharial("run", "-q", "--workers", "1", *flags, str(script))
    assert result.stdout == told


def test_quiet_leaves_only_the_summary(echo_script: Path) -> None:
    with _serving("echo", "--port", "0") as (_, url):
        result = gharial(
            *("run", "-q", "--log-format", "json", "-e", f"URL={url}"),
            str(echo_script),
        )
    assert "execution:" not in result.stdout
    assert "TOTAL RESULTS" in result.stdout
    record = json.loads(result.stderr)
    assert (record["level"], record["msg"]) == ("info", "got hello")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_one_signal_ends_a_run_with_summary_and_code_105(
    number: signal.Signals, endless: Path
) -> None:
    with _serving("echo", "--port", "0") as (_, url):
        process = _start(endless, url, "-q")
        process.send_signal(number)
        out, err = process.communicate(timeout=LIMIT_S)
    assert process.returncode == 105
    assert f"stopped by {number.name}" in err
    assert "Traceback" not in err
    assert "TOTAL RESULTS" in out
    # Both sockets were closed in order, and both sessions counted.
    assert re.search(r"ws_close\.*: 2 ", out)


def test_a_second_ctrl_c_ends_a_run_at_once(endless: Path) -> None:
    with _silent_server() as url:
        # The server does not answer our close frames: the run would wait for an hour.
        process = _start(endless, url, "-q", "--close-timeout", "1h")
        process.send_signal(signal.SIGINT)
        assert process.stderr is not None
        assert "stopping gracefully" in process.stderr.readline()
        # Sooner, it would be taken for the same one, come by two ways.
        time.sleep(2 * SAME_S)
        assert process.poll() is None
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=LIMIT_S)
    assert process.returncode == 105
    assert "Traceback" not in err


def test_ctrl_c_while_a_script_is_read_ends_at_once(tmp_path: Path) -> None:
    script = tmp_path / "script.js"
    script.write_text("console.log('reading'); for (;;);\nexport default () => 0;")
    process = subprocess.Popen(
        [*GHARIAL, "run", str(script)],
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    assert "reading" in process.stderr.readline()
    process.send_signal(signal.SIGINT)
    try:
        _, err = process.communicate(timeout=LIMIT_S)
    finally:
        process.kill()
    assert process.returncode == 105
    assert "Traceback" not in err


def test_a_reader_that_goes_away_is_no_mistake(echo_script: Path) -> None:
    with _serving("echo", "--port", "0") as (_, url):
        process = subprocess.Popen(
            [*GHARIAL, "run", "-e", f"URL={url}", str(echo_script)],
            env=environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert process.stdout is not None
        process.stdout.close()
        assert process.stderr is not None
        with closing(process.stderr):
            err = process.stderr.read()
            assert process.wait(LIMIT_S) == 0
    assert "Broken" not in err
    assert "Traceback" not in err


def test_on_a_terminal_bars_are_drawn_and_log_lines_scroll_above(
    echo_script: Path,
) -> None:
    with _serving("echo", "--port", "0") as (_, url):
        shown = _on_a_terminal("run", "-i", "2", "-e", f"URL={url}", str(echo_script))
    text = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", shown)
    assert re.search(r"INFO\[\d{4}\] got hello\r\n", text)
    assert re.search(r"✓ default ━+ 100% +\d/1 VUs .* 2/2 iters", text)
    assert text.index("got hello") < text.rindex("done (") < text.index("TOTAL RESULTS")
    assert "\x1b[3" in shown
    assert shown.rindex("\x1b[?25h") > shown.rfind("\x1b[?25l")


def test_on_a_terminal_colours_can_be_switched_off(echo_script: Path) -> None:
    with _serving("echo", "--port", "0") as (_, url):
        shown = _on_a_terminal(
            "run", "-e", f"URL={url}", str(echo_script), "--no-color"
        )
    assert "TOTAL RESULTS" in shown
    assert not re.search(r"\x1b\[[0-9;]*3[0-9]m", shown)


def test_the_demo_runs_by_itself_in_less_than_half_a_minute() -> None:
    result = gharial("demo")
    assert result.returncode == 0, result.stderr
    assert "says:" in result.stderr
    assert re.search(r"ws_sessions\.*: 40 ", result.stdout)
    assert "ws_errors" not in result.stdout
    assert "A chat server listens at wss://127.0.0.1:" in result.stdout


def _on_a_terminal(*arguments: str) -> str:
    controller, terminal = pty.openpty()
    process = subprocess.Popen(
        [*GHARIAL, *arguments],
        env=environment(TERM="xterm-256color", COLUMNS="120", LINES="40"),
        stdin=terminal,
        stdout=terminal,
        stderr=terminal,
        close_fds=True,
    )
    os.close(terminal)
    shown = b""
    deadline_s = time.monotonic() + LIMIT_S
    try:
        while time.monotonic() < deadline_s:
            if not select.select([controller], [], [], 0.1)[0]:
                continue
            try:
                data = os.read(controller, 65536)
            except OSError:
                break
            if not data:
                break
            shown += data
    finally:
        os.close(controller)
        process.kill()
        process.wait()
    return shown.decode()


MANY_SOCKETS = {
    "s.js": """
const SOCKETS = 150;
export default function () {
  let failed = 0;
  const open = [];
  const end = () => {
    if (failed + open.length < SOCKETS) return;
    console.log(`all told: ${failed > 0 && open.length > 0}`);
    for (const socket of open) socket.close();
  };
  for (let i = 0; i < SOCKETS; i += 1) {
    const socket = new WebSocket(__ENV.URL);
    socket.onopen = () => { open.push(socket); end(); };
    socket.onerror = ({ error }) => { failed += error.includes('too many open files'); end(); };
  }
}
""",
    "s.py": """
from gharial import WebSocket, env, log

SOCKETS = 150

def default():
    failed, opened = [], []

    def end():
        if len(failed) + len(opened) == SOCKETS:
            log(f"all told: {bool(failed and opened)}".lower())
            for each in opened:
                each.close()

    def on_error(event):
        if "too many open files" in str(event.error):
            failed.append(event)
        end()

    for _ in range(SOCKETS):
        socket = WebSocket(env["URL"])
        socket.on_open = lambda event, socket=socket: (opened.append(socket), end())
        socket.on_error = on_error
""",
}


@pytest.mark.skipif(os.name == "nt", reason="there are no descriptors to run out of")
@pytest.mark.parametrize("name", MANY_SOCKETS)
def test_without_free_descriptors_each_socket_that_fails_says_so(
    tmp_path: Path, name: str
) -> None:
    script = tmp_path / name
    script.write_text(MANY_SOCKETS[name])
    with _serving("echo", "--port", "0") as (_, url):
        done = subprocess.run(
            [
                *("sh", "-c", 'ulimit -n 100; exec "$@"', "sh"),
                *(*GHARIAL, "run", "--workers", "1", "-e", f"URL={url}", str(script)),
            ],
            env=environment(),
            capture_output=True,
            text=True,
            timeout=LIMIT_S,
            check=False,
        )
    assert "all told: true" in done.stderr, done.stderr
    assert "(lost)" not in done.stdout, done.stdout
    assert done.returncode == 0


def test_a_loop_of_long_calls_of_the_engine_is_stopped(tmp_path: Path) -> None:
    script = tmp_path / "s.js"
    # The engine asks its watchdog after ten thousand steps: here, after minutes.
    script.write_text(
        """export default function () {
          if (__ITER === 0) for (;;) 'x'.repeat(3e7).indexOf('y');
          console.log('goes on');
        }"""
    )
    if not IS_POSIX_COMPILED:
        pytest.skip("it is not compiled here")
    done = gharial("run", "-i", "2", "--callback-timeout", "1s", str(script))
    assert "ran for more than 1s without a pause" in done.stderr, done.stderr
    assert "goes on" in done.stderr
    assert done.returncode == 0
