"""
Blocking calls that suspend one virtual user and never the event loop.

Script code runs inside a greenlet. A blocking call switches back to the greenlet of the
event loop (the hub) and is resumed when its result is there. This is the one place that
switches.

Workers are pooled: a VU borrows one while it has something to run and keeps it only
while it is suspended, so that thousands of idle VUs share one warm stack (a parked
worker of its own would cost each VU at least the 16 KiB that CPython gives a greenlet's
frames).
"""

import asyncio
from collections.abc import Callable
from contextvars import Context
from typing import Any

import greenlet

from gharial.errors import GharialError


class BlockingOutsideScriptError(GharialError):
    """A blocking call was made outside the code of a virtual user."""

    def __str__(self) -> str:
        return "sleep() and other blocking calls work only in code that a VU runs"


class Suspension:
    """
    One wait of one virtual user.

    Exactly one of the calls of :meth:`resume` and :meth:`throw` counts, whichever comes
    first; it may come before :meth:`wait`.
    """

    __slots__ = ("_blocking", "_error", "_is_settled", "_value", "worker")

    def __init__(self, blocking: "Blocking") -> None:
        self._blocking = blocking
        self.worker: greenlet.greenlet | None = None
        self._value: Any = None
        self._error: BaseException | None = None
        self._is_settled = False

    def wait(self) -> Any:
        """
        Suspend the running virtual user until it is resumed; return what it got.

        Raises:
            BlockingOutsideScriptError: If no virtual user is running.
            BaseException: What :meth:`throw` was given.

        """
        if not self._is_settled:
            self._blocking.leave(self)
        if self._error is not None:
            raise self._error
        return self._value

    def resume(self, value: Any = None) -> None:
        """Let the wait return ``value``; without effect once settled."""
        if not self._is_settled:
            self._is_settled = True
            self._value = value
            self._continue()

    def throw(self, error: BaseException) -> None:
        """Let the wait raise ``error``; without effect once settled."""
        if not self._is_settled:
            self._is_settled = True
            self._error = error
            self._continue()

    def _continue(self) -> None:
        worker = self.worker
        if worker is not None:
            self.worker = None
            self._blocking.enter(worker)


class Blocking:
    """
    The greenlets ("workers") of one event loop.

    Make it on the loop's thread, in the greenlet that runs the loop.

    Attributes:
        suspended_count: The number of virtual users that wait at this moment.

    """

    __slots__ = ("_event_loop", "_hub", "_idle", "_is_in_worker", "suspended_count")

    def __init__(self, event_loop: asyncio.AbstractEventLoop) -> None:
        self._event_loop = event_loop
        self._hub = greenlet.getcurrent()
        self._idle: list[greenlet.greenlet] = []
        self._is_in_worker = False
        self.suspended_count = 0

    def run(self, function: Callable[[], None], context: Context | None = None) -> None:
        """
        Run ``function`` in a worker until it returns or suspends itself.

        It sees the variables of ``context``, or none, and whatever it sets stays there.

        Called from inside another worker, it runs soon after instead: workers are only
        ever entered from the event loop. If ``function`` raises, the event loop's
        exception handler is told.
        """
        if self._is_in_worker:
            self._event_loop.call_soon(self.run, function, context)
            return
        idle = self._idle
        worker = idle.pop() if idle else self._new_worker()
        # Measured: 60 ns. Assigned always, for the worker still has its last VU's.
        worker.gr_context = context
        self._is_in_worker = True
        worker.switch(function)
        self._is_in_worker = False

    def close(self) -> None:
        """
        End the workers that are idle; call it in the hub, when no code will run.

        Nothing else would: a worker and its stack hold each other.
        """
        while self._idle:
            self._idle.pop().throw(greenlet.GreenletExit)
        # This object may be garbage for long. Where the loop's thread had ended, the
        # collector crashed now and then as it came upon the thread's greenlet here
        # (greenlet 3.5.6, CPython 3.11).
        self._hub = None

    def suspension(self) -> Suspension:
        """Return a wait that has not begun."""
        return Suspension(self)

    def leave(self, suspension: Suspension) -> None:
        """
        Leave the running worker until ``suspension`` is settled.

        Raises:
            BlockingOutsideScriptError: If the caller does not run in a worker.

        """
        worker = greenlet.getcurrent()
        if worker is self._hub or not self._is_in_worker:
            raise BlockingOutsideScriptError()
        suspension.worker = worker
        self.suspended_count += 1
        self._hub.switch()

    def enter(self, worker: greenlet.greenlet) -> None:
        """Continue a worker that left; soon, if another one is running just now."""
        if self._is_in_worker:
            self._event_loop.call_soon(self.enter, worker)
            return
        self.suspended_count -= 1
        self._is_in_worker = True
        worker.switch()
        self._is_in_worker = False

    def _new_worker(self) -> greenlet.greenlet:
        worker = greenlet.greenlet(self._work, self._hub)
        # Up to its first wait: what a greenlet starts with, it keeps.
        worker.switch()
        return worker

    def _work(self) -> None:
        this = greenlet.getcurrent()
        while True:
            # An idle worker keeps nothing of the virtual user that it ran last.
            function = None
            function = self._hub.switch()
            try:
                function()
            except greenlet.GreenletExit:
                raise
            except BaseException as error:
                # Nobody else could go on if it left the worker this way: the hub would
                # still believe that one is running.
                self._event_loop.call_exception_handler(
                    {"message": "a virtual user's task failed", "exception": error}
                )
            self._idle.append(this)
