"""
Queries to the system's resolver, in threads that nothing has to wait for.

``getaddrinfo`` cannot be stopped: with a name server that does not answer it takes minutes.
"""

import asyncio
import socket
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from gharial.process.daemon_threads import DaemonThreads

Answers = list[tuple[Any, ...]]
GetAddrInfo = Callable[..., Any]

# Names that the system may be asked about at the same time; more of them wait their turn.
THREADS_MAXIMUM = 32


class Question:
    """
    One name that the system is asked about.

    Attributes:
        answer: What came of it; done in its own event loop.
        loop: That loop.

    """

    __slots__ = ("_lookups", "answer", "family", "host", "loop")

    def __init__(self, lookups: "Lookups", host: str, family: int) -> None:
        self._lookups = lookups
        self.host = host
        self.family = family
        self.loop = asyncio.get_running_loop()
        self.answer: asyncio.Future[Answers] = self.loop.create_future()

    def withdraw(self) -> bool:
        """Take the question back, unless the system was asked; return whether it was."""
        is_withdrawn = self._lookups.threads.withdraw(self.ask)
        if is_withdrawn:
            self.answer.cancel()
        return is_withdrawn

    def ask(self) -> None:
        """Ask the system, which takes as long as it does, and hand on the answer."""
        answers: Answers = []
        failure: Exception | None = None
        try:
            answers = self._lookups.getaddrinfo(
                self.host, 0, family=self.family, type=socket.SOCK_STREAM
            )
        except Exception as error:
            failure = error
        # The loop may be gone, and with it all who asked.
        with suppress(RuntimeError):
            self.loop.call_soon_threadsafe(_settle, self.answer, answers, failure)


class Lookups:
    """
    Asks the system, each question in a thread of its own, at most so many at once.

    Attributes:
        getaddrinfo: How it is asked.
        threads: Those that ask.

    """

    def __init__(
        self,
        getaddrinfo: GetAddrInfo = socket.getaddrinfo,
        *,
        threads_maximum: int = THREADS_MAXIMUM,
    ) -> None:
        self.getaddrinfo = getaddrinfo
        self.threads = DaemonThreads("gharial-dns", threads_maximum)

    def ask(self, host: str, family: int) -> Question:
        """Return a question that is being asked, or waits for its turn."""
        question = Question(self, host, family)
        try:
            self.threads.submit(question.ask)
        except RuntimeError as error:
            _settle(question.answer, [], OSError(str(error)))
        return question


def _settle(
    answer: "asyncio.Future[Answers]", answers: Answers, failure: Exception | None
) -> None:
    if answer.done():
        return
    if failure is None:
        answer.set_result(answers)
    else:
        answer.set_exception(failure)
        # Everyone who waited may be gone: an exception that was read is not reported
        # by asyncio as forgotten.
        answer.exception()
