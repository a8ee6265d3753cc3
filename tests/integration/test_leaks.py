"""What virtual users leave behind when they go."""

import gc
from pathlib import Path

import pytest
from script_runs import echo, javascript, run

from gharial.engine.quickjs import QuickJsContext, QuickJsGroup
from gharial.javascript.instance import JavaScriptInstance

ALL_OF_A_SCRIPT = """
import ws from 'k6/ws';
import http from 'k6/http';
import { WebSocket } from 'k6/websockets';
import { sleep } from 'k6';
import { parseHTML } from 'k6/html';
import crypto from 'k6/crypto';
const jar = new http.CookieJar();
const page = parseHTML('<p>text</p>');
export default function () {
  sleep(0.001);
  crypto.createHmac('sha256', 'secret').update('text');
  page.find('p');
  ws.connect(__ENV.URL, null, (socket) => socket.on('open', () => socket.close()));
  const socket = new WebSocket(__ENV.URL, null, { jar });
  socket.onopen = () => socket.send('one');
  socket.onmessage = () => socket.close();
  setInterval(() => {}, 1000000);
  new Promise(() => {});
  socket.onclose = () => { throw new Error('the last'); };
}
"""


def alive() -> int:
    # What the first collection frees in the engine is garbage to the second.
    for _ in range(3):
        gc.collect()
    kinds = (JavaScriptInstance, QuickJsContext, QuickJsGroup)
    return sum(isinstance(one, kinds) for one in gc.get_objects())


@pytest.mark.parametrize("source", ["export default function () {}", ALL_OF_A_SCRIPT])
def test_closed_virtual_users_are_freed(tmp_path: Path, source: str) -> None:
    host = javascript(tmp_path, source)
    run(host, echo)
    before = alive()
    for _ in range(5):
        result = run(host, echo)
        assert result.outcomes
    assert alive() <= before
