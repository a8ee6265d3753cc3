"""One script against servers that others wrote."""

from pathlib import Path
from typing import Any

import pytest
from peers import aiohttp_peer, node_modules, node_peer, websockets_peer
from script_runs import javascript, run

from gharial.virtual_user.iteration import IterationOutcome

# Texts and bytes of sizes at which the framing changes, compressed and not.
SCRIPT = """
import { WebSocket } from 'k6/websockets';
const sizes = [0, 1, 125, 126, 65535, 65536, 300000];
export default function () {
  for (const params of [undefined, { compression: 'deflate' }]) {
    const ws = new WebSocket(__ENV.URL, [], params);
    ws.binaryType = 'arraybuffer';
    const sent = [];
    const got = [];
    ws.onopen = () => {
      for (const size of sizes) {
        sent.push('é'.repeat(size), new Uint8Array(size).fill(7));
      }
      for (const message of sent) ws.send(message);
      ws.ping();
    };
    ws.onmessage = ({ data }) => {
      got.push(data);
      if (got.length === sent.length) ws.close(3001, 'done');
    };
    ws.onclose = ({ code, reason, wasClean }) => {
      const same = got.every((data, index) => (typeof data === 'string'
        ? data === sent[index]
        : data.byteLength === sent[index].length
          && new Uint8Array(data).every((byte) => byte === 7)));
      console.log(got.length, same, code, reason, wasClean);
    };
  }
}
"""


@pytest.fixture(scope="session")
def node_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return node_modules(tmp_path_factory.mktemp("node"))


def assert_all_is_echoed(peer: Any, tmp_path: Path, close: str = "3001 done") -> None:
    result = run(javascript(tmp_path, SCRIPT), servers=(peer,))
    assert result.outcomes == [IterationOutcome.COMPLETED], result.log
    assert result.console == [f"14 true {close} true"] * 2
    assert result.count("ws_ping") == 2
    assert result.total("ws_msgs_received") == 28


def test_websockets(tmp_path: Path) -> None:
    assert_all_is_echoed(websockets_peer(), tmp_path)


def test_aiohttp(tmp_path: Path) -> None:
    # aiohttp answers every close frame with 1000 and no reason.
    assert_all_is_echoed(aiohttp_peer(), tmp_path, close="1000 ")


def test_ws_under_node(tmp_path: Path, node_folder: Path) -> None:
    assert_all_is_echoed(node_peer(node_folder), tmp_path)
