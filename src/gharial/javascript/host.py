"""Scripts in JavaScript: loaded once, then instantiated for every virtual user."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any, cast

from gharial.engine.port import JsEngine
from gharial.errors import GharialError
from gharial.javascript.heaps import Heaps
from gharial.javascript.held_lines import HeldLines
from gharial.javascript.instance import JavaScriptInstance
from gharial.javascript.shared_script import SharedScript
from gharial.javascript.sources import ScriptSources
from gharial.javascript.watchdog import START_LIMIT_S, Watchdog
from gharial.log_lines import Log
from gharial.metrics.metric import Metric
from gharial.options.model import Options
from gharial.process import native_calls
from gharial.scripting.origin import PLAIN, Origin
from gharial.scripting.reading import NothingToRunError, first_user
from gharial.virtual_user.virtual_user import VirtualUser

# Contexts that share a heap save memory and cache misses, but its garbage collection
# stops them all: 0.7 ms for 10, 1.4 ms for 20, 3.5 ms for 50 (full collections).
# And the engine keeps a list of running frames for each heap. A VU that is suspended inside
# JavaScript leaves frames in that list whose memory another VU then uses: an exception's
# stack trace walks into garbage. So a VU that may be suspended has a heap of its own.
VUS_PER_GROUP = 20


# The names that a file exports may depend on those of others, and so on.
READS_MAXIMUM = 4


class JavaScriptHost:
    """
    A script in JavaScript.

    Attributes:
        language: ``javascript``.
        path: The script's file as the user named it.
        exports: Names of exported functions.
        options: The exported ``options``.
        metrics: The custom metrics that its top level defined.
        environment: ``__ENV`` as the script was read with it.

    """

    language = "javascript"
    unpacked_in = ""

    def __init__(
        self,
        path: str,
        engine: JsEngine,
        *,
        environment: Mapping[str, str],
        origin: Origin = PLAIN,
    ) -> None:
        self.path = path
        self.environment: Mapping[str, str] = dict(environment)
        self.exports: frozenset[str] = frozenset()
        self.options: Mapping[str, Any] = {}
        self.metrics: tuple[Metric, ...] = ()
        self._origin = origin
        self._sources = ScriptSources(path, engine, origin)
        self._shared = SharedScript(engine, self._sources, self.environment)
        self._heaps = Heaps[JavaScriptInstance]()

    def contents(self) -> dict[str, bytes]:
        """Return all files that the script needs, by absolute path or URL."""
        return self._sources.contents()

    def known(self) -> Origin:
        """Return what other processes need not find out again."""
        return replace(self._origin, pages=self._sources.pages())

    # -- For the run ------------------------------------------------------------------

    def read(
        self,
        log: Log,
        *,
        memory_limit_bytes: int | None = None,
    ) -> None:
        """
        Run the top level once, to learn what the script exports.

        Call it where no event loop is running.

        Args:
            log: Where its console and warnings go.
            memory_limit_bytes: What it may take meanwhile; None for the usual.

        Raises:
            ScriptStartError: If it threw, or is not JavaScript.
            NothingToRunError: If it exports no function.
            ModuleNotFoundInScriptError: If an import cannot be had.

        """
        options = Options()
        if memory_limit_bytes is not None:
            options = options.with_(memory_limit_bytes=memory_limit_bytes)
        asyncio.run(self._read(log, options))

    def instance(self, user: VirtualUser) -> JavaScriptInstance:
        """Return a fresh instance for a VU; its top level has not run yet."""
        native_calls.limit(
            max(user.services.settings.callback_timeout_s, START_LIMIT_S)
        )
        may_block = self._sources.may_block
        heap = self._heaps.with_room(1 if may_block else VUS_PER_GROUP)
        if heap is None:
            heap = self._heaps.add(
                self._shared.engine.new_group(
                    memory_limit_bytes=user.services.settings.memory_limit_bytes
                )
            )
            heap.group.set_interrupt_handler(Watchdog(heap.members).should_stop)
        instance = JavaScriptInstance(self._shared, heap, user)
        instance.may_block = user.loop.may_block = may_block
        heap.members.append(instance)
        return instance

    def close(self) -> None:
        """Free what all instances shared."""
        self._heaps.clear()

    # -- The inside ---------------------------------------------------------------------

    async def _read(self, log: Log, options: Options) -> None:
        lines = HeldLines(log, self._sources.export_names.may_change)
        try:
            described = await self._read_until_settled(lines, options)
        finally:
            self._heaps.clear()
            lines.finish()
        self._shared.finish_reading()
        self.exports = frozenset(described["functions"])
        self.options = described["options"]
        if not self.exports:
            raise NothingToRunError(
                self.path,
                "exports no function; write 'export default function () { ... }'",
            )

    async def _read_until_settled(
        self, lines: HeldLines, options: Options
    ) -> dict[str, Any]:
        """Run the top level until all names that files export are the true ones."""
        has_looked_ahead = False
        for _ in range(READS_MAXIMUM):
            try:
                described = await self._read_once(lines, options)
                if not self._sources.look_again():
                    return described
            except GharialError:
                if not self._sources.look_again():
                    if has_looked_ahead or not self._sources.look_ahead():
                        raise
                    has_looked_ahead = True
                    await self._look_ahead(options)
            self._shared.begin_again()
            lines.begin_again()
        return await self._read_once(lines, options)

    async def _read_once(self, log: Log, options: Options) -> dict[str, Any]:
        async with first_user(self, self.environment, log=log, options=options) as (
            user,
            self.metrics,
        ):
            instance = cast("JavaScriptInstance", user.instance)
            return instance.describe_exports()

    async def _look_ahead(self, options: Options) -> None:
        """Run the files whose names are not known; what goes wrong is met again later."""
        with suppress(GharialError):
            async with first_user(
                self, self.environment, log=lambda *line: None, options=options
            ):
                pass
        self._sources.look_at_all()
