from collections.abc import Callable
from dataclasses import replace

import pytest

from gharial.report.status import Phase, RunPlan, RunStatus, ScenarioStatus
from gharial.views.terminal.wording import (
    RateMeter,
    Rates,
    format_elapsed,
    format_rate,
    header,
    headline,
    iterations_column,
    quality,
    short_name,
    time_column,
    traffic,
    vus_column,
)

StatusOf = Callable[..., RunStatus]


def test_the_header_tells_script_engine_and_scenarios(plan: RunPlan) -> None:
    text = header(plan, is_compiled=True)
    assert "   execution: local, JavaScript\n" in text
    assert "      script: dir/script.js\n" in text
    assert (
        "   scenarios: 1 scenario, 10 max VUs, 40s max duration (incl. graceful stop):\n"
        "              * chat: 10 looping VUs for 10s (gracefulStop: 30s)\n" in text
    )


def test_the_header_says_that_the_hot_path_is_not_compiled(plan: RunPlan) -> None:
    assert "JavaScript, not compiled (" in header(plan, is_compiled=False)


def test_the_header_names_the_cluster_that_makes_the_load(plan: RunPlan) -> None:
    assert "execution: local, JavaScript" in header(plan)
    text = header(replace(plan, cluster="10.0.0.1:6379"))
    assert "execution: cluster (10.0.0.1:6379), JavaScript" in text


def test_the_header_has_colours_only_if_wanted(plan: RunPlan) -> None:
    assert "\x1b[" not in header(plan)
    assert "\x1b[" in header(plan, color=True)


@pytest.mark.parametrize(
    ("phase", "line"),
    [
        (Phase.INITIALISING, "starting (10 VUs so far)"),
        (Phase.SETUP, "setup() 0m05.0s"),
        (
            Phase.RUNNING,
            "running (0m05.0s), 8/10 VUs, 3 complete and 1 interrupted iterations",
        ),
        (
            Phase.STOPPING,
            "stopping (0m05.0s), 8/10 VUs, 3 complete and 1 interrupted iterations",
        ),
        (Phase.TEARDOWN, "teardown() 0m05.0s"),
        (
            Phase.DONE,
            "done (0m05.0s), 8/10 VUs, 3 complete and 1 interrupted iterations",
        ),
    ],
)
def test_the_headline_of_each_phase(
    phase: Phase, line: str, status_of: StatusOf
) -> None:
    assert headline(status_of(phase=phase)) == line


def test_traffic_while_running_is_in_messages_a_second(status_of: StatusOf) -> None:
    line = traffic(status_of(), Rates(4.25, 1234.0))
    assert line == "32 open sockets, messages/s 4.2 out 1,234 in, 0 errors"


def test_traffic_at_the_end_is_in_messages(status_of: StatusOf) -> None:
    line = traffic(
        status_of(phase=Phase.DONE, open_sockets=1, errors=1), Rates(0.0, 0.0)
    )
    assert line == "1 open socket, messages 500 out 2,000 in, 1 error"


def test_rates_are_taken_over_about_the_last_second(status_of: StatusOf) -> None:
    meter = RateMeter()
    for tenths in range(31):
        rates = meter.rates(
            status_of(
                elapsed_s=tenths / 10,
                messages_sent=100 * tenths,
                # All of these came in the first second.
                messages_received=min(tenths, 10) * 50,
            )
        )
    assert rates.sent_per_s == pytest.approx(1000)
    assert rates.received_per_s == 0


def test_the_first_status_has_no_rates(status_of: StatusOf) -> None:
    assert RateMeter().rates(status_of()) == Rates(0.0, 0.0)


def test_rates_start_anew_when_the_time_does(status_of: StatusOf) -> None:
    meter = RateMeter()
    meter.rates(status_of(elapsed_s=50.0, messages_sent=0))
    assert meter.rates(status_of(elapsed_s=0.0)) == Rates(0.0, 0.0)
    assert meter.rates(
        status_of(elapsed_s=2.0, messages_sent=600)
    ).sent_per_s == pytest.approx(50)


@pytest.mark.parametrize(
    ("elapsed_s", "text"),
    [
        (0, "0m00.0s"),
        (-1, "0m00.0s"),
        (5.26, "0m05.2s"),
        (59.999, "0m59.9s"),
        (60, "1m00.0s"),
        (3599.9, "59m59.9s"),
        (3725.9, "1h02m05s"),
    ],
)
def test_elapsed_times_are_cut_to_tenths(elapsed_s: float, text: str) -> None:
    assert format_elapsed(elapsed_s) == text


@pytest.mark.parametrize(
    ("rate", "text"), [(0, "0"), (0.31, "0.3"), (9.96, "10.0"), (12345.6, "12,346")]
)
def test_rates_are_written_with_the_digits_that_matter(rate: float, text: str) -> None:
    assert format_rate(rate) == text


def test_the_columns_of_a_scenario(scenario_of: Callable[..., ScenarioStatus]) -> None:
    scenario = scenario_of()
    assert vus_column(scenario) == " 8/10 VUs"
    assert time_column(scenario) == "0m05.0s/10s"
    assert iterations_column(scenario) == "3/20 iters"
    assert iterations_column(scenario_of(iterations_total=None)) == "3 iters"


def test_a_scenario_in_its_graceful_stop_is_not_shown_over_time(
    scenario_of: Callable[..., ScenarioStatus],
) -> None:
    assert time_column(scenario_of(elapsed_s=12.0)) == "0m10.0s/10s"


def test_a_long_name_is_cut() -> None:
    assert short_name("n" * 30) == "n" * 30
    assert short_name("n" * 31) == "n" * 27 + "..."


def test_quality_is_times_checks_and_thresholds(status_of: StatusOf) -> None:
    assert quality(status_of()) == ""
    found = status_of(
        connecting_p95_ms=12.3456, checks_passed=3, checks_made=4, thresholds=3
    )
    assert quality(found) == "connecting p95 12.3ms, checks 75.00% passed, 3 thresholds"
    crossed = status_of(request_p95_ms=602.0, thresholds=3, crossed=("a b<1", "c"))
    assert quality(crossed) == "requests p95 602ms, ✗ crossed: a b<1 and 1 more"
