"""How a worker judges its seconds, and what is told of it."""

from dataclasses import replace

import pytest

from gharial.lifecycle.overload import (
    Cause,
    Overload,
    Second,
    Watchfulness,
    cause_of,
    warnings_of,
)

TICKS_A_SECOND = 50
CALM = Second([0.5] * TICKS_A_SECOND, 50.0)
# One tick in ten: well above the hundredth.
LATE = Second([0.5] * 45 + [30.0] * 5, 75.0, computed_s=0.15, longest_ms=30.0)
BUSY = replace(CALM, cpu_percent=94.0)
# The same, because others had the CPU; and so much that it matters.
WAITING = replace(LATE, cpu_percent=30.0, computed_s=0.01, waited_s=0.15)
STOOD_STILL = Second(
    [0.5] * 44 + [107, 87, 67, 47, 27, 7], 10.0, blocked_s=0.11, longest_ms=107.0
)
STOOD_LONG = Second(
    [0.5] * 20 + [600.0 - 20 * index for index in range(30)],
    10.0,
    blocked_s=0.6,
    longest_ms=600.0,
)
STARVED = replace(WAITING, lags_ms=[0.5] * 45 + [90.0] * 5, waited_s=0.45)


def judged(*seconds):
    watchfulness = Watchfulness(2)
    for second in seconds:
        watchfulness.take(second)
    return list(watchfulness.overloads)


OWN = Overload(2, Cause.OWN_CPU, lag_ms=30.0, longest_ms=30.0)


@pytest.mark.parametrize(
    ("seconds", "overloads"),
    [
        pytest.param([CALM] * 60, [], id="a calm worker is not"),
        pytest.param([LATE] * 4, [], id="four seconds say too little"),
        pytest.param([LATE] * 5, [OWN], id="five late ones are enough"),
        pytest.param(
            [CALM] * 9 + [replace(CALM, lags_ms=[0.5] * 46 + [80, 60, 40, 20])],
            [],
            id="one stall of 80 ms in ten seconds is none",
        ),
        pytest.param(
            [LATE] * 6 + [replace(CALM, cpu_percent=1.0)] * 60,
            [OWN],
            id="it is remembered",
        ),
        pytest.param([BUSY] * 4, [], id="four busy seconds are none"),
        pytest.param(
            ([BUSY] * 4 + [replace(CALM, cpu_percent=90.0)]) * 3,
            [],
            id="busy seconds have to follow each other",
        ),
        pytest.param(
            [BUSY] * 5 + [CALM],
            [Overload(2, cpu_percent=94.0)],
            id="five busy seconds are enough",
        ),
        pytest.param(
            [replace(LATE, cpu_percent=95.0)] * 5
            + [replace(LATE, cpu_percent=100.0)] * 5
            + [CALM] * 20,
            [replace(OWN, cpu_percent=100.0)],
            id="the worst of both is kept",
        ),
        pytest.param([Second([], 10.0)] * 9, [], id="no ticks say nothing"),
        pytest.param(
            [WAITING] * 9, [], id="a busy machine that makes little difference is none"
        ),
        pytest.param(
            [STARVED] * 9,
            [Overload(2, Cause.MACHINE, 90.0, None, 30.0, 45.0)],
            id="a busy machine that makes one is told",
        ),
        pytest.param(
            [replace(STARVED, is_active=False)] * 9,
            [],
            id="users that sleep do not mind a busy machine",
        ),
        pytest.param(
            [CALM] * 9 + [STOOD_STILL],
            [],
            id="a loop that stands still once for a moment is no fault of the script",
        ),
        pytest.param(
            [CALM] * 8 + [STOOD_STILL] * 2,
            [Overload(2, Cause.BLOCKING, pytest.approx(67.2, abs=1.0), None, 107.0)],  # type: ignore[arg-type]
            id="one that does so again is",
        ),
        pytest.param(
            [CALM] * 9 + [STOOD_LONG],
            [Overload(2, Cause.BLOCKING, pytest.approx(520, abs=30), None, 600.0)],  # type: ignore[arg-type]
            id="so is one that does so once, but for long",
        ),
        pytest.param(
            [replace(STARVED, cpu_percent=97.0)] * 9,
            [Overload(2, Cause.OWN_CPU, 90.0, 97.0, 30.0)],
            id="who takes a whole core has too much to do itself",
        ),
    ],
)
def test_a_worker_is_overloaded(seconds, overloads):
    assert judged(*seconds) == overloads


