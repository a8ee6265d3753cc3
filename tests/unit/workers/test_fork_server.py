"""The fork server, in a process of its own: pytest's has threads, and is not forked."""

import json
import subprocess
import sys
from typing import Any

import pytest

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="workers are spawned there"),
]

HEAD = """
import json, os, random, signal, socket, sys, tempfile, threading, weakref
from gharial.process.interruption import interruption
from gharial.workers.fork_server import ForkServer

interruption.install()
held = open(os.devnull)

class Held:
    pass

kept = Held()
weakref.finalize(kept, print, "tidied up")
print("said once", end="")

def work(descriptor):
    with socket.socket(fileno=descriptor) as connection:
        order = connection.recv(100).decode()
        if order == "raise":
            raise ValueError("of a worker")
        if order == "wait":
            connection.send(b".")
            connection.recv(1)
        connection.send(json.dumps({
            "descriptors": len(os.listdir("/proc/self/fd")),
            "interrupt": signal.getsignal(signal.SIGINT) == signal.SIG_IGN,
            "mask": len(signal.pthread_sigmask(signal.SIG_BLOCK, [])),
            "random": random.random(),
            "threads": threading.active_count(),
            "stdin": sys.stdin.read(),
            "name": open("/proc/self/comm").read().strip(),
        }).encode())

def load():
    return work

def forked(server, order):
    ours, theirs = socket.socketpair()
    with theirs:
        worker = server.fork(theirs.fileno())
    ours.send(order.encode())
    return worker, ours
"""


def run(code: str) -> tuple[str, str]:
    """Run code after `HEAD`; return what it wrote to both streams."""
    ran = subprocess.run(
        [sys.executable, "-c", HEAD + code],
        input="not for workers",
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    return ran.stdout, ran.stderr


def test_workers_have_nothing_of_the_program_but_what_was_loaded() -> None:
    stdout, _ = run("""
server = ForkServer.start(load)
told = []
for _ in range(2):
    worker, connection = forked(server, "tell")
    told.append(json.loads(connection.recv(1000)))
    worker.join(60)
    assert (worker.exitcode, worker.is_alive()) == (0, False)
    worker.kill()
server.close()
print(json.dumps(told))
""")
    assert stdout.count("said once") == 1
    # Once, and at the end of the program: no worker tidies up for it.
    assert stdout.endswith("tidied up\n")
    assert stdout.count("tidied up") == 1
    told: list[dict[str, Any]] = json.loads(
        stdout.removeprefix("said once").splitlines()[0]
    )
    # The three streams, its connection, and the folder that it lists.
    assert [each["descriptors"] for each in told] == [5, 5]
    assert told[0]["random"] != told[1]["random"]
    for each in told:
        assert each["interrupt"]
        assert each["mask"] == 0
        assert each["threads"] == 1
        assert each["stdin"] == ""
        assert each["name"] == "gharial-worker"


def test_it_says_how_workers_end() -> None:
    stdout, stderr = run("""
server = ForkServer.start(load)
worker, _ = forked(server, "raise")
worker.join(60)
codes = [worker.exitcode]
worker, connection = forked(server, "wait")
connection.recv(1)
assert worker.is_alive()
worker.kill()
worker.join(60)
print("", *codes, worker.exitcode)
server.close()
""")
    assert "said once 1 -9\n" in stdout
    assert "ValueError: of a worker" in stderr


def test_without_it_no_worker_is_forked_and_none_is_waited_for() -> None:
    stdout, _ = run("""
server = ForkServer.start(load)
worker, connection = forked(server, "wait")
connection.recv(1)
os.kill(server._pid, signal.SIGKILL)
worker.join(60)
assert not worker.is_alive()
try:
    forked(server, "tell")
except OSError as error:
    print("", type(error).__name__)
server.close()
connection.send(b".")
""")
    assert "said once BrokenPipeError\n" in stdout


@pytest.mark.parametrize("what", ["error", "descriptors"])
def test_a_worker_that_cannot_be_forked_is_an_error(what: str) -> None:
    stdout, _ = run(f"""
import errno, resource
from gharial.workers import fork_server
def refused():
    if {what == "error"}:
        raise OSError(errno.EAGAIN, "no more processes")
    return fork()
fork = fork_server._fork
server = ForkServer.start(load) if {what != "error"} else None
if server is None:
    count = []
    def first_only():
        count.append(1)
        return fork() if len(count) == 1 else refused()
    fork_server._fork = first_only
    server = ForkServer.start(load)
else:
    soft = len(os.listdir("/proc/self/fd")) + 1
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, soft))
try:
    forked(server, "tell")
    forked(server, "tell")
    forked(server, "tell")
except OSError as error:
    print("", errno.errorcode[error.errno])
""")
    expected = {"error": "EAGAIN", "descriptors": "EMFILE"}[what]
    assert f"said once {expected}\n" in stdout


@pytest.mark.parametrize(
    "doubtful",
    [
        "threading.Thread(target=threading.Event().wait, daemon=True).start()",
        "del os.pidfd_open",
    ],
)
def test_where_it_would_be_dangerous_there_is_none(doubtful: str) -> None:
    stdout, _ = run(f"{doubtful}\nprint('', ForkServer.start(load))")
    assert "said once None\n" in stdout
