"""Each scenario of the hostile server: what the script hears, what is counted, and when."""

import asyncio
import re
from pathlib import Path

import pytest
from default_settings import limits_with, network_with, tls_with, users_with
from safety_net import LIMIT_S
from script_runs import ENGINE

from gharial.executors.base import ScenarioPlan
from gharial.executors.per_vu_iterations import PerVuIterations
from gharial.javascript.host import JavaScriptHost
from gharial.lifecycle.control import Control
from gharial.lifecycle.local_load import LocalLoad
from gharial.metrics.registry import Registry
from gharial.net.network import Network
from gharial.servers.certificates import Certificates
from gharial.servers.echo import EchoServer
from gharial.servers.hostile import SCENARIOS, HostileServer, NoSuchScenarioError
from gharial.timing import system_clock
from gharial.virtual_user.blocking import Blocking
from gharial.virtual_user.context import RunContext, VuServices
from gharial.virtual_user.instruments import Measurements

PAGE = Path(__file__).parents[2] / "docs/explanation/hostile-servers.md"
LIMITS = limits_with(
    dial_timeout_s=1, tls_timeout_s=0.5, handshake_timeout_s=0.5, close_timeout_s=0.5
)

SCRIPT = """
import { sleep } from 'k6';
export function hostile() {
  const socket = new WebSocket(__ENV.HOSTILE, [], { compression: 'deflate' });
  const seen = [];
  let heard = 0;
  socket.onopen = () => {
    seen.push('open');
    if (__ENV.SAY) { for (let i = 0; i < 200; i += 1) socket.send('x'.repeat(100000)); }
    if (__ENV.CLOSE) setTimeout(() => socket.close(), 300);
  };
  socket.onmessage = () => {
    heard += 1;
    if (heard === 1) seen.push('message');
    if (__ENV.SLEEP && heard < 4) sleep(0.1);
    if (__ENV.SLEEP && heard === 4) socket.close();
  };
  socket.onerror = () => seen.push('error');
  socket.onclose = ({ code }) => console.log('hostile', seen.join(' '), 'close', code);
}
export function undisturbed() {
  const socket = new WebSocket(__ENV.ECHO);
  let rounds = 0;
  socket.onopen = () => socket.send('round');
  socket.onmessage = () => {
    rounds += 1;
    if (rounds < 20) setTimeout(() => socket.send('round'), 10); else socket.close();
  };
  socket.onclose = () => console.log('undisturbed', rounds);
}
"""


def meet(
    folder: Path,
    scenario: str,
    *,
    vus: int = 1,
    iterations: int = 1,
    is_secure: bool = False,
) -> tuple[list[str], Registry]:
    """Let some sockets meet a scenario, and another talk to an echo server meanwhile."""
    path = folder / "script.js"
    path.write_text(SCRIPT)
    host = JavaScriptHost(str(path), ENGINE, environment={})
    host.read(lambda *record: None)
    console: list[str] = []
    registry = Registry()

    async def main() -> None:
        certificates = Certificates() if is_secure else None
        async with (
            HostileServer(scenario, tls=certificates) as bad,
            EchoServer() as good,
        ):
            url = bad.url
            environment = {"HOSTILE": url, "ECHO": good.url}
            environment |= {"SLEEP": "1"} if scenario == "flood" else {}
            environment |= {"SAY": "1"} if scenario == "stops-reading" else {}
            if scenario in (
                "never-answers-close",
                "stops-reading",
                "shorter-than-said",
            ):
                environment["CLOSE"] = "1"
            loop, control = asyncio.get_running_loop(), Control()
            settings = network_with(
                limits=LIMITS, tls=tls_with(insecure_skip_tls_verify=True)
            )
            services = VuServices(
                event_loop=loop,
                clock=system_clock(),
                blocking=Blocking(loop),
                measurements=Measurements(registry),
                network=Network(settings),
                run=RunContext(environment=environment),
                settings=users_with(wind_down_s=2.0),
                log=lambda level, text, fields: console.append(text),
            )
            executors = [
                PerVuIterations(ScenarioPlan(name=name, export=name), count, each, 60.0)
                for name, count, each in (
                    ("hostile", vus, iterations),
                    ("undisturbed", 1, 1),
                )
            ]
            load = LocalLoad(host, services, executors, control)
            await load.prepare()
            await load.run(())
            load.close()
            await services.close()

    asyncio.run(asyncio.wait_for(main(), LIMIT_S))
    host.close()
    return console, registry


def rows() -> dict[str, tuple[str, str]]:
    """Return events and reason of each scenario, as the page tells them."""
    found = re.findall(
        r"^\| `([a-z0-9-]+)` \|[^|]*\|[^|]*\| ([^|]*) \| ([^|]*) \|$",
        PAGE.read_text("utf-8"),
        re.M,
    )
    return {
        name: (events.replace("`", "").strip(), reason.replace("`", "").strip())
        for name, events, reason in found
    }


def test_the_page_has_a_row_for_each_scenario() -> None:
    assert set(rows()) == set(SCENARIOS)


def reasons(registry: Registry) -> str:
    found = {
        tags.get("reason")
        for metric, tags, _ in registry.all_series()
        if metric.name == "ws_errors"
    }
    return ", ".join(sorted(str(reason) for reason in found)) or "none"


@pytest.mark.slow
@pytest.mark.parametrize("scenario", SCENARIOS)
def test_a_scenario_ends_as_the_page_says(tmp_path: Path, scenario: str) -> None:
    events, reason = rows()[scenario]
    console, registry = meet(tmp_path, scenario)
    assert f"hostile {events}" in [" ".join(line.split()) for line in console]
    assert reasons(registry) == reason
    # Whoever talks to another server meanwhile notices nothing.
    assert "undisturbed 20" in console


@pytest.mark.slow
def test_silence_after_tls_ends_too(tmp_path: Path) -> None:
    console, registry = meet(tmp_path, "silent", is_secure=True)
    assert "hostile error close 1006" in console
    assert reasons(registry) == "handshake_timeout"


def test_a_scenario_that_is_none_is_refused() -> None:
    with pytest.raises(NoSuchScenarioError, match='did you mean "flood"'):
        HostileServer("floods")
