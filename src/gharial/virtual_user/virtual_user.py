"""One virtual user: its loop, timers, sockets, tags, and the iterations it runs."""

import asyncio
import logging
from collections.abc import Mapping
from functools import partial
from typing import Any

from gharial.metrics import builtin
from gharial.metrics.tags import TagSet
from gharial.net.cookies import CookieJar
from gharial.net.url import written_url
from gharial.timing import format_duration
from gharial.virtual_user.blocking import Suspension
from gharial.virtual_user.checks import Checks, Groups
from gharial.virtual_user.context import ScenarioContext, VuServices
from gharial.virtual_user.instruments import SocketInstruments
from gharial.virtual_user.iteration import IterationOutcome, LiveSocket
from gharial.virtual_user.keeping import listed, what_keeps
from gharial.virtual_user.kept import Kept
from gharial.virtual_user.loop import VuLoop
from gharial.virtual_user.own_tags import OwnTags
from gharial.virtual_user.script import (
    ScriptError,
    ScriptHost,
    ScriptInstance,
    ScriptInterruptedError,
    ScriptLimitError,
    TestAbortedError,
)
from gharial.virtual_user.timers import Timers
from gharial.virtual_user.waiting import Waiting

# RFC 6455 section 7.4.1: the endpoint is going away, as a browser tab that is closed.
CLOSED_BY_INTERRUPTION = 1001
# k6 closes the sockets of a failed iteration with 1000.
CLOSED_BY_FAILURE = 1000
# Optional exports of a script that run once in each virtual user.
SET_UP = "vuSetup"
TEAR_DOWN = "vuTeardown"


