"""``vuSetup`` and ``vuTeardown``: what lives as long as a virtual user."""

import asyncio
from pathlib import Path

import pytest
from default_settings import users_with
from script_runs import echo
from whole_runs import run_whole

from gharial.executors.base import ScenarioPlan
from gharial.executors.constant_vus import ConstantVus
from gharial.executors.per_vu_iterations import PerVuIterations
from gharial.executors.ramping_vus import RampingVus

THREE_EACH = [PerVuIterations(ScenarioPlan(), 2, 3, 600.0)]

JAVASCRIPT = """
let ws;
export function setup() { return { room: 'blue' }; }
export async function vuSetup(data) {
  ws = new WebSocket(__ENV.URL);
  await new Promise((resolve) => { ws.onopen = resolve; });
  console.log('in', data.room);
}
export default async function (data) {
  const answer = new Promise((resolve) => { ws.onmessage = resolve; });
  ws.send(`${data.room} ${__ITER}`);
  console.log((await answer).data);
}
export function vuTeardown(data) {
  console.log('out', data.room, ws.readyState);
}
export function teardown() { console.log('teardown'); }
"""

PYTHON = """
from gharial import WebSocket, env, log, vu

socket = None

def setup():
    return {"room": "blue"}

async def vu_setup(data):
    global socket
    socket = await WebSocket(env["URL"]).opened()
    log("in", data["room"])

async def default(data):
    socket.send(f"{data['room']} {vu.iteration}")
    log(await socket.receive())

def vu_teardown(data):
    log("out", data["room"], int(socket.ready_state))

def teardown():
    log("teardown")
"""


@pytest.mark.parametrize(("name", "source"), [("s.js", JAVASCRIPT), ("s.py", PYTHON)])
def test_a_socket_of_vu_setup_lives_over_all_iterations(
    tmp_path: Path, name: str, source: str
):
    ran = run_whole(tmp_path, name, source, THREE_EACH, echo)
    assert ran.errors == []
    assert sorted(ran.console[:-1]) == sorted(
        2 * ["in blue", "blue 0", "blue 1", "blue 2", "out blue 1"]
    )
    assert ran.console[-1] == "teardown"
    assert ran.total("ws_sessions") == 2
    assert ran.total("ws_close", code="1001") == 2
    assert ran.total("iterations") == 6


def test_what_the_server_sends_between_iterations_is_heard(tmp_path: Path):
    async def talk(connection):
        for number in range(20):
            await connection.send(str(number))
            await asyncio.sleep(0.01)
        await connection.wait_closed()

    source = """
    import { sleep } from 'k6';
    let heard = 0;
    export function vuSetup() {
      const ws = new WebSocket(__ENV.URL);
      ws.onmessage = () => { heard += 1; };
    }
    export default function () { sleep(0.1); }
    export function vuTeardown() { console.log(heard > 5); }
    """
    ran = run_whole(tmp_path, "s.js", source, THREE_EACH, talk)
    assert ran.console == ["true", "true"]


def test_intervals_of_vu_setup_go_on_and_timeouts_are_waited_for(tmp_path: Path):
    source = """
    import { sleep } from 'k6';
    let ticks = 0, order = [];
    export function vuSetup() {
      setInterval(() => { ticks += 1; }, 10);
      setTimeout(() => { order.push('timeout'); }, 30);
    }
    export default function () { order.push('iteration'); sleep(0.05); }
    export function vuTeardown() { console.log(order[0], order.length, ticks > 3); }
    """
    ran = run_whole(tmp_path, "s.js", source, THREE_EACH)
    assert ran.console == ["timeout 4 true", "timeout 4 true"]
    # What goes on as long as the VU is not cut off with a warning.
    assert [text for level, text, _ in ran.log if level > 20] == []


def test_an_iteration_whose_vu_setup_throws_has_failed_and_the_next_tries_again(
    tmp_path: Path,
):
    source = """
    let tries = 0;
    export function vuSetup() { if (++tries === 1) throw new Error('not yet'); }
    export default function () { console.log('ran', tries, __ITER); }
    export function vuTeardown() { console.log('out'); }
    """
    ran = run_whole(
        tmp_path, "s.js", source, [PerVuIterations(ScenarioPlan(), 1, 3, 600.0)]
    )
    assert ran.console == ["ran 2 1", "ran 2 2", "out"]
    assert "not yet" in ran.errors[0]
    assert ran.total("iterations") == 3


