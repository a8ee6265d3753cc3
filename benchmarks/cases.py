"""What is measured, for whom, and what each may cost beside the floor."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import Enum

from benchmarks.clients import FLOOR, JAVASCRIPT, OURS, PYTHON
from benchmarks.measure import Load


class Unit(Enum):
    """What a case's figure is, for people."""

    MESSAGE = "µs of client CPU a message"
    CONNECTION = "µs of client CPU a connection"
    START = "ms of client CPU a virtual user"
    MEMORY = "KB of memory each"
    TICK = "µs of client CPU a callback"


@dataclass(frozen=True, slots=True)
class Case:
    """
    One line of the table.

    Attributes:
        name: Its name on the command line.
        title: Its name for people.
        load: What the client does.
        unit: What its figure is.
        clients: Who is measured.
        ratios: How many times the floor a client may take, by client.
        most: The most that a client may take, by client, in the unit.
        smaller: A smaller load of the same kind, where the figure is the difference.
        flags: Further flags of ours.
        workers: Processes of ours.

    """

    name: str
    title: str
    load: Load
    unit: Unit = Unit.MESSAGE
    clients: tuple[str, ...] = (FLOOR, *OURS)
    ratios: Mapping[str, float] = field(default_factory=dict)
    most: Mapping[str, float] = field(default_factory=dict)
    smaller: Load | None = None
    flags: tuple[str, ...] = ()
    workers: int = 1

    @property
    def items(self) -> int:
        """How many more virtual users, sockets or timers the load has than the smaller."""
        assert self.smaller is not None
        return self.load.users * max(self.load.sockets, 1) - self.smaller.users * max(
            self.smaller.sockets, 1
        )


def _echo(
    connections: int,
    size_bytes: int,
    kind: str = "text",
    *,
    javascript: float | None = None,
    python: float | None = None,
) -> Case:
    shown = f"{size_bytes // 1024} KiB" if size_bytes >= 1024 else f"{size_bytes} B"
    ratios = {JAVASCRIPT: javascript, PYTHON: python}
    return Case(
        f"echo-{connections}-{size_bytes}-{kind}",
        f"Echo round trip, {connections:,} connections, {shown} {kind}",
        Load("echo", connections, size_bytes=size_bytes, kind=kind),
        ratios={who: ratio for who, ratio in ratios.items() if ratio is not None},
    )


_TAGS = tuple(flag for i in range(20) for flag in ("--tag", f"tag{i}=value{i}"))
_ECHO_100 = Load("echo", 100)

CASES: tuple[Case, ...] = (
    _echo(1, 32, javascript=1.4, python=1.2),
    _echo(100, 32, javascript=1.4, python=1.2),
    _echo(1000, 32, javascript=2.0, python=1.4),
    _echo(5000, 32),
    _echo(100, 32, "binary"),
    _echo(100, 1024, javascript=1.4, python=1.2),
    _echo(100, 1024, "binary"),
    _echo(1000, 1024),
    _echo(1, 65_536),
    _echo(100, 65_536, javascript=1.15, python=1.15),
    _echo(100, 65_536, "binary", javascript=1.15, python=1.15),
    _echo(1000, 65_536),
    Case(
        "many-sockets",
        "Echo round trip, 10 virtual users with 100 sockets each, 32 B text",
        Load("echo", 10, sockets=100),
    ),
    Case(
        "tags",
        "Echo round trip, 100 connections, 32 B text, 20 tags",
        _ECHO_100,
        flags=_TAGS,
    ),
    Case(
        "json",
        "Echo round trip, 100 connections, 32 B text, each sample as a line of JSON",
        _ECHO_100,
        flags=("--out", f"json={os.devnull}"),
        ratios={JAVASCRIPT: 1.5, PYTHON: 1.5},
    ),
    Case(
        "workers",
        "Echo round trip, 100 connections, 32 B text, two workers",
        _ECHO_100,
        clients=(FLOOR, PYTHON, JAVASCRIPT),
        workers=2,
    ),
    Case(
        "receive",
        "Receive only: a flood of a million messages over 100 connections, 32 B text",
        Load("receive", 100),
        ratios={JAVASCRIPT: 1.5, PYTHON: 1.5},
    ),
    Case(
        "receive-unheard",
        "The same where the script listens to nothing",
        Load("receive", 100, has_listener=False),
        ratios={JAVASCRIPT: 1.5, PYTHON: 1.5},
    ),
    Case("send", "Send only, 100 connections, 32 B text", Load("send", 100)),
    Case(
        "connect",
        "Connect and close, 100 at a time",
        Load("connect", 100),
        unit=Unit.CONNECTION,
    ),
    Case(
        "connect-tls",
        "Connect and close over TLS, 100 at a time",
        Load("connect", 100, is_secure=True),
        unit=Unit.CONNECTION,
    ),
    Case(
        "timers",
        "100,000 live timers of a second each (100 virtual users)",
        Load("timers", 100, sockets=1_000),
        unit=Unit.TICK,
    ),
    Case(
        "start",
        "Start of a virtual user, without a socket",
        Load("idle", 1_100, sockets=0),
        smaller=Load("idle", 100, sockets=0),
        unit=Unit.START,
        clients=OURS,
    ),
    Case(
        "memory-user",
        "Memory of a virtual user with one open socket",
        Load("idle", 1_100),
        smaller=Load("idle", 100),
        unit=Unit.MEMORY,
        most={JAVASCRIPT: 150, PYTHON: 40},
    ),
    Case(
        "memory-socket",
        "Memory of each further plain socket of a virtual user",
        Load("idle", 10, sockets=210),
        smaller=Load("idle", 10, sockets=10),
        unit=Unit.MEMORY,
        most={JAVASCRIPT: 20, PYTHON: 20},
    ),
    Case(
        "memory-socket-tls",
        "Memory of each further socket over TLS",
        Load("idle", 10, sockets=110, is_secure=True),
        smaller=Load("idle", 10, sockets=10, is_secure=True),
        unit=Unit.MEMORY,
        most={JAVASCRIPT: 65, PYTHON: 65},
    ),
)


def quick(case: Case) -> Case:
    """Return a case that takes less time and tells less, to try the benchmarks out."""
    load = case.load
    if load.users <= 100:
        return case
    return replace(
        case,
        load=replace(load, users=max(100, load.users // 5)),
        smaller=None if case.smaller is None else replace(case.smaller, users=20),
    )
