"""What a Python script's socket needs of its virtual user."""

import logging
from collections.abc import Callable, Mapping
from typing import Any

from gharial.net.cookies import CookieJar
from gharial.net.network import Network
from gharial.python.current import (
    NotInInitContextError,
    RunningInstance,
    check_thread,
)
from gharial.python.tasks import OwnedTasks
from gharial.timing import Clock
from gharial.virtual_user.message_path import MessagePath
from gharial.virtual_user.operations import Operation
from gharial.virtual_user.socket_instruments import SocketInstruments
from gharial.virtual_user.virtual_user import VirtualUser
from gharial.virtual_user.waiting import Waiting
from gharial.websocket.messages import MessageReceiver, MessageTaker
from gharial.websocket.opening_request import OpeningRequest
from gharial.websocket.task_count import TaskCount


class VuSocketEnvironment:
    """
    The surroundings of the sockets of one virtual user.

    Attributes:
        post: Runs a callback as a task of the VU: at once if it is idle, else in turn.
        network: How sockets are opened.
        clock: The monotonic clock.
        tasks: What tells one task of the VU from the next.
        waiting: What waits for the VU, over all of its sockets.

    """

    __slots__ = (
        "_instance",
        "_owned_tasks",
        "_user",
        "clock",
        "network",
        "post",
        "tasks",
        "waiting",
    )

    def __init__(self, instance: RunningInstance, owned_tasks: OwnedTasks) -> None:
        self._instance = instance
        self._owned_tasks = owned_tasks
        self._user = user = instance.user
        self.post: Callable[..., None] = user.loop.post
        self.tasks: TaskCount = user.loop
        self.network: Network = user.services.network
        self.clock: Clock = user.services.clock
        self.waiting: Waiting = user.waiting

    @property
    def user(self) -> VirtualUser:
        """The virtual user."""
        return self._user

    @property
    def cookies(self) -> CookieJar:
        """The cookie jar of the present iteration."""
        return self._user.cookies

    @property
    def local_address(self) -> str:
        """The address that this VU connects from, empty for any."""
        return self._user.local_address

    def message_path(
        self, receiver: MessageReceiver, when_busy: Callable[[Any, float], None]
    ) -> MessageTaker:
        """Return what hands the messages of a socket to it, each as a task of the VU."""
        return MessagePath(
            self._user.loop, receiver, self.clock.epoch_offset_s, when_busy
        )

    def ruled(
        self, request: OpeningRequest, tags: Mapping[str, str] | None
    ) -> tuple[OpeningRequest, Mapping[str, str] | None]:
        """Return a request for a socket, and its tags, with what the options add."""
        return self._user.ruled(request, tags)

    def observer(self, url: str, tags: Mapping[str, str]) -> SocketInstruments:
        """
        Return what measures a new socket, with the VU's tags of this moment.

        Raises:
            NotInInitContextError: If the script's top level is running.

        """
        check_thread("WebSocket()", self._instance)
        if self._instance.is_starting:
            raise NotInInitContextError("WebSocket()")
        return self._user.observer(url, tags)

    def opening(self, socket: Operation) -> None:
        """Keep the iteration alive for a socket, and close that when it ends."""
        self._user.operations.began(socket)

    def opened(self, socket: Operation) -> None:
        """Keep a socket over iterations if the script's ``vu_setup`` opened it."""
        self._user.operations.established(socket)

    def closed(self, socket: Operation) -> None:
        """Let the iteration end without this socket, all of whose events are over."""
        self._user.operations.ended(socket)

    def report(self, error: BaseException) -> None:
        """Let the iteration fail because of what a handler raised."""
        self._instance.report(error)

    def returned(self, result: object) -> None:
        """Run what an ``async`` handler returned as a task of the VU."""
        self._instance.run_if_awaitable(result)

    def may_receive(self) -> bool:
        """Return whether the VU has tasks, which could await a message."""
        return self._owned_tasks.is_any_alive

    def warn(self, text: str) -> None:
        """Log a warning."""
        self._user.log(logging.WARNING, text, "sockets")
