"""A generator that is overloaded says so, once, and in the summary."""

import pytest
from whole_runs import run_whole

from gharial.executors.base import ScenarioPlan
from gharial.executors.constant_vus import ConstantVus
from gharial.lifecycle import overload
from gharial.lifecycle.overload import Cause
from gharial.report import text
from gharial.report.json import summary_data

SCRIPT = "export default function () { setTimeout(() => {}, 700); }"


def whole_run(folder):
    return run_whole(
        folder,
        "script.js",
        SCRIPT,
        [ConstantVus(ScenarioPlan(graceful_stop_s=0.0), 1, 2.2)],
    )


def generator_logs(run):
    return [t for _, t, fields in run.log if fields["source"] == "generator"]


@pytest.mark.slow
def test_one_warning_and_a_line_of_the_summary_tell_of_an_overload(
    tmp_path, monkeypatch
):
    # Any generator is past such limits.
    monkeypatch.setattr(overload, "LAG_LIMIT_MS", -1.0)
    monkeypatch.setattr(overload, "LAG_SECONDS_AT_LEAST", 1)
    monkeypatch.setattr(overload, "cause_of", lambda seconds: Cause.OWN_CPU)
    run = whole_run(tmp_path)
    [warning] = generator_logs(run)
    assert warning.startswith("the generator was the bottleneck")
    [line] = run.result.report.warnings
    assert line.startswith("the generator was the bottleneck")
    assert line in text.render(run.result.report)
    assert summary_data(run.result.report)["warnings"] == [line]


@pytest.mark.slow
def test_a_calm_generator_measures_itself_and_warns_of_nothing(tmp_path):
    run = whole_run(tmp_path)
    assert generator_logs(run) == []
    assert run.result.report.warnings == ()
    lag = run.result.report.metric("vu_loop_lag")
    assert lag is not None
    assert lag.sink.count >= 50
    assert lag.sink.minimum >= 0
    assert run.result.report.metric("worker_cpu").sink.maximum > 0
