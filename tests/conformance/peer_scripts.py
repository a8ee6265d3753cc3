"""Scripts, in both languages, that play cases against a peer; and what came of it."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

from default_settings import users_with
from peer_servers import Seen
from whole_runs import run_whole

from gharial.executors.base import ScenarioPlan
from gharial.executors.per_vu_iterations import PerVuIterations
from gharial.servers.certificates import Certificates

PARALLEL = 12
# Less than a whole run may take, so that it tells which socket was not closed.
ITERATION_S = 15.0

JAVASCRIPT = """
const PHASES = __PHASES__;

function payload([kind, unit, count]) {
  return kind === 'text' ? unit.repeat(count) : new Uint8Array(count).fill(unit).buffer;
}

function same(one, other) {
  if (typeof one === 'string' || typeof other === 'string') return one === other;
  if (one.byteLength !== other.byteLength) return false;
  const whole = Math.floor(one.byteLength / 4);
  const left = new Uint32Array(one, 0, whole), right = new Uint32Array(other, 0, whole);
  for (let index = 0; index < whole; index += 1) {
    if (left[index] !== right[index]) return false;
  }
  const [tail, end] = [new Uint8Array(one, whole * 4), new Uint8Array(other, whole * 4)];
  return tail.every((byte, index) => byte === end[index]);
}

function shown(data) {
  if (typeof data === 'string') return ['text', data];
  return ['binary', Array.from(new Uint8Array(data), (byte) => byte.toString(16).padStart(2, '0')).join('')];
}

function play(plan, done) {
  const events = [];
  const note = (...event) => events.push(event);
  const socket = new WebSocket(JSON.parse(__ENV.URL)[plan.base] + plan.path, plan.protocols, plan.params);
  socket.binaryType = 'arraybuffer';
  const sent = [];
  let heard = 0, echoed = 0;
  const act = (actions) => actions.forEach(([name, ...details]) => {
    if (name === 'close') {
      socket.close(...details);
    } else if (name === 'ping') {
      socket.ping();
    } else {
      sent.push(payload([name, ...details]));
      socket.send(sent[sent.length - 1]);
    }
  });
  const hear = () => {
    heard += 1;
    if (heard === plan.until) act(plan.then);
  };
  socket.onopen = () => {
    note('open', socket.protocol, socket.extensions);
    act(plan.sends);
  };
  socket.onmessage = ({ data }) => {
    if (echoed < sent.length && same(data, sent[echoed])) {
      note('echo');
      echoed += 1;
    } else {
      note('message', ...shown(data));
    }
    hear();
  };
  socket.onping = () => { note('ping'); hear(); };
  socket.onpong = () => { note('pong'); hear(); };
  socket.onerror = ({ response }) => {
    if (response) {
      note('refused', response.status, response.body);
    } else {
      note('error');
    }
  };
  socket.onclose = ({ code, reason, wasClean }) => {
    note('close', code, reason, wasClean);
    console.log(JSON.stringify([plan.name, events]));
    done();
  };
}

function start(number) {
  const waiting = PHASES[number].slice();
  let running = Math.min(__PARALLEL__, waiting.length);
  const next = () => {
    if (waiting.length > 0) {
      play(waiting.shift(), next);
      return;
    }
    running -= 1;
    if (running === 0 && number + 1 < PHASES.length) start(number + 1);
  };
  for (let left = running; left > 0; left -= 1) play(waiting.shift(), next);
}

export default function () { start(0); }
"""

PYTHON = """
import json
from gharial import WebSocket, env, log

PHASES = json.loads(__PHASES__)

def payload(kind, unit, count):
    return unit * count if kind == "text" else bytes([unit]) * count

def shown(data):
    return ["text", data] if isinstance(data, str) else ["binary", data.hex()]