class VirtualUser:
    """
    One virtual user.

    Attributes:
        id: Its number, from 1, unique in the process; 0 for set-up and tear-down.
        services: What it shares with the others.
        loop: Its task queue.
        timers: Its timers.
        groups: The groups it is in.
        checks: Records its checks.
        cookies: Its cookie jar; made anew for each iteration unless options say else.
        scenario: The scenario that it works for; None before the first.
        iteration: Iterations that it began before the present one; -1 before the first.
        scenario_iteration: The same within its present scenario.
        iteration_in_test: Number of the present iteration within its scenario.
        iteration_in_instance: The same, of those that this process has begun.
        own_tags: Tags of what it measures.
        is_winding_down: Whether its iteration failed or was interrupted and is ending.
        is_setting_up: Whether ``vuSetup`` is running, so that what it opens is kept.
        instance: Its script.
        waiting: What waits for it while it is busy or suspended.

    """

    __slots__ = (
        "_call_is_held",
        "_deadline",
        "_exports",
        "_failure",
        "_finished",
        "_host",
        "_is_interrupted",
        "_is_set_up",
        "_kept",
        "_sockets",
        "_suspension",
        "checks",
        "cookies",
        "groups",
        "id",
        "instance",
        "is_setting_up",
        "is_winding_down",
        "iteration",
        "iteration_in_instance",
        "iteration_in_test",
        "loop",
        "own_tags",
        "scenario",
        "scenario_iteration",
        "services",
        "timers",
        "waiting",
    )

    def __init__(
        self,
        id: int,  # noqa: A002 - the domain's word for it
        host: ScriptHost,
        services: VuServices,
    ) -> None:
        self.id = id
        self.services = services
        self.loop = VuLoop(
            services.blocking, on_empty=self._on_empty, on_error=self.report
        )
        self.timers = Timers(self.loop, services.event_loop, services.clock.now_s)
        self.waiting = Waiting(
            services.settings.message_queue_size_bytes,
            services.clock.now_s,
            partial(services.warn_once, "unread sockets"),
        )
        self.groups = Groups()
        self.own_tags = OwnTags(
            self.groups,
            services.measurements.tags,
            services.settings.system_tags,
            keeps_metadata=services.measurements.registry.samples is not None,
        )
        self.checks = Checks(services.measurements, services.settings.system_tags)
        self.cookies = CookieJar()
        self.scenario: ScenarioContext | None = None
        self.iteration = -1
        self.scenario_iteration = -1
        self.iteration_in_test = -1
        self.iteration_in_instance = -1
        self.is_winding_down = False
        self._is_interrupted = False
        self._failure: BaseException | None = None
        self._finished: asyncio.Future[None] | None = None
        self._suspension: Suspension | None = None
        # In the order of opening, so that they are closed in that order.
        self._sockets: dict[LiveSocket, None] = {}
        # Those that live as long as the virtual user, over all its iterations.
        self._kept = Kept()
        self._host = host
        self._exports = host.exports
        self._is_set_up = False
        self.is_setting_up = False
        self._call_is_held = False
        self._deadline: asyncio.TimerHandle | None = None
        self.instance: ScriptInstance = host.instance(self)
        self.loop.checkpoint = self.instance.checkpoint

    # -- What the run does with a virtual user ------------------------------------

    async def start(self) -> None:
        """
        Run the script's top level, with all that it starts and waits for.

        Raises:
            ScriptError: If it threw.
            ScriptInterruptedError: If the virtual user was interrupted meanwhile.
            TestAbortedError: If it asked for the end of the test.

        """
        await self._run(self.instance.start)
        if self._failure is not None:
            raise self._failure
        if self._is_interrupted:
            raise ScriptInterruptedError()
        self.instance.finish_start()

    async def call(
        self, export: str, arguments: tuple[Any, ...] = ()
    ) -> tuple[Any, ...]:
        """
        Call an exported function outside of any iteration, and wait for its end.

        Returns:
            What it returned, as the only member; empty if that is nothing.

        Raises:
            ScriptError: If it threw.
            ScriptInterruptedError: If the virtual user was interrupted meanwhile.
            TestAbortedError: If it asked for the end of the test.

        """
        results: list[Any] = []
        await self._run(self.instance.call, export, arguments, results.append)
        if self._failure is not None:
            raise self._failure
        if self._is_interrupted:
            raise ScriptInterruptedError()
        return tuple(results)

    async def run_iteration(
        self,
        scenario: ScenarioContext,
        export: str = "default",
        arguments: tuple[Any, ...] = (),
    ) -> IterationOutcome:
        """
        Run one iteration to its end: no socket, timer or pending operation is left.

        Before the first one, ``vuSetup`` is run; an iteration whose ``vuSetup`` throws
        has failed, and the next one tries again. What that opened is kept.

        Its measurements are recorded unless it was interrupted. A script's exception
        is logged and never raised.
        """
        services = self.services
        self._enter_scenario(scenario)
        self.instance.begin_iteration(
            self.iteration, services.run.environment | dict(scenario.environment)
        )
        started_at_s = services.clock.now_s()
        if self._is_set_up or await self._set_up(arguments):
            started_at_s = services.clock.now_s()
            await self._call(export, arguments)
        duration_s = services.clock.now_s() - started_at_s
        await services.iteration_ended(self.id)
        if self._is_interrupted:
            return IterationOutcome.INTERRUPTED
        failure = self._failure
        if isinstance(failure, ScriptLimitError):
            await self._renew()
        measurements = services.measurements
        self.own_tags.leave_groups()
        measurements.add(builtin.ITERATIONS, 1, self.tags)
        measurements.add(builtin.ITERATION_DURATION, duration_s * 1e3, self.tags)
        if failure is not None:
            measurements.iteration_failed(failure, self.tags)
            return IterationOutcome.FAILED
        return IterationOutcome.COMPLETED

    async def tear_down(self, arguments: tuple[Any, ...] = ()) -> None:
        """
        Run ``vuTeardown`` if ``vuSetup`` was run, and close what that left open.

        Sockets are closed with 1001; it takes no longer than the limit of ``teardown``
        and the wind-down limit together. An exception is logged and never raised.
        """
        settings = self.services.settings
        if self._is_set_up and TEAR_DOWN in self._exports:
            self.groups.path = f"::{TEAR_DOWN}"
            await self._call_within(TEAR_DOWN, arguments, settings.teardown_timeout_s)
        self.timers.clear_kept()
        await self._kept.shut_and_wait(CLOSED_BY_INTERRUPTION, settings.wind_down_s)

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
        for socket in list(self._sockets):
            socket.abort()
        self._sockets.clear()
        self.timers.clear_all()
        self.loop.discard()
        self.waiting.clear()
        self._call_is_held = False
        if self._suspension is not None:
            self._suspension.throw(ScriptInterruptedError())
        self._on_empty()

    def close(self) -> None:
        """Free all that belongs to this virtual user; it cannot be used again."""
        self.interrupt()
        self.abort()
        self._kept.abort()
        self.timers.clear_kept()
        self.instance.close()

    # -- What script code uses -----------------------------------------------------

    @property
    def tags(self) -> TagSet:
        """The tags of what is measured now: run, scenario, group and the script's."""
        return self.own_tags.present

    @property
    def id_in_instance(self) -> int:
        """Its number, from 1, among those of this process."""
        return self.services.run.index_here(self.id) + 1 if self.id else 0

    @property
    def now_s(self) -> float:
        """The present instant on the monotonic clock."""
        return self.services.clock.now_s()

    def block(self, seconds: float) -> None:
        """
        Suspend this virtual user, and no other, for so many seconds.

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

    def observer(
        self, url: str, tags: Mapping[str, str] | None = None
    ) -> SocketInstruments:
        """
        Return the instruments for a new socket, with the tags of this moment.

        Args:
            url: The URL as the script wrote it.
            tags: Further tags.

        """
        vu_tags = self.tags
        return SocketInstruments(
            self.services.measurements,
            url=written_url(url),
            vu_tags=vu_tags,
            socket_tags=vu_tags.with_(tags) if tags else vu_tags,
            system_tags=self.services.settings.system_tags,
        )

    def socket_opening(self, socket: LiveSocket) -> None:
        """Keep the iteration alive for this socket, from its construction on."""
        self._sockets[socket] = None
        self.loop.hold()
        if self.is_winding_down:
            socket.shut(CLOSED_BY_INTERRUPTION)

    def socket_established(self, socket: LiveSocket) -> None:
        """Keep a socket that ``vuSetup`` opened, now that the script knows it is open."""
        if self.is_setting_up and not self._call_is_held and socket in self._sockets:
            self._keep(socket)

    def socket_closed(self, socket: LiveSocket) -> None:
        """Let the iteration end without this socket; call it once its events are over."""
        if self._sockets.pop(socket, self) is not self:
            self.loop.release()
        elif self._kept.closed(socket):
            # The task that this is part of may yet settle what the script waits for.
            self.loop.post(self._give_up_waiting)

    def measure_group(self, path: str, started_at_s: float) -> None:
        """Leave the present group for ``path`` and record how long it took."""
        duration_s = self.now_s - started_at_s
        self.services.measurements.add(
            builtin.GROUP_DURATION, duration_s * 1e3, self.tags
        )
        self.groups.path = path

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

    # -- The inside ----------------------------------------------------------------

    async def _set_up(self, arguments: tuple[Any, ...]) -> bool:
        """Run ``vuSetup``, if there is one; return whether iterations may begin."""
        if SET_UP not in self._exports:
            self._is_set_up = True
            return True
        self.groups.path = f"::{SET_UP}"
        self.is_setting_up = True
        limit_s = self.services.settings.setup_timeout_s
        try:
            await self._call_within(SET_UP, arguments, limit_s)
        finally:
            self.is_setting_up = False
            self.own_tags.leave_groups()
        self._is_set_up = self._failure is None and not self._is_interrupted
        if not self._is_set_up:
            self.timers.clear_kept()
            self._kept.shut(CLOSED_BY_INTERRUPTION)
        return self._is_set_up

    async def _renew(self) -> None:
        """Have a fresh instance of the script in place of one that broke a limit."""
        self._kept.abort()
        self.timers.clear_kept()
        self._is_set_up = False
        broken = self.instance
        try:
            self.instance = self._host.instance(self)
            self.loop.checkpoint = self.instance.checkpoint
            await self.start()
        except Exception as error:
            # The old one goes on, as well as it can.
            self.log(logging.ERROR, f"a fresh start failed: {error}", "stacktrace")
            if self.instance is broken:
                return
        broken.close()

    async def _call_within(
        self, export: str, arguments: tuple[Any, ...], limit_s: float
    ) -> None:
        """Call an exported function, which fails if it does not end within a time."""
        too_long = ScriptError(
            f"{export}() did not end within {format_duration(limit_s)}",
            f"    at {export}",
        )
        limit = self.services.event_loop.call_later(limit_s, self.report, too_long)
        try:
            await self._call(export, arguments)
        finally:
            limit.cancel()

    async def _call(self, export: str, arguments: tuple[Any, ...]) -> None:
        """Call an exported function, and wait until nothing of it is left."""
        if SET_UP in self._exports:
            await self._run(self._call_held, export, arguments)
        else:
            await self._run(self.instance.call, export, arguments)

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
            if self.is_setting_up and self._failure is None:
                self.timers.keep_intervals()
                for socket in list(self._sockets):
                    if socket.is_established:
                        self._keep(socket)
            self.loop.release()

    def _give_up_waiting(self) -> None:
        if self._call_is_held and not self._kept and self.loop.held == 1:
            # Nothing is left that could settle what the function waits for.
            self._settled()

    def _keep(self, socket: LiveSocket) -> None:
        del self._sockets[socket]
        self._kept.add(socket)
        self.loop.release()

    def _log_error(self, error: BaseException) -> None:
        if isinstance(error, ScriptError) and self.iteration >= 0:
            self.log(logging.ERROR, str(error), "stacktrace")
        elif not isinstance(error, ScriptError):
            self.services.log(
                logging.ERROR,
                f"{type(error).__name__}: {error}",
                {"source": "gharial"},
            )
            logging.getLogger("gharial").debug("while running a VU", exc_info=error)

    async def _run(self, callback: Any, *arguments: Any) -> None:
        self._is_interrupted = False
        self.is_winding_down = False
        self._failure = None
        self._finished = self.services.event_loop.create_future()
        self.loop.post(callback, *arguments)
        try:
            await self._finished
        finally:
            self._finished = None
            if self._deadline is not None:
                self._deadline.cancel()
                self._deadline = None
            if self._is_interrupted and self._kept:
                # What is kept goes on hearing its server between two iterations.
                self.instance.recover()

    def _enter_scenario(self, scenario: ScenarioContext) -> None:
        if scenario is not self.scenario:
            self.scenario = scenario
            self.scenario_iteration = -1
            self.own_tags.enter(scenario)
        self.iteration += 1
        self.own_tags.begin({"vu": self.id, "iter": self.iteration})
        self.scenario_iteration += 1
        self.iteration_in_instance = scenario.iterations_started
        self.iteration_in_test = scenario.number(scenario.iterations_started)
        scenario.iterations_started += 1
        if not self.services.settings.no_cookies_reset:
            self.cookies = CookieJar()

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
        found = what_keeps(self._sockets, self.timers.pending(), self.instance.place_of)
        if self._suspension is not None:
            found.append("a blocking call (such as sleep)")
        if self._call_is_held:
            found.append("the promise of an async function")
        if found:
            scenario.has_told_what_keeps = True
            self.log(
                logging.WARNING,
                f"the iteration of virtual user {self.id} had not ended by itself when "
                f"its time was over; it waited for {listed(found)}",
                "keeping",
            )

    def _wind_down(self, code: int) -> None:
        """Close the sockets and drop the timers; bounded by the wind-down limit."""
        if not self.is_winding_down:
            self.is_winding_down = True
            for timer in self.timers.pending():
                self.log(logging.WARNING, self.timers.describe(timer), "timers")
            self._deadline = self.services.event_loop.call_later(
                self.services.settings.wind_down_s, self.abort
            )
        self.timers.clear_all()
        for socket in list(self._sockets):
            socket.shut(code)
        if self._call_is_held:
            self._call_is_held = False
            self.loop.release()

    def _on_empty(self) -> None:
        if self._finished is not None and not self._finished.done():
            self._finished.set_result(None)
