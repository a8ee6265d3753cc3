"""A listener next to a run that keeps all of it, for reports, records and comparisons."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any, Final

from gharial.companions.outputs import START_LIMIT_S, end_of, facts_of, start_in_time
from gharial.lifecycle.access import Companion, RunAccess
from gharial.lifecycle.machine import LANGUAGES, machine_facts
from gharial.lifecycle.run_result import RunResult
from gharial.metrics.batch import Batch
from gharial.outputs.base import Output, OutputError, RunEnd, RunFacts
from gharial.outputs.pump import OutputPump
from gharial.report.document import (
    LoggedLine,
    RunDocument,
    RunIdentity,
    document_of,
)
from gharial.report.masking import REDACTED
from gharial.report.timeline import Timeline

_PRIVATE: Final = frozenset({"key", "password"})
"""What is left out of the options of TLS certificates."""


def document_companion(
    on_document: Callable[[RunDocument], None], *, name: str = "report"
) -> Companion:
    """
    Return a companion that hands over a run's document once it has ended.

    Args:
        on_document: Takes it, in a thread of its own, so it may write files; what it
            raises is logged, and the run's exit code stays. It is not called if the run
            did not come to an end.
        name: What messages about it call it.

    """
    return output_companion(name, lambda access: _Collector(access, on_document))


def output_companion(name: str, make: Callable[[RunAccess], Output]) -> Companion:
    """
    Return a companion that feeds a listener like an output: in its own thread.

    It hears of the end when all else is over, so that the log is complete.

    Args:
        name: What messages call it.
        make: Returns it; called before the run begins.

    """

    @asynccontextmanager
    async def feed(access: RunAccess) -> AsyncIterator[None]:
        loop, output = asyncio.get_running_loop(), make(access)

        def warn(text: str) -> None:
            loop.call_soon_threadsafe(
                access.log, logging.WARNING, text, {"source": "output"}
            )

        pump = OutputPump(name, output, warn)
        fed = _Fed(pump)
        facts = facts_of(access)
        try:
            await start_in_time(pump, facts)
        except TimeoutError:
            raise OutputError(f"{name}: not ready within {START_LIMIT_S:g} s") from None
        access.results.tell(fed)
        try:
            yield
        finally:
            if fed.result is not None:
                pump.end(end_of(fed.result))
            await asyncio.to_thread(pump.close)
            # What it said last is still on its way to the log.
            await asyncio.sleep(0)

    return feed


def identity_of(access: RunAccess, facts: RunFacts) -> RunIdentity:
    """Return what is known of a run when it begins."""
    return RunIdentity(
        facts.run_id,
        facts.script,
        LANGUAGES.get(access.plan.engine, access.plan.engine),
        facts.version,
        facts.began_at_epoch_s,
        0.0,
        options=without_private_keys(facts.options),
        machine={**machine_facts(), **access.machines},
        scenarios=tuple(
            (each.name, each.description) for each in access.plan.scenarios
        ),
    )


def without_private_keys(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return options as they may be kept and shown: private keys are left out."""
    kept = dict(options)
    if kept.get("tlsAuth"):
        kept["tlsAuth"] = [
            {
                field: REDACTED if field in _PRIVATE else value
                for field, value in each.items()
            }
            for each in kept["tlsAuth"]
        ]
    return kept


def timeline_for(access: RunAccess) -> Timeline:
    """Return an empty timeline that separates what the run's thresholds ask for."""
    return Timeline([each.selector for each in access.thresholds])


def whole_document(
    access: RunAccess, identity: RunIdentity, end: RunEnd, timeline: Timeline
) -> RunDocument:
    """
    Return the complete document of a run that has ended.

    Args:
        access: The run.
        identity: As it was when it began.
        end: What came of it.
        timeline: All of its seconds.

    """
    began = identity
    ended = RunIdentity(
        began.run_id,
        began.script,
        began.engine,
        began.version,
        # Points and all else are dated from when virtual users were there.
        access.results.began_at_epoch_s,
        end.report.duration_s,
        end.exit_code,
        end.problems,
        began.options,
        began.machine,
        began.scenarios,
    )
    return document_of(
        ended,
        end.report,
        timeline.points,
        examples=access.tail.examples,
        log=[
            LoggedLine(line.at_epoch_s, line.level, line.text, line.source)
            # A copy: the log may go on in the event loop's thread.
            for line in tuple(access.tail.lines)
        ],
        moments=access.all_moments(),
    )


class _Fed:
    def __init__(self, pump: OutputPump) -> None:
        self._pump = pump
        self.result: RunResult | None = None

    def heard(self, batch: Batch) -> None:
        self._pump.offer(batch)

    def ended(self, result: RunResult) -> None:
        self.result = result


class _Collector:
    """Hears a run as an output does, and hands over the document."""

    wants_samples = False

    def __init__(
        self, access: RunAccess, on_document: Callable[[RunDocument], None]
    ) -> None:
        self._access = access
        self._on_document = on_document
        self._timeline = timeline_for(access)

    def start(self, run: RunFacts) -> None:
        self._identity = identity_of(self._access, run)

    def write(self, batch: Batch) -> None:
        self._timeline.add(batch)

    def stop(self, end: RunEnd) -> None:
        self._on_document(
            whole_document(self._access, self._identity, end, self._timeline)
        )
