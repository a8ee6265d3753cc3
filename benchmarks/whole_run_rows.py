"""What is done in whole runs, by whom, and what each may take."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field

from benchmarks.clients import JAVASCRIPT, PYTHON

K6, EPOLL, IO_URING = "k6", "floor (epoll)", "floor (io_uring)"
K6_VERSION = "1.1.0"


@dataclass(frozen=True, slots=True)
class Work:
    """
    What a run is told to do.

    Attributes:
        script: Name of the script, without its suffix; empty for a command without one.
        variables: What the script finds in its environment.
        flags: Further words on the command line.
        k6_flags: What k6 takes in their place; the same if None.
        environment: Variables of our process.

    """

    script: str
    variables: Mapping[str, object] = field(default_factory=dict)
    flags: tuple[str, ...] = ()
    k6_flags: tuple[str, ...] | None = None
    environment: Mapping[str, str] = field(default_factory=dict)


# What the shell asks after `gharial ru` and the tab key.
_COMPLETION = Work(
    "",
    k6_flags=("__complete", "ru"),
    environment={
        "_GHARIAL_COMPLETE": "bash_complete",
        "COMP_WORDS": "gharial ru",
        "COMP_CWORD": "1",
    },
)


@dataclass(frozen=True, slots=True)
class Row:
    """
    One line of the table.

    Attributes:
        name: Its name on the command line.
        title: Its name for people.
        unit: What its figure is: it begins with ``s``, ``ms``, ``µs``, ``KB`` or ``MB``.
        work: What is done.
        smaller: What is subtracted; nothing if None.
        items: How many users, sockets or messages the difference is for.
        tools: Who is measured.
        most: The most that one of ours may take, in the unit.
        ratio: How many times `base` one of ours may take; not judged if None.
        base: Whose figure ratios are of.
        bundled: The client library that users bundle, if any.
        base_work: What is done for the base, if it is the same tool's other work.

    """

    name: str
    title: str
    unit: str
    work: Work
    smaller: Work | None = None
    items: int = 1
    tools: tuple[str, ...] = (K6, JAVASCRIPT)
    most: float | None = None
    ratio: float | None = None
    base: str = K6
    bundled: str = ""
    base_work: Work | None = None


def rows(scale: float = 1.0) -> tuple[Row, ...]:
    """Return the lines; with less load where the scale is below 1."""
    users, sessions = max(round(2000 * scale), 40), max(round(8000 * scale), 200)
    some, rounds = max(round(200 * scale), 10), max(round(3000 * scale), 100)
    few, many = max(round(3000 * scale), 100), max(round(20000 * scale), 300)
    both = (K6, JAVASCRIPT, PYTHON)
    each_own = {"USERS": 50, "SESSIONS": sessions, "OWN_URLS": 1}
    fifty, one_url = {"USERS": 50, "SESSIONS": 50}, {"USERS": 50, "SESSIONS": sessions}

    def of_users(count: int) -> Work:
        return Work("users", {"USERS": count})

    def holding(count: int) -> Work:
        return Work("holding", {"USERS": count, "SECONDS": max(2, round(6 * scale))})

    def using_bundle(count: int) -> Work:
        return Work("bundled", {"USERS": count})

    def idle(count: int) -> Work:
        return Work("sockets", {"SOCKETS": count})

    def with_client(name: str, kind: str, most: float) -> Row:
        is_start = kind == "start"
        what = "Start" if is_start else "Memory"
        return Row(
            f"{kind}-{name}",
            f"{what} of a virtual user with {name} bundled",
            "ms of CPU" if is_start else "KB",
            using_bundle(some),
            using_bundle(1),
            some - 1,
            most=most,
            bundled=name,
        )

    return (
        Row(
            "empty",
            "Run of an empty script",
            "s of CPU",
            Work("empty"),
            tools=both,
            most=0.25,
        ),
        Row(
            "empty-workers",
            "The same with two workers",
            "s of CPU",
            # k6 has no workers: it is one process in any case.
            Work("empty", flags=("--workers", "2"), k6_flags=()),
            tools=both,
            most=0.6,
        ),
        Row(
            "empty-memory",
            "Memory of a run of an empty script",
            "MB",
            Work("empty"),
            tools=both,
            most=50,
        ),
        *(
            Row(name, title, "s of CPU", work, most=0.12)
            for name, title, work in (
                ("help", "Help", Work("", flags=("--help",))),
                (
                    "version",
                    "Version",
                    Work("", flags=("--version",), k6_flags=("version",)),
                ),
                ("completion", "Completion of a word in the shell", _COMPLETION),
            )
        ),
        Row(
            "user-start",
            "Start of a virtual user",
            "ms of CPU",
            of_users(users),
            of_users(1),
            users - 1,
            most=0.20,
        ),
        Row(
            "user-memory",
            "Memory of a virtual user",
            "KB",
            of_users(users),
            of_users(1),
            users - 1,
            most=65,
        ),
        Row(
            "user-socket-memory",
            "Memory of a virtual user with an open socket",
            "KB",
            holding(users),
            holding(1),
            users - 1,
            most=95,
        ),
        with_client("socket.io-client", "start", 1.0),
        with_client("graphql-ws", "start", 3.0),
        with_client("socket.io-client", "memory", 256),
        Row(
            "sessions",
            "Connect and close, 50 users",
            "µs of CPU",
            Work("sessions", one_url),
            Work("sessions", fifty),
            sessions - 50,
            tools=both,
            most=150,
        ),
        Row(
            "sessions-urls",
            "The same, each to a URL of its own, × the same URL",
            "µs of user CPU",
            Work("sessions", each_own),
            Work("sessions", fifty),
            sessions - 50,
            tools=both,
            ratio=1.2,
            base="",
            base_work=Work("sessions", one_url),
        ),
        *(
            Row(
                f"sockets-{count}",
                f"Memory of each further idle socket of a user, of {count:,}",
                "KB",
                idle(count),
                idle(100),
                count - 100,
                most=8,
            )
            for count in (few, many)
        ),
        Row(
            "echo",
            "Echo round trip, 100 users, 32 B",
            "µs of CPU",
            Work("echoes", {"USERS": 100, "ROUNDS": rounds}),
            Work("echoes", {"USERS": 100, "ROUNDS": 1}),
            100 * (rounds - 1),
            tools=(EPOLL, IO_URING, *both),
            ratio=1.2,
            base=EPOLL,
        ),
        Row(
            "echo-json",
            "The same with --out json",
            "µs of CPU",
            Work(
                "echoes",
                {"USERS": 100, "ROUNDS": rounds},
                ("--out", f"json={os.devnull}"),
            ),
            Work(
                "echoes", {"USERS": 100, "ROUNDS": 1}, ("--out", f"json={os.devnull}")
            ),
            100 * (rounds - 1),
            tools=(EPOLL, *both),
            ratio=1.5,
            base=EPOLL,
        ),
    )
