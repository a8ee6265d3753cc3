"""
What Python sockets need of their environment: a virtual user, or just a loop.

A script's code finds its environment through a context variable, so that the class is the
same within a test and in a plain asyncio program.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from typing import Any, Protocol

from gharial.net.cookies import CookieJar
from gharial.net.failures import Failure
from gharial.net.network import Network
from gharial.options.model import Options
from gharial.timing import Clock, system_clock
from gharial.virtual_user.settings import network_settings
from gharial.virtual_user.waiting import Waiting
from gharial.websocket.messages import MessageReceiver, MessageTaker
from gharial.websocket.observer import ConnectionObserver, OpeningFacts
from gharial.websocket.opening_request import OpeningRequest
from gharial.websocket.task_count import TaskCount


class OwnedSocket(Protocol):
    """What an environment can do to end a socket."""

    @property
    def is_established(self) -> bool:
        """Whether the script was told that it is open."""
        ...

    @property
    def description(self) -> str:
        """What it is, and in which state, in a few words."""
        ...

    def shut(self, code: int) -> None:
        """Close with this code; bounded by the close limit."""
        ...

    def abort(self) -> None:
        """End at once."""
        ...


class SocketEnvironment(Protocol):
    """
    What surrounds the sockets of one script.
    """

    @property
    def network(self) -> Network:
        """How sockets are opened."""
        ...

    @property
    def clock(self) -> Clock:
        """The monotonic clock."""
        ...

    @property
    def cookies(self) -> CookieJar | None:
        """The cookie jar; None for no cookies."""
        ...

    @property
    def local_address(self) -> str:
        """The address to connect from, empty for any."""
        ...

    @property
    def tasks(self) -> TaskCount:
        """What tells one task of the script's from the next."""
        ...

    @property
    def waiting(self) -> Waiting:
        """What waits for the script, over all of its sockets."""
        ...

    def post(self, callback: Callable[..., object], *arguments: Any) -> None:
        """Run a task of the script's, at once or in turn."""
        ...

    def message_path(
        self, receiver: MessageReceiver, when_busy: Callable[[Any, float], None]
    ) -> MessageTaker:
        """
        Return what takes the messages of one socket.

        It hands them to ``receiver`` if no task runs or waits, else it calls
        ``when_busy(data, milliseconds since the epoch)``, which is to post them.
        """
        ...

    def opening(self, socket: OwnedSocket) -> None:
        """Keep the script alive for this socket."""
        ...

    def opened(self, socket: OwnedSocket) -> None:
        """Take note that the script was told that this socket is open."""
        ...

    def closed(self, socket: OwnedSocket) -> None:
        """Let the script end without this socket."""
        ...

    def ruled(
        self, request: OpeningRequest, tags: Mapping[str, str] | None
    ) -> tuple[OpeningRequest, Mapping[str, str] | None]:
        """Return a request for a socket, and its tags, with what the options add."""
        ...

    def observer(self, url: str, tags: Mapping[str, str]) -> ConnectionObserver:
        """Return who measures a new socket."""
        ...

    def report(self, error: BaseException) -> None:
        """Take note of what a listener raised."""
        ...

    def returned(self, result: object) -> None:
        """Take what a listener returned: an awaitable is to be awaited."""
        ...

    def may_receive(self) -> bool:
        """Return whether code of the script's goes on that could await a message."""
        ...

    def warn(self, text: str) -> None:
        """Log a warning."""
        ...


ENVIRONMENT: ContextVar[SocketEnvironment | None] = ContextVar(
    "gharial_sockets", default=None
)


def _measure_nothing(size_bytes: int, at_s: float = 0.0) -> None:
    return None


