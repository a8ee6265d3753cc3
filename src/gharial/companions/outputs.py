"""Outputs next to a run: started before the load, fed each second, awaited at the end."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from importlib.metadata import version
from typing import Final

from gharial.executors.catalog import scenarios_of
from gharial.lifecycle.access import Companion, RunAccess
from gharial.lifecycle.run_result import RunResult
from gharial.lifecycle.threads import in_daemon_thread
from gharial.metrics.batch import Batch
from gharial.outputs.base import Output, OutputError, RunEnd, RunFacts
from gharial.outputs.pump import OutputPump
from gharial.process.thread_names import OUTPUT_THREADS

START_LIMIT_S: Final = 20.0
"""How long an output may take to get ready."""


def facts_of(access: RunAccess) -> RunFacts:
    """Return the facts of a run that are known before it begins."""
    return RunFacts(
        run_id=access.run_id,
        script=access.plan.script,
        began_at_epoch_s=access.began_at_epoch_s,
        version=version("gharial"),
        options=access.options.as_script_sees(scenarios_of(access.options)),
        metrics=access.registry.metrics(),
        thresholds=access.thresholds,
        tags=access.options.tags,
    )


def end_of(result: RunResult) -> RunEnd:
    """Return the outcome of a run, for outputs."""
    return RunEnd(result.report, int(result.exit_code), result.problems, time.time())


async def start_in_time(pump: OutputPump, facts: RunFacts) -> None:
    """
    Get an output ready.

    Raises:
        OutputError: If it cannot start.
        TimeoutError: If it takes too long; it is left behind then.

    """
    starting = in_daemon_thread(pump.start, facts, name=f"{OUTPUT_THREADS}{pump.name}")
    await asyncio.wait_for(starting, START_LIMIT_S)


def outputs_companion(outputs: Mapping[str, Output]) -> Companion:
    """
    Return what feeds outputs next to a run.

    Args:
        outputs: By what the user wrote for each.

    """

    @asynccontextmanager
    async def feed(access: RunAccess) -> AsyncIterator[None]:
        loop, facts = asyncio.get_running_loop(), facts_of(access)

        def warn(text: str) -> None:
            loop.call_soon_threadsafe(
                access.log, logging.WARNING, text, {"source": "output"}
            )

        pumps = [OutputPump(name, output, warn) for name, output in outputs.items()]
        started: list[OutputPump] = []
        try:
            for pump in pumps:
                try:
                    await start_in_time(pump, facts)
                except TimeoutError:
                    raise OutputError(
                        f"--out {pump.name}: not ready within {START_LIMIT_S:g} s"
                    ) from None
                started.append(pump)
            access.results.tell(_Fed(started))
            yield
        finally:
            closing = (asyncio.to_thread(pump.close) for pump in started)
            await asyncio.gather(*closing)
            # What they said last is still on its way to the log.
            await asyncio.sleep(0)

    return feed


class _Fed:
    def __init__(self, pumps: list[OutputPump]) -> None:
        self._pumps = pumps

    def heard(self, batch: Batch) -> None:
        for pump in self._pumps:
            pump.offer(batch)

    def ended(self, result: RunResult) -> None:
        end = end_of(result)
        for pump in self._pumps:
            pump.end(end)
