"""How a worker judges itself: in pure seconds, and with ticks under virtual time."""

import asyncio

import pytest

from gharial.lifecycle.self_watch import (
    Overload,
    SelfWatch,
    Watchfulness,
    warning_of,
)
from gharial.metrics import builtin
from gharial.metrics.registry import Registry
from gharial.metrics.tags import TagSet
from gharial.testing.virtual_time import VirtualLoop

TICKS_A_SECOND = 50
CALM = [0.5] * TICKS_A_SECOND
# One tick in ten: well above the hundredth.
LATE = [0.5] * 45 + [30.0] * 5


def judged(*seconds):
    watchfulness = Watchfulness(2)
    for lags_ms, cpu_percent in seconds:
        watchfulness.take(lags_ms, cpu_percent)
    return watchfulness.overload


@pytest.mark.parametrize(
    ("seconds", "overload"),
    [
        pytest.param([(CALM, 50.0)] * 60, None, id="a calm worker is not"),
        pytest.param([(LATE, 50.0)] * 4, None, id="four seconds say too little"),
        pytest.param(
            [(LATE, 50.0)] * 5, Overload(2, lag_ms=30.0), id="five late ones are enough"
        ),
        pytest.param(
            [(CALM, 50.0)] * 9 + [([0.5] * 46 + [80, 60, 40, 20], 50.0)],
            None,
            id="one stall of 80 ms in ten seconds is none",
        ),
        pytest.param(
            [(LATE, 50.0)] * 4 + [(CALM, 50.0)] * 60,
            Overload(2, lag_ms=30.0),
            id="it is remembered",
        ),
        pytest.param([(CALM, 99.0)] * 4, None, id="four busy seconds are none"),
        pytest.param(
            ([(CALM, 99.0)] * 4 + [(CALM, 90.0)]) * 3,
            None,
            id="busy seconds have to follow each other",
        ),
        pytest.param(
            [(CALM, 94.0)] * 5 + [(CALM, 10.0)],
            Overload(2, cpu_percent=94.0),
            id="five busy seconds are enough",
        ),
        pytest.param(
            [(LATE, 95.0)] * 5 + [(LATE, 100.0)] * 5 + [(CALM, 10.0)] * 20,
            Overload(2, lag_ms=30.0, cpu_percent=100.0),
            id="the worst of both is kept",
        ),
        pytest.param([([], 10.0)] * 9, None, id="no ticks say nothing"),
    ],
)
def test_a_worker_is_overloaded(seconds, overload):
    assert judged(*seconds) == overload


class World:
    """A loop whose callbacks can take time, a process whose CPU time is told."""

    def __init__(self):
        self.loop = VirtualLoop()
        self.busy_s = 0.0
        self.cpu_s = 0.0
        self.registry = Registry()
        self.watch = SelfWatch(
            self.loop,
            self.now_s,
            self.registry,
            tags=TagSet.of({"team": "a"}),
            worker=3,
            cpu_s=lambda: self.cpu_s,
        )

    def now_s(self):
        return self.loop.time() + self.busy_s

    def block(self, seconds):
        """Let the clock go on while the loop does not turn."""
        self.busy_s += seconds
        self.cpu_s += seconds

    def run(self, seconds):
        self.loop.run_until_complete(asyncio.sleep(seconds))

    def lag(self):
        return self.registry.merged(builtin.VU_LOOP_LAG)


@pytest.fixture
def world():
    world = World()
    yield world
    world.loop.close()


def test_a_loop_that_turns_in_time_is_not_late(world):
    world.watch.start()
    world.run(2.01)
    assert world.lag().count == 100
    assert world.lag().maximum == pytest.approx(0, abs=1e-6)
    assert world.lag().minimum >= 0


def test_a_stall_weighs_as_much_as_it_lasted(world):
    world.watch.start()
    world.run(0.39)
    world.block(0.1)
    world.run(0.0201)
    # Due at 0.40 to 0.48, asked at 0.50, since the timer was set before the stall.
    values = sorted(world.lag()._values())[-6:]
    assert values == pytest.approx([0, 20, 40, 60, 80, 100], abs=1e-3)


def test_a_tick_that_comes_early_waits_on(world):
    world.watch.start()
    world.run(0.01)
    world.busy_s -= 0.015
    world.run(0.02)
    assert world.lag().count == 0
    world.run(0.02)
    assert world.lag().count == 1
    assert world.lag().minimum >= 0


def test_cpu_is_a_share_of_one_core_for_each_whole_second(world):
    world.watch.start()
    world.run(0.5)
    world.cpu_s += 0.25
    world.run(0.505)
    gauge = world.registry.merged(builtin.WORKER_CPU)
    assert gauge.value == pytest.approx(25, abs=1)
    world.cpu_s += 9
    world.run(0.5)
    assert world.registry.merged(builtin.WORKER_CPU).maximum == gauge.maximum


def test_measurements_name_the_worker(world):
    world.watch.start()
    world.run(1.1)
    for metric in (builtin.VU_LOOP_LAG, builtin.WORKER_CPU):
        [(tags, _)] = world.registry.series_of(metric)
        assert dict(tags.items) == {"team": "a", "worker": "3"}


def test_five_busy_seconds_are_an_overload(world):
    world.watch.start()
    for _ in range(6 * TICKS_A_SECOND):
        world.block(0.019)
        world.run(0.0011)
    assert world.watch.overload is not None
    assert world.watch.overload.worker == 3
    assert world.watch.overload.cpu_percent == pytest.approx(95, abs=1)


def test_nothing_is_measured_once_it_is_stopped(world):
    world.watch.start()
    world.run(1.0)
    world.watch.stop()
    world.watch.stop()
    count = world.lag().count
    world.run(5)
    assert world.lag().count == count


@pytest.mark.parametrize(
    ("overloads", "workers", "facts"),
    [
        ([Overload(1, lag_ms=23.4)], 1, "the server: event loop 23 ms late (vu_"),
        ([Overload(1, cpu_percent=97.2)], 1, "the server: 97% of a core for 5 s"),
        ([Overload(2, 23.4, 97.2)], 4, "worker 2 of 4: event loop 23 ms late"),
        ([Overload(2, 23.4, 97.2)], 4, "limit 10 ms) and 97% of a core"),
        (
            [Overload(2, cpu_percent=97.2), Overload(3, cpu_percent=91.2)],
            4,
            "limit 90%); worker 3 of 4: 91% of a core",
        ),
    ],
)
def test_the_warning_says_what_was_seen_and_what_to_do(overloads, workers, facts):
    text = warning_of(overloads, workers)
    assert facts in text
    assert (" of 4" in text) == (workers == 4)
    assert "more --workers, fewer virtual users, simpler handlers" in text
