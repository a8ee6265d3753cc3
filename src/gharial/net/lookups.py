"""
Queries to the system's resolver, in threads that nothing has to wait for.

``getaddrinfo`` cannot be stopped: with a name server that does not answer it takes minutes.
The event loops' own helper threads are few (uvloop has four), serve other work as well, and
are waited for when a loop or the process ends. These threads are not.
"""

import asyncio
import socket
import threading
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import Any

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
        return self._lookups.withdraw(self)


class Lookups:
    """Asks the system, each question in a thread of its own, at most so many at once."""

    def __init__(
        self,
        getaddrinfo: GetAddrInfo = socket.getaddrinfo,
        *,
        threads_maximum: int = THREADS_MAXIMUM,
    ) -> None:
        self._getaddrinfo = getaddrinfo
        self._threads_maximum = threads_maximum
        self._lock = threading.Lock()
        self._waiting: deque[Question] = deque()
        self._threads = 0

    def ask(self, host: str, family: int) -> Question:
        """Return a question that is being asked, or waits for its turn."""
        question = Question(self, host, family)
        with self._lock:
            self._waiting.append(question)
            starts = self._threads < self._threads_maximum
            self._threads += starts
        if starts:
            self._start_thread(question)
        return question

    def _start_thread(self, question: Question) -> None:
        thread = threading.Thread(target=self._serve, name="gharial-dns", daemon=True)
        try:
            thread.start()
        except RuntimeError as error:
            # The system has no more threads. One that runs takes the question.
            with self._lock:
                self._threads -= 1
                is_served = self._threads > 0 or question not in self._waiting
                if not is_served:
                    self._waiting.remove(question)
            if not is_served:
                _settle(question.answer, [], OSError(str(error)))

    def withdraw(self, question: Question) -> bool:
        """Drop a question that waits; return whether it did."""
        with self._lock:
            try:
                self._waiting.remove(question)
            except ValueError:
                return False
        question.answer.cancel()
        return True

    def _serve(self) -> None:
        while True:
            with self._lock:
                if not self._waiting:
                    self._threads -= 1
                    return
                question = self._waiting.popleft()
            answers: Answers = []
            failure: Exception | None = None
            try:
                answers = self._getaddrinfo(
                    question.host, 0, family=question.family, type=socket.SOCK_STREAM
                )
            except Exception as error:
                failure = error
            # The loop may be gone, and with it all who asked.
            with suppress(RuntimeError):
                question.loop.call_soon_threadsafe(
                    _settle, question.answer, answers, failure
                )


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
