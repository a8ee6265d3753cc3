"""One run, from a loaded script to an exit code."""

import asyncio
import logging
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

from gharial.errors import ExitCode, GharialError
from gharial.lifecycle.control import Control
from gharial.lifecycle.happenings import (
    Crossings,
    SecondsListener,
    exception_summaries,
    failure_summaries,
)
from gharial.lifecycle.load import Load
from gharial.lifecycle.overload import Cause, warnings_of
from gharial.lifecycle.results import Results
from gharial.lifecycle.run_result import RunResult
from gharial.lifecycle.setup_and_teardown import Stages
from gharial.metrics import builtin
from gharial.metrics.metric import Metric
from gharial.metrics.registry import Registry
from gharial.metrics.sinks import CounterSink
from gharial.metrics.statistics import DEFAULT_TREND_STATISTICS
from gharial.metrics.tags import EMPTY, TagSet
from gharial.metrics.thresholds.evaluate import Threshold, Verdict, aborting, judge
from gharial.metrics.thresholds.unmatched import unmatched
from gharial.report.build import Happenings, build_report
from gharial.report.masking import secret_texts
from gharial.report.moments import Moments
from gharial.report.onsets import Onsets
from gharial.report.run_report import ExceptionSummary, FailureSummary
from gharial.report.socket_ends import none_opened
from gharial.report.status import Phase, RunStatus
from gharial.report.verdict import with_verdict
from gharial.virtual_user.context import VuServices
from gharial.virtual_user.script import ScriptInterruptedError
from gharial.virtual_user.virtual_user import ScriptHost

# Views are told of the run four times a second, gauges are sampled each second and
# thresholds judged every two, as k6 does.
TICK_S = 0.25
TICKS_PER_SAMPLE = 4
TICKS_PER_JUDGEMENT = 8


