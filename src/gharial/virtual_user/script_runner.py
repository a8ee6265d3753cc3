"""
What a virtual user does with its script: one call at a time, each to its end.

A call has ended when nothing that it began is left: no task, no socket, no timer. It may
be ended before, by its own failure, by an interruption, or at once.
"""

import asyncio
import logging
from functools import partial
from typing import Any

from gharial.virtual_user.blocking import Suspension
from gharial.virtual_user.context import ScenarioContext, VuServices
from gharial.virtual_user.keeping import listed, what_keeps
from gharial.virtual_user.loop import VuLoop
from gharial.virtual_user.operations import Operations
from gharial.virtual_user.script import (
    ScriptError,
    ScriptInstance,
    ScriptInterruptedError,
    TestAbortedError,
)
from gharial.virtual_user.timers import Timers
from gharial.virtual_user.waiting import Waiting

# RFC 6455 section 7.4.1: the endpoint is going away, as a browser tab that is closed.
CLOSED_BY_INTERRUPTION = 1001
# k6 closes the sockets of a failed iteration with 1000.
CLOSED_BY_FAILURE = 1000


class ScriptRunner:
    """
    Runs calls of one script, and ends them.

    Attributes:
        id: The number of its virtual user, from 1; 0 for set-up and tear-down.
        services: What all of the process share.
        loop: Its task queue.
        timers: Its timers.
        operations: What its script has begun and is not over.
        waiting: What waits for it while it is busy or suspended.
        instance: Its script; set before the first call.
        scenario: The scenario that it works for; None before the first.

    """

    __slots__ = (
        "_call_is_held",
        "_deadline",
        "_failure",
        "_finished",
        "_is_interrupted",
        "_is_setting_up",
        "_suspension",
        "id",
        "instance",
        "loop",
        "operations",
        "scenario",
        "services",
        "timers",
        "waiting",
    )

    def __init__(
        self,
        id: int,  # noqa: A002 - the domain's word for it
        services: VuServices,
    ) -> None:
        self.id = id
        self.services = services
        self.loop = VuLoop(
            services.blocking, on_empty=self._on_empty, on_error=self.report
        )
        self.operations = Operations(
            self.loop, partial(self.loop.post, self._give_up_waiting)
        )
        self.timers = Timers(self.loop, services.event_loop, services.clock.now_s)
        self.waiting = Waiting(
            services.settings.message_queue_size_bytes,
            services.clock.now_s,
            partial(services.warn_once, "unread sockets"),
        )
        self.instance: ScriptInstance
        self.scenario: ScenarioContext | None = None
        self._finished: asyncio.Future[None] | None = None
        self._failure: BaseException | None = None
        self._is_interrupted = False
        self._is_setting_up = False
        self._call_is_held = False
        self._suspension: Suspension | None = None
        self._deadline: asyncio.TimerHandle | None = None

    @property
    def now_s(self) -> float:
        """The present instant on the monotonic clock."""
        return self.services.clock.now_s()

    def block(self, seconds: float) -> None:
        """
        Suspend this virtual user only, for this many seconds.

        Raises:
            ScriptInterruptedError: If the virtual user is interrupted meanwhile.
            BlockingOutsideScriptError: If no script code of a virtual user is running.

        """
        until_s = self.now_s + seconds
        # uvloop counts in whole milliseconds and may call up to one early.
        while (left_s := until_s - self.now_s) > 0:
            suspension = self.services.blocking.suspension()
            handle = self.services.event_loop.call_later(left_s, suspension.resume)
            try:
                self.wait(suspension)
            finally:
                handle.cancel()

    def wait(self, suspension: Suspension) -> Any:
        """
        Suspend this virtual user until the suspension is resumed; return its value.

        Raises:
            ScriptInterruptedError: If the virtual user is interrupted meanwhile.

        """
        if self._is_interrupted:
            raise ScriptInterruptedError()
        self._suspension = suspension
        try:
            value = suspension.wait()
        finally:
            self._suspension = None
            # The wait is not time that the script spent: a watchdog starts anew.
            self.loop.tasks_run += 1
        if self._is_interrupted:
            # What it waited for came because the interruption ended it.
            raise ScriptInterruptedError()
        return value

    def log(self, level: int, text: str, source: str = "console") -> None:
        """Log a text with the fields that say where it comes from."""
        fields = {"source": source}
        if self.scenario is not None:
            fields["scenario"] = self.scenario.name
            fields["executor"] = self.scenario.executor
        self.services.log(level, text, fields)

    def report(self, error: BaseException) -> None:
        """
        Take note of an error of the script's: the present iteration fails and ends.

        The first one is logged, with the script's own file and line; while an iteration
        is ending, further ones are not.
        """
        error = self.instance.translate(error)
        if isinstance(error, TestAbortedError):
            self.services.run.is_aborted = True
            self.services.run.abort(error.message)
            self._failure = self._failure or error
            self.interrupt()
            return
        if isinstance(error, ScriptInterruptedError):
            # Stopped by the language's watchdog, because the run is ending.
            self.interrupt()
            return
        if self._is_interrupted or self._failure is not None:
            return
        self._log_error(error)
        if self._finished is not None:
            self._failure = error
            self._wind_down(CLOSED_BY_FAILURE)

    def interrupt(self) -> None:
        """
        End what the virtual user is doing, soon and within the wind-down limit.

        Its sockets are closed with 1001, its timers dropped with a warning each, and a
        blocking call that it waits in raises.
        """
        if self._finished is None or self._is_interrupted:
            return
        self._is_interrupted = True
        self._tell_what_keeps()
        self.instance.interrupt()
        self._wind_down(CLOSED_BY_INTERRUPTION)
        if self._suspension is not None:
            self._suspension.throw(ScriptInterruptedError())
        if not self.loop.is_busy and not self.loop.held:
            self._on_empty()

    def abort(self) -> None:
        """End what the virtual user is doing at once, without a word to any peer."""
        self.operations.abort()
        self.timers.clear_all()
        self.loop.discard()
        self.waiting.clear()
        self._call_is_held = False
        if self._suspension is not None:
            self._suspension.throw(ScriptInterruptedError())
        self._on_empty()

    # -- The inside ----------------------------------------------------------------

    async def _run(self, callback: Any, *arguments: Any) -> None:
        self._is_interrupted = False
        self.operations.end_code = None
        self._failure = None
        self._finished = self.services.event_loop.create_future()
        self.loop.post(callback, *arguments)
        try:
            await self._finished
        finally:
            self._finished = None
            self.operations.abort_resting()
            self.timers.clear_idle()
            self.timers.is_ending = False
            if self._deadline is not None:
                self._deadline.cancel()
                self._deadline = None
            if self._is_interrupted and self.operations.has_kept:
                # What is kept goes on hearing its server between two iterations.
                self.instance.recover()

    def _call_held(self, export: str, arguments: tuple[Any, ...]) -> None:
        # What is kept keeps no iteration alive. So the function itself does, until the
        # promise that it returns is settled: it may wait for one of its sockets.
        self.loop.hold()
        self._call_is_held = True
        try:
            self.instance.call(export, arguments, on_settled=self._settled)
        except BaseException:
            self._settled()
            raise

    def _settled(self) -> None:
        if self._call_is_held:
            self._call_is_held = False
            if self._is_setting_up and self._failure is None:
                self.timers.keep_intervals()
                self.operations.keep_established()
            self.loop.release()

    def _give_up_waiting(self) -> None:
        if self._call_is_held and not self.operations.has_kept and self.loop.held == 1:
            # Nothing is left that could settle what the function waits for.
            self._settled()

    def _log_error(self, error: BaseException) -> None:
        if isinstance(error, ScriptError) and self.scenario is not None:
            self.log(logging.ERROR, str(error), "stacktrace")
        elif not isinstance(error, ScriptError):
            self.services.log(
                logging.ERROR,
                f"{type(error).__name__}: {error}",
                {"source": "gharial"},
            )
            logging.getLogger("gharial").debug("while running a VU", exc_info=error)

    def _tell_what_keeps(self) -> None:
        """Say, once for each scenario, what an iteration waits for that did not end."""
        scenario = self.scenario
        if (
            scenario is None
            or scenario.has_told_what_keeps
            or self.services.run.is_stopping
            or self.services.run.is_aborted
        ):
            return
        found = what_keeps(
            self.operations.pending(),
            self.timers.pending(),
            self.instance.place_of,
        )
        if self._suspension is not None:
            found.append("a blocking call (such as sleep)")
        if self._call_is_held:
            found.append("the promise of an async function")
        if found:
            scenario.has_told_what_keeps = True
            self.log(
                logging.WARNING,
                f"the iteration of virtual user {self.id} had not ended by itself when "
                f"its time ran out; it was waiting for {listed(found)}",
                "keeping",
            )

    def _wind_down(self, code: int) -> None:
        """Close the sockets and drop the timers; bounded by the wind-down limit."""
        if self.operations.end_code is None:
            self.operations.end_code = CLOSED_BY_INTERRUPTION
            for timer in self.timers.pending():
                self.log(logging.WARNING, self.timers.describe(timer), "timers")
            self._deadline = self.services.event_loop.call_later(
                self.services.settings.wind_down_s, self.abort
            )
        self.timers.clear_all()
        self.timers.is_ending = True
        self.operations.shut(code)
        if self._call_is_held:
            self._call_is_held = False
            self.loop.release()

    def _on_empty(self) -> None:
        if self._finished is not None and not self._finished.done():
            self._finished.set_result(None)