class _Unmeasured:
    """The observer of a socket that nobody measures."""

    count_sent = count_received = staticmethod(_measure_nothing)

    def opening_ended(self, facts: OpeningFacts) -> None:
        """Measure nothing."""

    def bytes_sent(self, wire_bytes: int) -> None:
        """Measure nothing."""

    def bytes_received(self, wire_bytes: int) -> None:
        """Measure nothing."""

    def pong_matched(self, round_trip_s: float, at_s: float) -> None:
        """Measure nothing."""

    def pings_lost(self, count: int, at_s: float) -> None:
        """Measure nothing."""

    def request_ended(self, duration_s: float | None, name: str) -> None:
        """Measure nothing."""

    def lens_facts(self, protocol: str) -> None:
        """Return that nothing is to be read."""

    def failed(self, failure: Failure, at_s: float) -> None:
        """Measure nothing."""

    def closed(self, code: int, at_s: float) -> None:
        """Measure nothing."""


class _InTurn(MessageTaker):
    """Lets each message wait."""

    __slots__ = ("_epoch_offset_s", "_when_busy")

    def __init__(
        self, when_busy: Callable[[Any, float], None], epoch_offset_s: float
    ) -> None:
        self._when_busy = when_busy
        self._epoch_offset_s = epoch_offset_s

    def take(self, data: Any, at_s: float) -> None:
        """Post it."""
        self._when_busy(data, (at_s + self._epoch_offset_s) * 1e3)


class PlainEnvironment:
    """
    What surrounds sockets outside of a virtual user: just an event loop.

    Attributes:
        network: How sockets are opened.
        clock: The monotonic clock.
        cookies: None.
        local_address: Empty.
        tasks: Nothing but turns of the loop.
        waiting: What waits for the loop's next round.

    """

    def __init__(self, network: Network | None = None) -> None:
        options = Options()
        self.network = network or Network(network_settings(options))
        self.clock = system_clock()
        self.cookies: CookieJar | None = None
        self.local_address = ""
        self.tasks = TaskCount()
        self.waiting = Waiting(
            options.message_queue_size_bytes, self.clock.now_s, self.warn
        )
        self._tasks: set[asyncio.Task[Any]] = set()

    def post(self, callback: Callable[..., object], *arguments: Any) -> None:
        """Run a task with the loop's next round."""
        asyncio.get_running_loop().call_soon(callback, *arguments)

    def message_path(
        self, receiver: MessageReceiver, when_busy: Callable[[Any, float], None]
    ) -> MessageTaker:
        """Return what lets each message wait for the loop's next round."""
        return _InTurn(when_busy, self.clock.epoch_offset_s)

    def opening(self, socket: OwnedSocket) -> None:
        """Do nothing: the program keeps itself alive."""

    def opened(self, socket: OwnedSocket) -> None:
        """Do nothing."""

    def closed(self, socket: OwnedSocket) -> None:
        """Do nothing."""

    def ruled(
        self, request: OpeningRequest, tags: Mapping[str, str] | None
    ) -> tuple[OpeningRequest, Mapping[str, str] | None]:
        """Return both as they are."""
        return request, tags

    def observer(self, url: str, tags: Mapping[str, str]) -> ConnectionObserver:
        """Return an observer that measures nothing."""
        return _Unmeasured()

    def report(self, error: BaseException) -> None:
        """Log what a listener raised."""
        logging.getLogger("gharial").error("in a listener", exc_info=error)

    def may_receive(self) -> bool:
        """Return that code may go on: nobody knows."""
        return True

    def warn(self, text: str) -> None:
        """Log a warning."""
        logging.getLogger("gharial").warning("%s", text)

    def returned(self, result: object) -> None:
        """Run what an async listener returned."""
        if asyncio.iscoroutine(result):
            task = asyncio.get_running_loop().create_task(result)
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)


def current_environment() -> SocketEnvironment:
    """Return the environment of the code that runs, a plain one if it has none."""
    environment = ENVIRONMENT.get()
    if environment is None:
        environment = PlainEnvironment()
        ENVIRONMENT.set(environment)
    return environment
