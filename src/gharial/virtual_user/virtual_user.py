"""One virtual user: its loop, timers, sockets, tags, and the iterations it runs."""

import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Protocol

from gharial.metrics import builtin
from gharial.metrics.metric import Metric
from gharial.metrics.tags import TagSet
from gharial.net.cookies import CookieJar
from gharial.timing import format_duration
from gharial.virtual_user.checks import Checks, Groups
from gharial.virtual_user.context import ScenarioContext, VuServices
from gharial.virtual_user.iteration import IterationOutcome
from gharial.virtual_user.numbers import IterationNumbers
from gharial.virtual_user.own_tags import OwnTags
from gharial.virtual_user.script import (
    ScriptError,
    ScriptInstance,
    ScriptInterruptedError,
    ScriptLimitError,
)
from gharial.virtual_user.script_runner import CLOSED_BY_INTERRUPTION, ScriptRunner

if TYPE_CHECKING:
    from gharial.virtual_user.socket_instruments import SocketInstruments
    from gharial.websocket.opening_request import OpeningRequest

# Optional exports of a script that run once in each virtual user.
SET_UP = "vuSetup"
TEAR_DOWN = "vuTeardown"


class ScriptHost(Protocol):
    """
    A test script, loaded once, from which every VU gets its own instance.

    Attributes:
        language: ``javascript`` or ``python``.
        path: The script's file as the user named it.
        exports: Names of exported functions.
        options: The exported ``options``, as plain JSON-like data; empty if none.

    """

    language: str
    path: str
    exports: frozenset[str]
    options: Mapping[str, Any]
    metrics: tuple[Metric, ...]

    def instance(self, user: "VirtualUser") -> ScriptInstance:
        """Return a fresh instance for a VU; its top level has not run yet."""
        ...

    def close(self) -> None:
        """Free what all instances shared."""
        ...


class VirtualUser(ScriptRunner):
    """
    One virtual user.

    Attributes:
        groups: The groups it is in.
        checks: Records its checks.
        cookies: Its cookie jar; made anew for each iteration unless options say else.
        numbers: The numbers of its present iteration.
        own_tags: Tags of what it measures.

    """

    __slots__ = (
        "_exports",
        "_host",
        "_is_set_up",
        "checks",
        "cookies",
        "groups",
        "numbers",
        "own_tags",
    )

    def __init__(
        self,
        id: int,  # noqa: A002 - the domain's word for it
        host: ScriptHost,
        services: VuServices,
    ) -> None:
        super().__init__(id, services)
        self.groups = Groups()
        self.own_tags = OwnTags(
            self.groups,
            services.measurements.tags,
            services.settings.system_tags,
            keeps_metadata=services.measurements.registry.samples is not None,
        )
        self.checks = Checks(services.measurements, services.settings.system_tags)
        self.cookies = CookieJar()
        self.numbers = IterationNumbers()
        self._host = host
        self._exports = host.exports
        self._is_set_up = False
        self.instance = host.instance(self)
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
            self.numbers.of_user, services.run.environment | dict(scenario.environment)
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
        await self.operations.shut_kept_and_wait(
            CLOSED_BY_INTERRUPTION, settings.wind_down_s
        )

    def close(self) -> None:
        """Free all that belongs to this virtual user; it cannot be used again."""
        self.interrupt()
        self.abort()
        self.operations.abort_kept()
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
    def local_address(self) -> str:
        """The address that it connects from, empty for any."""
        return self.services.local_address(self.id)

    def observer(
        self, url: str, tags: Mapping[str, str] | None = None
    ) -> "SocketInstruments":
        """
        Return the instruments for a new socket, with the tags of this moment.

        Args:
            url: The URL as the script wrote it.
            tags: Further tags.

        """
        # Not above: a virtual user without sockets needs none of it.
        from gharial.net.url import written_url
        from gharial.virtual_user.socket_instruments import SocketInstruments

        vu_tags, settings = self.tags, self.services.settings
        shown = written_url(url)
        if not settings.tag_url_query:
            # It carries tokens and ids: each would make a series of its own.
            shown = shown.partition("?")[0]
        return SocketInstruments(
            self.services.measurements,
            url=shown,
            vu_tags=vu_tags,
            socket_tags=vu_tags.with_(tags) if tags else vu_tags,
            system_tags=settings.system_tags,
        )

    def ruled(
        self, request: "OpeningRequest", tags: Mapping[str, str] | None
    ) -> "tuple[OpeningRequest, Mapping[str, str] | None]":
        """Return a request for a socket, and its tags, with what the options add."""
        rules = self.services.socket_rules
        return (request, tags) if rules is None else rules.apply(request, tags)

    def measure_group(self, path: str, started_at_s: float) -> None:
        """Leave the present group for ``path`` and record how long it took."""
        duration_s = self.now_s - started_at_s
        self.services.measurements.add(
            builtin.GROUP_DURATION, duration_s * 1e3, self.tags
        )
        self.groups.path = path

    # -- The inside ----------------------------------------------------------------

    async def _set_up(self, arguments: tuple[Any, ...]) -> bool:
        """Run ``vuSetup``, if there is one; return whether iterations may begin."""
        if SET_UP not in self._exports:
            self._is_set_up = True
            return True
        self.groups.path = f"::{SET_UP}"
        self._is_setting_up = True
        limit_s = self.services.settings.setup_timeout_s
        try:
            await self._call_within(SET_UP, arguments, limit_s)
        finally:
            self._is_setting_up = self.operations.are_keeping = False
            self.own_tags.leave_groups()
        self._is_set_up = self._failure is None and not self._is_interrupted
        if not self._is_set_up:
            self.timers.clear_kept()
            self.operations.shut_kept(CLOSED_BY_INTERRUPTION)
        return self._is_set_up

    async def _renew(self) -> None:
        """Have a fresh instance of the script in place of one that broke a limit."""
        self.operations.abort_kept()
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

    def _enter_scenario(self, scenario: ScenarioContext) -> None:
        if scenario is not self.scenario:
            self.scenario = scenario
            self.numbers.enter_scenario()
            self.own_tags.enter(scenario)
        self.numbers.begin(scenario)
        self.own_tags.begin({"vu": self.id, "iter": self.numbers.of_user})
        if not self.services.settings.no_cookies_reset:
            self.cookies = CookieJar()