def test_a_failing_iteration_leaves_kept_sockets_open(tmp_path: Path):
    source = """
    let ws;
    export async function vuSetup() {
      ws = new WebSocket(__ENV.URL);
      await new Promise((resolve) => { ws.onopen = resolve; });
    }
    export default function () {
      if (__ITER === 0) throw new Error('once');
      console.log(ws.readyState);
    }
    """
    ran = run_whole(tmp_path, "s.js", source, THREE_EACH, echo)
    assert ran.console == ["1"] * 4
    assert ran.total("ws_close", code="1001") == 2


def test_an_iteration_that_waits_for_a_kept_socket_is_interrupted_in_time(
    tmp_path: Path,
):
    source = """
    let ws;
    export async function vuSetup() {
      ws = new WebSocket(__ENV.URL);
      await new Promise((resolve) => { ws.onopen = resolve; });
    }
    export default async function () {
      await new Promise((resolve) => { ws.onmessage = resolve; });
    }
    export function vuTeardown() { console.log('still', ws.readyState); }
    """
    plan = ScenarioPlan(graceful_stop_s=0.0)
    ran = run_whole(tmp_path, "s.js", source, [ConstantVus(plan, 1, 0.3)], echo)
    assert ran.console == ["still 1"]
    assert ran.total("ws_close", code="1001") == 1
    assert ran.total("iterations") == 0


def test_an_iteration_does_not_wait_for_a_kept_socket_that_was_lost(tmp_path: Path):
    async def leave(connection):
        await connection.recv()
        await connection.close(4001, "bye")

    source = """
    let ws;
    export async function vuSetup() {
      ws = new WebSocket(__ENV.URL);
      await new Promise((resolve) => { ws.onopen = resolve; });
    }
    export default async function () {
      ws.send('go');
      await new Promise((resolve) => { ws.onmessage = resolve; });
    }
    """
    executor = PerVuIterations(ScenarioPlan(), 1, 1, 600.0)
    ran = run_whole(tmp_path, "s.js", source, [executor], leave)
    assert ran.total("ws_close", code="4001") == 1
    assert ran.total("iterations") == 1


def test_a_vu_setup_that_does_not_end_is_cut_off(tmp_path: Path):
    source = """
    export function vuSetup() { setTimeout(() => {}, 60000); }
    export default function () { console.log('never'); }
    """
    ran = run_whole(
        tmp_path,
        "s.js",
        source,
        [PerVuIterations(ScenarioPlan(), 1, 1, 600.0)],
        settings=users_with(setup_timeout_s=0.1, wind_down_s=1.0),
    )
    assert "vuSetup() did not end within 100ms" in ran.errors[0]
    assert ran.console == []


def test_a_ramp_down_closes_the_sockets_that_it_takes_away(tmp_path: Path):
    open_now: set[object] = set()
    seen: list[int] = []

    async def count(connection):
        open_now.add(connection)
        await connection.wait_closed()
        open_now.discard(connection)

    source = """
    import { sleep } from 'k6';
    let ws;
    export async function vuSetup() {
      ws = new WebSocket(__ENV.URL);
      await new Promise((resolve) => { ws.onopen = resolve; });
    }
    export default function () { sleep(0.02); }
    """

    async def watch(control, load):
        await asyncio.sleep(0.6)
        seen.append(len(open_now))
        await asyncio.sleep(0.8)
        seen.append(len(open_now))

    line = ((0.0, 4), (0.8, 4), (0.0, 1), (1.2, 1))
    executor = RampingVus(ScenarioPlan(), 0, line, 1.0)
    ran = run_whole(tmp_path, "s.js", source, [executor], count, during=watch)
    assert seen == [4, 1]
    assert ran.total("ws_sessions") == 4


def test_tasks_that_vu_setup_leaves_running_go_on_in_python(tmp_path: Path):
    async def talk(connection):
        await asyncio.sleep(0.02)
        for number in range(10):
            await connection.send(str(number))
            await asyncio.sleep(0.01)
        await connection.wait_closed()

    source = """
import asyncio
from gharial import WebSocket, env, log, sleep

heard = []

async def read(socket):
    async for message in socket:
        heard.append(message)

async def vu_setup():
    asyncio.create_task(read(await WebSocket(env["URL"]).opened()))

def default():
    sleep(0.1)

def vu_teardown():
    log(len(heard))
"""
    ran = run_whole(tmp_path, "s.py", source, THREE_EACH, talk)
    assert ran.errors == []
    assert ran.console == ["10", "10"]
