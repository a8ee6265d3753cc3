"""The option ``sockets`` over real sockets, in both languages and by several workers."""

import json
from pathlib import Path

import pytest
from default_settings import users_with
from program import gharial
from script_runs import Run, echo, javascript, run
from servers import serving_echo

from gharial.options.model import Options
from gharial.python.host import PythonHost
from gharial.virtual_user.virtual_user import ScriptHost

JAVASCRIPT = """
export default function () {
  const socket = new WebSocket(__ENV.URL, []);
  socket.onopen = () => { console.log(socket.extensions); socket.close(); };
}
"""
LEGACY = """
import ws from 'k6/ws';
export default function () {
  ws.connect(__ENV.URL, (socket) => { console.log('permessage-deflate'); socket.close(); });
}
"""
PYTHON = """
from gharial import WebSocket, env, log

async def default():
    async with WebSocket(env["URL"]) as socket:
        log(socket.extensions)
"""
SCRIPTS = {"a.js": JAVASCRIPT, "old.js": LEGACY, "a.py": PYTHON}


@pytest.fixture(params=SCRIPTS)
def host(request: pytest.FixtureRequest, tmp_path: Path) -> ScriptHost:
    """Return a script that opens a socket."""
    name = request.param
    if name.endswith(".js"):
        return javascript(tmp_path, SCRIPTS[name], name)
    (tmp_path / name).write_text(SCRIPTS[name], "utf-8")
    host = PythonHost(str(tmp_path / name), environment={})
    host.read(lambda *record: None)
    return host


def names(result: Run) -> set[tuple[str | None, str | None]]:
    return {
        (tags.get("url"), tags.get("name"))
        for metric, tags, _ in result.registry.all_series()
        if metric.name == "ws_sessions"
    }


def test_a_rule_names_and_configures_the_sockets_it_matches(host: ScriptHost) -> None:
    given = Options.read(
        {
            "sockets": [
                {
                    "match": "ws://127.0.0.1:*/path",
                    "name": "hub",
                    "tags": {"a": "b"},
                    "compression": "deflate",
                }
            ]
        }
    )
    result = run(host, echo, settings=users_with(sockets=given.sockets))
    assert not result.errors
    assert names(result) == {("hub", "hub")}
    assert result.total("ws_sessions", a="b") == 1
    assert "permessage-deflate" in result.console[0]


@pytest.mark.parametrize("keeps", [False, True])
def test_the_query_is_a_part_of_tags_only_if_wanted(
    host: ScriptHost, *, keeps: bool
) -> None:
    result = run(host, echo, settings=users_with(tag_url_query=keeps))
    ((url, name),) = names(result)
    assert url == name
    assert str(url).endswith("/path?x=1" if keeps else "/path")


@pytest.mark.slow
def test_a_rule_that_nothing_matched_is_reported_over_all_workers(
    tmp_path: Path,
) -> None:
    (tmp_path / "a.js").write_text(JAVASCRIPT, "utf-8")
    with serving_echo() as server:
        url = server.url
        rules = json.dumps(
            [{"match": f"{url}*", "name": "used"}, {"match": "wss://unused.test/*"}]
        )
        ended = gharial(
            *("run", "--workers", "2", "-u", "2", "-i", "2", "-e", f"URL={url}"),
            str(tmp_path / "a.js"),
            GHARIAL_SOCKETS=rules,
        )
    assert ended.returncode == 0
    assert ended.stdout.count("no socket matched") == 1
    assert "no socket matched 'wss://unused.test/*'" in ended.stdout


@pytest.mark.parametrize("keeps", [False, True])
def test_fetch_leaves_out_the_query_as_sockets_do_and_k6_http_does_not(
    tmp_path: Path, *, keeps: bool
) -> None:
    source = """
    import http from 'k6/http';
    export default async function () {
      const url = __ENV.URL.replace('ws:', 'http:');
      http.get(`${url}&from=k6`);
      await fetch(`${url}&from=fetch`);
    }
    """
    result = run(
        javascript(tmp_path, source), echo, settings=users_with(tag_url_query=keeps)
    )
    shown = {
        str(tags.get("name")).partition("/path")[2]
        for metric, tags, _ in result.registry.all_series()
        if metric.name == "http_reqs"
    }
    assert shown == {"?x=1&from=k6", "?x=1&from=fetch" if keeps else ""}
