"""Runs on machines with addresses of their own, in network namespaces."""

import subprocess
import sys
import threading

import pytest
from ray_namespaces import PORT, two_machines, why_not
from safety_net import LIMIT_S
from test_cluster import LOOPING, Running, gone, written

pytest.importorskip("ray")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.long,
    pytest.mark.alone,
    pytest.mark.skipif(bool(why_not()), reason=why_not()),
]

# It says who came, and closes: nobody can open a WebSocket there.
WHO = """
import socket
server = socket.create_server(("10.231.0.1", 9100), backlog=100)
print("ready", flush=True)
while True:
    connection, address = server.accept()
    print(address[0], flush=True)
    connection.close()
"""
CONNECTING = """
import { WebSocket } from 'k6/websockets';
export const options = { vus: 8, iterations: 40 };
export default function () {
  const socket = new WebSocket('ws://10.231.0.1:9100/');
  socket.onerror = () => {};
}
"""


@pytest.fixture(scope="module")
def machines(tmp_path_factory):
    with two_machines(tmp_path_factory.mktemp("machines")) as machines:
        yield machines


def run_on(machine, script, *arguments):
    where = ["--cluster", f"{machine.addresses[0]}:{PORT}", "--workers", "2"]
    gharial = [sys.executable, "-m", "gharial", "run", "-q", *where, *arguments]
    return machine.command(*gharial, str(script))


def test_each_machine_connects_from_all_addresses_of_its_own(machines, tmp_path):
    here, there = machines
    script = written(tmp_path, "script.js", CONNECTING)
    server = subprocess.Popen(
        here.command(sys.executable, "-c", WHO), stdout=subprocess.PIPE, text=True
    )
    timer = threading.Timer(LIMIT_S, server.kill)
    timer.start()
    try:
        assert server.stdout is not None
        assert server.stdout.readline() == "ready\n"
        ran = subprocess.run(
            run_on(here, script, "--local-ips", "auto"),
            capture_output=True,
            text=True,
            timeout=LIMIT_S,
            check=False,
        )
    finally:
        server.terminate()
        came, _ = server.communicate()
        timer.cancel()
    assert ran.returncode == 0, ran.stderr
    assert len(came.split()) == 40
    assert set(came.split()) == {*here.addresses, *there.addresses}


def test_a_machine_that_is_cut_off_is_noticed_and_stops_its_load(machines, tmp_path):
    here, there = machines
    running = Running.of(run_on(here, written(tmp_path, "script.js", LOOPING)))
    running.says('msg="working"', times=4)
    lonely = there.workers()
    assert len(lonely) == 1
    there.unplug()
    running.says("was silent for")
    assert gone(lonely, LIMIT_S)
    code, output = running.ended()
    assert code == 111, output
    assert "teardown ran" in output
    assert not here.workers()