def play(plan, done):
    events = []
    socket = WebSocket(json.loads(env["URL"])[plan["base"]] + plan["path"],
                       plan["protocols"], plan["params"])
    sent = []
    heard = echoed = 0

    def act(actions):
        for name, *details in actions:
            if name == "close":
                socket.close(*details)
            elif name == "ping":
                socket.ping()
            else:
                sent.append(payload(name, *details))
                socket.send(sent[-1])

    def hear():
        nonlocal heard
        heard += 1
        if heard == plan["until"]:
            act(plan["then"])

    @socket.on("open")
    def opened(event):
        events.append(["open", socket.protocol, socket.extensions])
        act(plan["sends"])

    @socket.on("message")
    def message(event):
        nonlocal echoed
        if echoed < len(sent) and event.data == sent[echoed]:
            events.append(["echo"])
            echoed += 1
        else:
            events.append(["message", *shown(event.data)])
        hear()

    @socket.on("ping")
    def ping(event):
        events.append(["ping"])
        hear()

    @socket.on("pong")
    def pong(event):
        events.append(["pong"])
        hear()

    @socket.on("error")
    def error(event):
        response = event.response
        events.append(
            ["refused", response.status, response.body.decode()] if response else ["error"]
        )

    @socket.on("close")
    def closed(event):
        events.append(["close", event.code, event.reason, event.was_clean])
        log(json.dumps([plan["name"], events]))
        done()

def start(number):
    waiting = list(PHASES[number])
    running = min(__PARALLEL__, len(waiting))

    def following():
        nonlocal running
        if waiting:
            play(waiting.pop(0), following)
            return
        running -= 1
        if running == 0 and number + 1 < len(PHASES):
            start(number + 1)

    for _ in range(running):
        play(waiting.pop(0), following)

def default():
    start(0)
"""


@dataclass(frozen=True)
class Case:
    """
    One connection of a script to a peer.

    Attributes:
        name: The section that it is about, and what is tried.
        peer: What the peer does: the plan of `peer_servers`.
        sends: What the script does when it is open: ``text UNIT COUNT``,
            ``binary BYTE COUNT``, ``ping``, ``close CODE REASON``.
        until: After so many messages, pings and pongs it does ``then``.
        then: What it does then.
        protocols: Subprotocols to offer.
        params: The third argument.
        base: ``ws``, ``wss`` or ``ipv6``.
        phase: A case of phase 1 begins when all those of phase 0 are over.
        hears: What the script hears.
        sees: What the peer sees, without the request.
        peers: The peers that can play it.

    """

    name: str
    hears: list[list[Any]]
    sees: list[list[Any]] | None = None
    peer: dict[str, Any] = field(default_factory=dict)
    sends: list[list[Any]] = field(default_factory=list)
    until: int = 0
    then: list[list[Any]] = field(default_factory=lambda: [["close", 1000]])
    protocols: list[str] = field(default_factory=list)
    params: dict[str, Any] = field(default_factory=dict)
    base: str = "ws"
    phase: int = 0
    peers: tuple[str, ...] = ("websockets", "wsproto", "aiohttp", "ws")

    def plan(self) -> dict[str, Any]:
        """Return what the script is to do."""
        return {
            "name": self.name,
            "base": self.base,
            "path": f"/?case={quote(self.name)}&plan={quote(json.dumps(self.peer))}",
            "protocols": self.protocols,
            "params": self.params,
            "sends": self.sends,
            "until": self.until,
            "then": self.then,
        }


@dataclass
class Played:
    """What scripts heard and a peer saw, by the names of the cases."""

    heard: dict[str, list[list[Any]]]
    seen: Seen

    def headers(self, case: str) -> dict[str, str]:
        """Return the headers of a case's request, as the peer saw them."""
        headers: dict[str, str] = self.seen[case][0][1]
        return headers


def play(
    folder: Path,
    language: str,
    cases: list[Case],
    server: Any,
    seen: Seen,
    certificates: Certificates,
) -> Played:
    """Let one virtual user play the cases against a server, several at a time."""
    phases = [
        [case.plan() for case in cases if case.phase == phase]
        for phase in range(1 + max(case.phase for case in cases))
    ]
    for plan in phases[0]:
        if plan["base"] == "wss":
            plan["params"] = {**plan["params"], "tls": {"ca": certificates.ca_pem}}
    text = json.dumps(phases)
    if language == "python":
        name, source, text = "s.py", PYTHON, repr(text)
    else:
        name, source = "s.js", JAVASCRIPT
    source = source.replace("__PHASES__", text).replace("__PARALLEL__", str(PARALLEL))
    ran = run_whole(
        folder,
        name,
        source,
        [PerVuIterations(ScenarioPlan(), 1, 1, ITERATION_S)],
        servers=[server],
        settings=users_with(wind_down_s=1.0),
    )
    assert ran.errors == [], ran.errors[:3]
    return Played(dict(json.loads(line) for line in ran.console), seen)