class Run:
    """One run of a script; make it on the running event loop and run it once."""

    def __init__(  # noqa: PLR0913 - each is one part that the run is made of
        self,
        host: ScriptHost,
        services: VuServices,
        load: Load,
        *,
        control: Control,
        setup_timeout_s: float | None,
        teardown_timeout_s: float | None,
        handle_summary_timeout_s: float,
        results: Results | None = None,
        thresholds: Sequence[Threshold] = (),
        tags: TagSet = EMPTY,
        needs_values: bool = False,
        trend_stats: Sequence[str] = DEFAULT_TREND_STATISTICS,
        no_color: bool = False,
        on_status: Callable[[RunStatus], None] = lambda status: None,
        moments: Moments | None = None,
    ) -> None:
        self._services = services
        self._load = load
        self._control = control
        self._results = results or Results(services.measurements.registry, Registry())
        self._thresholds = thresholds
        self._needs_values = needs_values
        self._tags = tags
        self._on_status = on_status
        self._trend_stats = trend_stats
        self._no_color = no_color
        self._began_at_s = services.clock.now_s()
        self._ended_at_s: float | None = None
        self._phase = Phase.INITIALISING
        self._has_begun = False
        self._has_run = False
        self._warned: set[Cause] = set()
        services.run.abort = control.abort
        services.run.mark_failed = control.mark_failed
        self._onsets = Onsets()
        self._moments = moments or Moments()
        self._crossings = Crossings(self._moments)
        self._results.tell(SecondsListener(self._onsets.add))
        self._stages = Stages(
            host,
            services,
            control,
            setup_timeout_s=setup_timeout_s,
            teardown_timeout_s=teardown_timeout_s,
            handle_summary_timeout_s=handle_summary_timeout_s,
        )

    async def run(self) -> RunResult:
        """Run the whole test; its report and exit code are returned in any case."""
        ticker = asyncio.ensure_future(self._tick())
        try:
            await self._load.prepare()
            # As in k6: what virtual users take to come about is no part of the run.
            self._began_at_s = self._services.clock.now_s()
            self._services.run.started_at_s = self._began_at_s
            self._results.begin()
            self._has_begun = True
            if await self._may_go_on() and await self._set_up():
                await self._run_scenarios()
        except ScriptInterruptedError:
            # The run was stopped while a stage ran; the reason is known.
            pass
        except GharialError as error:
            if self._control.stopped.is_set():
                self._control.fail(error.exit_code, str(error))
            self._control.stop(error.exit_code, str(error))
        finally:
            ticker.cancel()
            await asyncio.gather(ticker, return_exceptions=True)
            self._ended_at_s = self._services.clock.now_s()
            self._phase = Phase.DONE
            self._show()
            self._load.close()
            self._results.publish_all()
        result = await self._summarized(self._result())
        await self._load.left()
        return result

    async def _summarized(self, result: RunResult) -> RunResult:
        """Return the result with what ``handleSummary`` made of it."""
        if not self._stages.has("handleSummary"):
            return result
        self._services.run.is_stopping = False
        from gharial.report.json import summary_data

        data = summary_data(
            result.report,
            self._trend_stats,
            options={
                "summaryTimeUnit": self._services.run.options.get("summaryTimeUnit")
                or "",
                "noColor": self._no_color,
            },
            state={
                "isStdOutTTY": sys.stdout is not None and sys.stdout.isatty(),
                "isStdErrTTY": sys.stderr is not None and sys.stderr.isatty(),
            },
            setup_data=next(iter(self._stages.data), None),
        )
        try:
            return replace(result, texts=await self._stages.summarize(data))
        except GharialError as error:
            # As in k6: the summary is shown as usual then, and the run's end stands.
            self._services.log(logging.ERROR, str(error), {"source": "handleSummary"})
            return result

    async def _may_go_on(self) -> bool:
        """Wait while the run is paused before its beginning; return whether to begin."""
        await self._control.going_on()
        return not self._control.stopped.is_set()

    async def _set_up(self) -> bool:
        """Run ``setup``; return whether the scenarios may begin."""
        if not self._control.stopped.is_set() and self._stages.has("setup"):
            self._phase = Phase.SETUP
            await self._stages.setup()
        return not self._control.stopped.is_set()

    async def _run_scenarios(self) -> None:
        """Run the scenarios, and ``teardown`` after them however they end."""
        self._phase = Phase.RUNNING
        self._has_run = True
        try:
            await self._load.run(self._stages.data)
        finally:
            if self._stages.has("teardown"):
                self._phase = Phase.TEARDOWN
                self._services.run.is_stopping = False
                await self._stages.teardown()

    async def _tick(self) -> None:
        count = 0
        is_counted_from_begin = False
        while True:
            if self._has_begun and not is_counted_from_begin:
                # Also of a run of one second there is a sample.
                count, is_counted_from_begin = 0, True
            if count % TICKS_PER_SAMPLE == 1:
                if self._has_begun:
                    # Before, virtual users are still being made, here or in workers.
                    self._sample()
                    self._results.publish()
                else:
                    # Told now, it would be dated like the first seconds of the run.
                    self._results.collect()
            self._show()
            self._warn_of_overload()
            await asyncio.sleep(TICK_S)
            count += 1
            if count % TICKS_PER_JUDGEMENT == 0 and self._phase is Phase.RUNNING:
                self._judge()

    def _sample(self) -> None:
        load, measurements = self._load.status(), self._services.measurements
        measurements.add(builtin.VUS, load.vus, self._tags)
        measurements.add(builtin.VUS_MAX, load.vus_max, self._tags)

    def status(self) -> RunStatus:
        """Return where the run stands now."""
        load = self._load.status()
        return RunStatus(
            elapsed_s=self._elapsed_s(),
            phase=self._shown_phase(),
            vus=load.vus,
            vus_max=load.vus_max,
            iterations_completed=load.iterations_completed,
            iterations_interrupted=load.iterations_interrupted,
            open_sockets=load.open_sockets,
            messages_sent=int(self._total(builtin.WS_MSGS_SENT)),
            messages_received=int(self._total(builtin.WS_MSGS_RECEIVED)),
            errors=load.errors,
            scenarios=load.scenarios,
            is_paused=self._control.is_paused,
            workers=load.crew,
            load_s=load.ran_s,
            iterations_failed=load.iterations_failed,
            thresholds=len(self._thresholds),
            crossed=self._crossings.now,
            connecting_p95_ms=self._onsets.last_p95_ms.get(builtin.WS_CONNECTING.name),
            request_p95_ms=self._onsets.last_p95_ms.get(builtin.WS_REQ_DURATION.name),
            checks_passed=self._onsets.checks_passed,
            checks_made=self._onsets.checks_made,
        )

    def _shown_phase(self) -> Phase:
        is_stopping = self._phase is Phase.RUNNING and self._control.stopped.is_set()
        return Phase.STOPPING if is_stopping else self._phase

    def _show(self) -> None:
        status = self.status()
        self._moments.see(status)
        self._on_status(status)

    def _total(self, metric: Metric) -> float:
        # What was collected, and what has come since.
        return sum(
            sink.value
            for registry in (
                self._results.registry,
                self._services.measurements.registry,
            )
            for _, sink in registry.series_of(metric)
            if isinstance(sink, CounterSink)
        )

    def _losses(self) -> tuple[str, ...]:
        return tuple(str(each) for each in self._load.status().losses)

    def _overload_warnings(self) -> dict[Cause, str]:
        load = self._load.status()
        is_here = self._services.run.options.get("cluster") is None
        # Other machines' cores are not counted: a cluster has one for each worker.
        cores = None if is_here else load.workers
        return warnings_of(load.overloads, load.workers, cores)

    def _warn_of_overload(self) -> None:
        for cause, text in self._overload_warnings().items():
            if cause not in self._warned:
                self._warned.add(cause)
                self._services.log(logging.WARNING, text, {"source": "generator"})

    def verdicts(self) -> list[Verdict]:
        """Return the thresholds as they stand now; those without values are left out."""
        self._results.collect()
        return judge(
            self._thresholds,
            self._results.registry,
            duration_s=self._load.status().ran_s,
            is_final=False,
        )

    def exceptions(self) -> tuple[ExceptionSummary, ...]:
        """Return what has ended iterations so far, the most frequent first."""
        results = self._results
        results.exceptions.merge(self._services.measurements.exceptions.take())
        return exception_summaries(
            results.exceptions.groups, results.began_at_epoch_s, self._secrets()
        )

    def _unmatched_sockets(self) -> Iterator[str]:
        """Give a warning for each entry of ``sockets`` that no socket matched."""
        services = self._services
        matched = {
            *self._results.matched_sockets,
            *services.measurements.matched_sockets,
        }
        for rule in services.settings.sockets if self._has_run else ():
            if rule.match not in matched:
                yield (
                    f"sockets: no socket matched {rule.match!r}, or an entry before it "
                    "did; what it says was not used"
                )

    def failures(self) -> tuple[FailureSummary, ...]:
        """Return what has failed so far, the most frequent first."""
        results = self._results
        results.failures.merge(self._services.measurements.failures.take())
        return failure_summaries(
            results.failures.groups, results.began_at_epoch_s, self._secrets()
        )

    def _secrets(self) -> tuple[str, ...]:
        return secret_texts(self._services.run.secrets)

    def _elapsed_s(self) -> float:
        now_s = self._services.clock.now_s()
        return (self._ended_at_s or now_s) - self._began_at_s

    def _judge(self) -> None:
        verdicts = self.verdicts()
        self._crossings.see(verdicts, self._elapsed_s())
        failed = aborting(verdicts, self._elapsed_s())
        if failed:
            names = sorted({v.threshold.selector.text for v in failed})
            self._control.stop(
                ExitCode.THRESHOLDS_FAILED,
                f"thresholds on metrics '{', '.join(names)}' were crossed; at least one "
                "has abortOnFail enabled, stopping the test",
            )

    def _fail_by(self, verdicts: Sequence[Verdict]) -> None:
        """Have the run end as failed if a threshold failed."""
        failed = [each for each in verdicts if not each.has_passed]
        crossed = _names(each for each in failed if each.has_values)
        unjudged = _names(each for each in failed if not each.has_values)
        if crossed and self._control.exit_code is not ExitCode.THRESHOLDS_FAILED:
            self._control.fail(
                ExitCode.THRESHOLDS_FAILED,
                f"thresholds on metrics '{crossed}' have been crossed",
            )
        if unjudged:
            how = "noDataThresholds" if self._needs_values else "as in k6"
            self._control.fail(
                ExitCode.THRESHOLDS_FAILED,
                f"thresholds on metrics '{unjudged}' had no values to judge, which fails "
                f"them ({how})",
            )

    def _result(self) -> RunResult:
        registry = self._results.registry
        # Of a run without load, setup's measurements are all there is.
        duration_s = self._load.status().ran_s or self._elapsed_s()
        verdicts = judge(
            self._thresholds,
            registry,
            duration_s=duration_s,
            is_final=True,
            needs_values=self._needs_values,
        )
        self._fail_by(verdicts)
        self._crossings.see(verdicts, self._elapsed_s())
        warnings = (
            ()
            if self._load.status().iterations_completed or not self._has_run
            else (
                "no iteration finished; make the test longer, or its iterations "
                "shorter",
            )
        )
        report = build_report(
            registry,
            duration_s=duration_s,
            run_s=self._elapsed_s(),
            happenings=self._happenings(),
            verdicts=verdicts,
            warnings=(
                *self._losses(),
                *warnings,
                *unmatched(self._thresholds, registry),
                *self._unmatched_sockets(),
                *self._overload_warnings().values(),
            ),
        )
        first = none_opened(report)
        if first:
            report = replace(report, warnings=(first, *report.warnings))
        code, problems = self._control.exit_code, tuple(self._control.problems)
        return RunResult(
            with_verdict(report, code, problems),
            code,
            problems,
            setup_data=self._stages.data,
            began_at_epoch_s=self._results.began_at_epoch_s,
        )

    def _happenings(self) -> Happenings:
        return Happenings(
            self.exceptions(),
            self.failures(),
            self._onsets.slowdowns(),
            self._onsets.check_times(),
            self._crossings.since_s,
        )


def _names(verdicts: Iterable[Verdict]) -> str:
    return ", ".join(sorted({each.threshold.selector.text for each in verdicts}))