@pytest.mark.parametrize(
    ("second", "cause"),
    [
        (LATE, Cause.OWN_CPU),
        (replace(LATE, cpu_percent=30.0), Cause.COMPUTING),
        (replace(LATE, cpu_percent=30.0, blocked_s=0.2), Cause.BLOCKING),
        (STARVED, Cause.MACHINE),
        (replace(STARVED, stolen_percent=6.0), Cause.STOLEN),
        (replace(STARVED, throttled_percent=6.0), Cause.THROTTLED),
        # What is taken of a machine that the loop did not wait for is not its reason.
        (replace(LATE, stolen_percent=50.0), Cause.OWN_CPU),
    ],
)
def test_the_cause_is_what_the_thread_did_meanwhile(second, cause):
    assert cause_of([second]) is cause


@pytest.mark.parametrize(
    ("cause", "begins", "advice"),
    [
        (Cause.OWN_CPU, "the generator was the bottleneck", "more --workers, fewer"),
        (Cause.COMPUTING, "the script blocked the event loop", "Do less at a time"),
        (Cause.BLOCKING, "something blocked the event loop", "asyncio.to_thread()"),
        (Cause.MACHINE, "the machine was busy", "more --workers would not help"),
        (Cause.STOLEN, "the hypervisor", "does not share its cores"),
        (Cause.THROTTLED, "the container's CPU limit", "Raise the limit"),
    ],
)
def test_each_cause_has_its_advice(cause, begins, advice):
    told = warnings_of([Overload(1, cause, 23.4)], 1, cores=4)
    assert list(told) == [cause]
    assert told[cause].startswith(begins)
    assert advice in told[cause]
    assert "event loop 23 ms late (vu_loop_lag" in told[cause]


@pytest.mark.parametrize(
    ("overloads", "workers", "facts"),
    [
        ([Overload(1, cpu_percent=97.2)], 1, "the server: 97% of a core for 5 s"),
        ([Overload(2, lag_ms=23.4)], 4, "worker 2 of 4: event loop 23 ms late"),
        (
            [Overload(2, lag_ms=23.4, cpu_percent=97.2)],
            4,
            "limit 10 ms) and 97% of a core",
        ),
        (
            [Overload(2, cpu_percent=97.2), Overload(3, cpu_percent=91.2)],
            4,
            "limit 90%); worker 3 of 4: 91% of a core",
        ),
        (
            [Overload(1, Cause.MACHINE, 80.0, taken_percent=45.2)],
            1,
            "without a CPU for 45% of the time",
        ),
        (
            [Overload(1, Cause.COMPUTING, 80.0, longest_ms=240.0)],
            1,
            "at most 240 ms at a time",
        ),
        (
            [Overload(3, cpu_percent=97.2, where="node load-2 (7c401f97)")],
            4,
            "worker 3 of 4, node load-2 (7c401f97): 97% of a core",
        ),
    ],
)
def test_the_warning_says_what_was_seen(overloads, workers, facts):
    [text] = warnings_of(overloads, workers, cores=8).values()
    assert facts in text
    assert (" of 4" in text) == (workers == 4)


def test_more_workers_are_no_advice_where_there_are_no_more_cores():
    [text] = warnings_of([Overload(1, cpu_percent=97.0)], 2, cores=2).values()
    assert "--workers" not in text
    assert "Use fewer virtual users" in text
    [text] = warnings_of([Overload(1, Cause.MACHINE, 80.0)], 4, cores=2).values()
    assert "no more --workers than its 2 cores" in text


def test_each_cause_is_a_warning_of_its_own():
    told = warnings_of([Overload(1, Cause.MACHINE, 80.0), Overload(2, lag_ms=20.0)], 2)
    assert list(told) == [Cause.MACHINE, Cause.OWN_CPU]
    assert "worker 1 of 2" in told[Cause.MACHINE]
    assert "worker 2 of 2" in told[Cause.OWN_CPU]
