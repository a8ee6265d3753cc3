"""
The scripts of the how-to pages and of the reference run as they stand there.

A comment before a block says how: ``<!-- runs: NAME; against: SERVER; flags: …; shows: … -->``;
``<!-- file: NAME -->`` makes a block a file next to the scripts of its page.
"""

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml
from free_ports import free_port
from program import GHARIAL, environment, gharial
from safety_net import LIMIT_S
from shop_server import ShopServer

from gharial.servers.certificates import Certificates
from gharial.servers.chat import ChatServer
from gharial.servers.echo import EchoServer
from gharial.servers.server_thread import serving

PAGES = Path(__file__).resolve().parents[2] / "docs/how-to"
REFERENCE = PAGES.parent / "reference/javascript-api.md"
SERVERS = {"echo": EchoServer, "chat": ChatServer, "shop": ShopServer}
_BLOCK = re.compile(r"<!-- (runs|file): (.*?) -->\n```\w+\n(.*?)^```", re.DOTALL | re.M)

pytestmark = pytest.mark.slow


@dataclass(frozen=True)
class Script:
    name: str
    text: str
    against: str
    flags: tuple[str, ...]
    shows: str
    files: dict[str, str]


def scripts_of(page: Path) -> Iterator[Script]:
    blocks = _BLOCK.findall(page.read_text("utf-8"))
    files = {name: text for kind, name, text in blocks if kind == "file"}
    for kind, said, text in blocks:
        if kind == "runs":
            name, *rest = said.split("; ")
            facts = dict(each.split(": ", 1) for each in rest)
            flags = tuple(facts.get("flags", "").split())
            against = facts.get("against", "echo")
            yield Script(name, text, against, flags, facts["shows"], files)


SCRIPTS = [
    pytest.param(script, id=f"{page.stem}:{script.name}")
    for page in [*sorted(PAGES.glob("*.md")), REFERENCE]
    for script in scripts_of(page)
]


def test_the_pages_have_scripts() -> None:
    assert len(SCRIPTS) >= 22


@pytest.mark.parametrize("script", SCRIPTS)
def test_a_script_of_a_page_runs_as_it_stands(script: Script, tmp_path: Path) -> None:
    (tmp_path / script.name).write_text(script.text, "utf-8")
    for name, text in script.files.items():
        (tmp_path / name).write_text(text, "utf-8")
    with serving(SERVERS[script.against]()) as server:
        run = gharial(
            *("run", "--no-color", "-e", f"URL={server.url}", *script.flags),
            str(tmp_path / script.name),
        )
    said = run.stdout + run.stderr
    assert run.returncode == 0, said
    assert script.shows in said, said
    assert "level=error" not in said, said


def pipelines() -> list[str]:
    text = (PAGES / "ci.md").read_text("utf-8")
    return re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)


@pytest.mark.parametrize("pipeline", pipelines(), ids=["github", "gitlab"])
def test_a_pipeline_of_the_page_is_one_and_its_run_runs(
    pipeline: str, tmp_path: Path
) -> None:
    read = yaml.safe_load(pipeline)
    job = read.get("jobs", read)["load-test"]
    lines = job.get("script") or [step.get("run", "") for step in job["steps"]]
    [command] = [line for line in lines if line.startswith("gharial run ")]
    arguments = [each for each in command.split()[1:] if not each.startswith("URL=")]
    arguments = [each for each in arguments if each != "-e"]
    [script] = [each for each in arguments if each.endswith(".js")]
    (tmp_path / script).write_text(
        "export default () => { const socket = new WebSocket(__ENV.URL);"
        " socket.onopen = () => socket.close(); };"
        "export const options = { thresholds: { ws_errors: ['count==0'] } };"
    )
    with serving(EchoServer()) as server:
        run = gharial(
            *arguments,
            *("-e", f"URL={server.url}"),
            cwd=tmp_path,
            GITHUB_STEP_SUMMARY=str(tmp_path / "page.md"),
        )
    assert run.returncode == 0, run.stdout + run.stderr
    assert (tmp_path / "report.html").is_file()
    page = (tmp_path / ("page.md" if "jobs" in read else "junit.xml")).read_text(
        "utf-8"
    )
    assert "ws_errors" in page.replace("\\", "")


PROBE = """
export default function () {
  const sockets = Array.from({ length: Number(__ENV.COUNT || 1) }, connect);
  setTimeout(() => sockets.forEach((socket) => socket.close()), 3000);
}
function connect() {
  const socket = new WebSocket(__ENV.URL);
  socket.onopen = () => socket.send('x'.repeat(2000));
  socket.onmessage = () => Number(__ENV.COUNT) || socket.close();
  return socket;
}
"""


def messages_of_the_page() -> list[str]:
    text = (PAGES / "troubleshoot.md").read_text("utf-8")
    return re.findall(r"^\| `([^`]+)` \|", text, re.M)


@contextmanager
def cause_of(message: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Be a server that makes clients say a message; yield its URL and the run's flags."""
    broken = {
        "closed the connection without an answer (EOF)": "eof",
        "close 1006 (abnormal closure)": "cut",
        "close 1009 (message too big)": "small",
        "status 401 Unauthorized": "ws",
        "status 403 Forbidden": "forbidden",
    }
    flags = {
        "a message is larger than": ("--max-message-size", "1000"),
        "too many open files": ("-e", "COUNT=400"),
    }
    if message == "connect: connection refused":
        yield f"ws://127.0.0.1:{free_port()}/", ()
    elif message == "no such host":
        yield "ws://no-such-host.invalid/", ()
    elif message in broken:
        with serving(ShopServer()) as shop:
            yield f"{shop.url}/{broken[message]}", ()
    elif "does this port speak TLS" in message:
        with serving(ShopServer()) as shop:
            yield shop.url.replace("http:", "wss:"), ()
    elif message == "unable to get local issuer certificate":
        with serving(EchoServer(tls=Certificates())) as server:
            yield server.url, ()
    else:
        with serving(EchoServer()) as server:
            yield server.url, flags.get(message, ())


def run_with_few_files(*arguments: str) -> subprocess.CompletedProcess[str]:
    ours = ["bash", "-c", 'ulimit -n 200; exec "$@"', "limited", *GHARIAL]
    return subprocess.run(
        [*ours, *arguments],
        env=environment(),
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        check=False,
    )


@pytest.mark.parametrize("message", messages_of_the_page())
def test_the_message_of_a_cause_is_the_one_on_the_page(
    message: str, tmp_path: Path
) -> None:
    script = tmp_path / "probe.js"
    script.write_text(PROBE)
    with cause_of(message) as (url, flags):
        start = run_with_few_files if "open files" in message else gharial
        run = start(
            *("run", "--no-color", "-u", "1", "-i", "1", "--workers", "1"),
            *("-e", f"URL={url}", *flags, str(script)),
        )
    assert message in run.stdout + run.stderr, run.stdout + run.stderr


def test_the_kinds_of_tests_are_all_valid(tmp_path: Path) -> None:
    [script] = scripts_of(PAGES / "kinds-of-tests.md")
    (tmp_path / script.name).write_text(script.text, "utf-8")
    kinds = re.findall(r"^  (\w+): (?:ramp\(|\{)", script.text, re.M)
    assert len(kinds) >= 6
    for kind in kinds:
        shown = gharial("inspect", "-e", f"KIND={kind}", str(tmp_path / script.name))
        assert shown.returncode == 0, shown.stderr
        assert f'"{kind}"' in shown.stdout


@pytest.mark.skipif(sys.platform == "win32", reason="the prompt reads what is typed")
def test_a_script_in_python_stops_at_a_breakpoint(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(
        "async def default():\n    number = 41\n    breakpoint()\n    return\n"
    )
    run = subprocess.run(
        [
            *GHARIAL,
            *["run", "-u", "1", "-i", "1", "--workers", "1", "--quiet"],
            str(script),
        ],
        input="p number + 1\nc\n",
        env=environment(),
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        check=False,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    assert "(Pdb) 42" in run.stdout
