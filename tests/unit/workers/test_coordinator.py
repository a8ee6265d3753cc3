"""A coordinator with workers that are told what to say, under virtual time."""

import asyncio
from dataclasses import replace

import pytest
from virtual_time import run

from gharial.errors import ExitCode
from gharial.executors.segment import Segment
from gharial.lifecycle.control import Control
from gharial.lifecycle.load import LoadStatus
from gharial.lifecycle.results import Results
from gharial.lifecycle.self_watch import Overload
from gharial.metrics import builtin
from gharial.metrics.registry import Registry
from gharial.metrics.tags import TagSet
from gharial.options.model import Options
from gharial.report.status import WorkerStatus
from gharial.virtual_user.script import ScriptError
from gharial.workers.coordinator import (
    SILENCE_LIMIT_S,
    START_LIMIT_S,
    CoordinatorRules,
    WorkersLoad,
)
from gharial.workers.messages import (
    Abandoned,
    Aborted,
    Alive,
    Begin,
    Failed,
    Finished,
    Job,
    Logged,
    MarkedFailed,
    Measured,
    Pause,
    Progress,
    Ready,
    Resume,
    Scale,
    Stop,
)


class ToldWorker:
    def __init__(self, number, on_message, on_gone):
        self.name = f"fake {number}"
        self.say = on_message
        self.go = on_gone
        self.told = []
        self.is_killed = False
        self.has_ended = False

    def send(self, message):
        self.told.append(message)

    def release(self):
        self.has_ended = True

    async def left(self):
        pass

    def kill(self):
        self.is_killed = True


class ToldLauncher:
    def __init__(self):
        self.workers = []

    def launch(self, job, *, on_message, on_gone):
        worker = ToldWorker(len(self.workers) + 1, on_message, on_gone)
        self.workers.append(worker)
        return worker


class World:
    def __init__(self, count, **rules):
        self.launcher = ToldLauncher()
        self.registry = Registry()
        self.control = Control()
        self.logged = []
        jobs = [
            Job("s.js", {}, Options(), Segment(index, count), lambda path, env: None)  # type: ignore[arg-type, return-value]
            for index in range(count)
        ]
        self.load = WorkersLoad(
            self.launcher,
            jobs,
            results=Results(Registry(), self.registry),
            control=self.control,
            log=lambda *record: self.logged.append(record),
            rules=CoordinatorRules(3.0, **rules),
        )

    @property
    def workers(self):
        return self.launcher.workers

    async def ready(self):
        preparing = asyncio.ensure_future(self.load.prepare())
        await asyncio.sleep(0)
        for worker in self.workers:
            worker.say(Ready(LoadStatus(vus_max=5)))
        await preparing


def measured(value):
    registry = Registry()
    registry.series(builtin.ITERATIONS, TagSet.of({"scenario": "a"})).add(value)
    return Measured(registry.drain())


def test_workers_begin_at_one_moment_and_their_measurements_are_merged():
    async def main():
        world = World(2)
        await world.ready()
        assert world.load.status().vus_max == 10
        running = asyncio.ensure_future(world.load.run(({"a": 1},)))
        await asyncio.sleep(0.5)
        begun = [worker.told for worker in world.workers]
        assert begun[0] == begun[1]
        assert begun[0][0].setup_data == ({"a": 1},)
        first, second = world.workers
        first.say(Progress(LoadStatus(vus=3, iterations_completed=2), measured(2)))
        assert world.load.status().vus == 3
        first.say(Finished(LoadStatus(iterations_completed=4), measured(2)))
        second.say(Finished(LoadStatus(iterations_completed=5), measured(5)))
        await running
        total = world.registry.merged(builtin.ITERATIONS)
        assert (total.value, world.load.status().iterations_completed) == (9, 9)
        assert all(worker.has_ended for worker in world.workers)
        assert world.control.exit_code is ExitCode.OK

    run(main())


def test_a_worker_that_is_gone_ends_the_run_with_its_own_code():
    async def main():
        world = World(2)
        await world.ready()
        running = asyncio.ensure_future(world.load.run(()))
        await asyncio.sleep(1.0)
        world.workers[0].say(Progress(LoadStatus(vus=4, vus_max=5), None))
        world.workers[0].go("killed by SIGKILL")
        await asyncio.sleep(0.1)
        assert world.control.exit_code is ExitCode.WORKER_LOST
        assert world.control.problems == [
            "worker 1 of 2 (fake 1) was lost: killed by SIGKILL; its 5 virtual users are "
            "lost with it"
        ]
        assert world.workers[1].told[-1] == Stop()
        world.workers[1].say(Finished(LoadStatus(), measured(1)))
        await running
        assert world.load.status().iterations_interrupted == 4

    run(main())


def test_a_worker_that_is_silent_is_killed_and_counted_as_lost():
    async def main():
        world = World(2)
        await world.ready()
        loop = asyncio.get_running_loop()
        running = asyncio.ensure_future(world.load.run(()))
        while loop.time() < SILENCE_LIMIT_S + 3 and not world.workers[0].is_killed:
            await asyncio.sleep(0.5)
            world.workers[1].say(Alive())
        assert world.workers[0].is_killed
        assert not world.workers[1].is_killed
        world.workers[1].say(Finished(LoadStatus(), measured(1)))
        await running
        assert "was silent for 15 s" in world.control.problems[0]

    run(main())


@pytest.mark.parametrize("is_stopped", [False, True])
def test_a_coordinator_that_stood_still_does_not_blame_its_workers(is_stopped):
    async def main():
        world = World(2)
        await world.ready()
        loop = asyncio.get_running_loop()
        slept_s = 0.0
        world.load._now_s = lambda: loop.time() + slept_s
        running = asyncio.ensure_future(world.load.run(()))
        await asyncio.sleep(1.5)
        if is_stopped:
            world.control.stop(ExitCode.SIGNAL, "stopped by SIGINT")
            await asyncio.sleep(0.1)
        # Ctrl+Z, or the lid of a laptop: nobody said anything for an hour.
        slept_s = 3600.0
        await asyncio.sleep(1.5)
        assert not any(worker.is_killed for worker in world.workers)
        for worker in world.workers:
            worker.say(Finished(LoadStatus(), measured(1)))
        await running
        assert not any(worker.is_killed for worker in world.workers)

    run(main())


@pytest.mark.parametrize("goes_on", [False, True])
def test_workers_that_stopped_by_themselves_are_lost_and_still_counted(goes_on):
    async def main():
        world = World(2, goes_on_without=goes_on)
        await world.ready()
        running = asyncio.ensure_future(world.load.run(()))
        await asyncio.sleep(5)
        for worker in world.workers:
            worker.say(Abandoned(8.0))
            assert not worker.is_killed
            worker.say(Finished(LoadStatus(iterations_completed=3), measured(1)))
            worker.go("its process ended")
        await running
        assert world.control.exit_code is ExitCode.WORKER_LOST
        assert (
            "it did not hear from the coordinator for 8 s" in world.control.problems[0]
        )
        assert len(world.logged) == 2
        assert world.load.status().iterations_completed == 6
        assert len(world.load.status().losses) == (2 if goes_on else 0)

    run(main())


@pytest.mark.parametrize("is_seen_at_once", [True, False])
def test_a_worker_that_ended_meanwhile_is_not_said_to_have_died_by_itself(
    is_seen_at_once,
):
    async def main():
        world = World(2)
        await world.ready()
        loop = asyncio.get_running_loop()
        slept_s = 0.0
        world.load._now_s = lambda: loop.time() + slept_s
        running = asyncio.ensure_future(world.load.run(()))
        await asyncio.sleep(1.5)
        slept_s = 13.0
        if not is_seen_at_once:
            await asyncio.sleep(1.5)
        for worker in world.workers:
            worker.go("its process ended")
        await running
        problem = world.control.problems[0]
        assert "its process ended while this process stood still for 1" in problem

    run(main())


def test_a_worker_has_longer_to_say_its_first_word():
    async def main():
        world = World(2)
        preparing = asyncio.ensure_future(world.load.prepare())
        await asyncio.sleep(SILENCE_LIMIT_S + 5)
        assert not any(worker.is_killed for worker in world.workers)
        for _ in range(50):
            world.workers[0].say(Alive())
            await asyncio.sleep(1)
            if world.workers[1].is_killed:
                break
        assert [worker.is_killed for worker in world.workers] == [False, True]
        world.workers[0].say(Finished(LoadStatus(), measured(1)))
        await preparing

    run(main())


def test_workers_that_do_not_end_in_time_are_killed():
    async def main():
        world = World(2)
        await world.ready()
        loop = asyncio.get_running_loop()
        running = asyncio.ensure_future(world.load.run(()))
        await asyncio.sleep(1.0)
        world.control.stop(ExitCode.SIGNAL, "stopped by SIGINT")
        await asyncio.sleep(0.1)
        world.workers[0].say(Finished(LoadStatus(), measured(1)))
        await running
        assert loop.time() < 15
        assert [worker.is_killed for worker in world.workers] == [False, True]
        # The first reason stands.
        assert world.control.exit_code is ExitCode.SIGNAL

    run(main())


def test_a_script_that_throws_in_a_worker_is_raised_and_the_others_are_stopped():
    async def main():
        world = World(2)
        preparing = asyncio.ensure_future(world.load.prepare())
        await asyncio.sleep(0)
        world.workers[0].say(Failed(ScriptError("Error: no")))
        await asyncio.sleep(0.1)
        assert world.workers[1].told == [Stop()]
        world.workers[1].say(Finished(LoadStatus(), measured(1)))
        with pytest.raises(ScriptError, match="no"):
            await preparing

    run(main())


def test_what_scripts_ask_for_reaches_the_run():
    async def main():
        world = World(1)
        await world.ready()
        running = asyncio.ensure_future(world.load.run(()))
        await asyncio.sleep(0.1)
        [worker] = world.workers
        worker.say(MarkedFailed("bad"))
        assert world.control.exit_code is ExitCode.MARKED_FAILED
        worker.say(Aborted("enough"))
        await asyncio.sleep(0.1)
        assert worker.told[-1] == Stop()
        worker.say(Finished(LoadStatus(), measured(1)))
        await running

    run(main())


def test_pause_resume_and_scale_reach_all_workers():
    async def main():
        world = World(2)
        await world.ready()
        world.control.steers(world.load)
        world.control.pause()
        world.control.resume()
        world.control.scale(7)
        for worker in world.workers:
            assert worker.told == [Pause(), Resume(), Scale(7)]
        world.control.pause()
        running = asyncio.ensure_future(world.load.run(()))
        await asyncio.sleep(0.1)
        # Also a worker that was told nothing before the beginning is paused then.
        assert isinstance(world.workers[0].told[-1], Begin)
        assert world.workers[0].told[-2] == Pause()
        for worker in world.workers:
            worker.say(Finished(LoadStatus(), measured(1)))
        await running

    run(main())


def test_what_all_workers_warn_of_is_told_once():
    async def main():
        world = World(2)
        await world.ready()
        for worker in world.workers:
            worker.say(Logged(30, "no VUs left", {"source": "executor"}))
            worker.say(Logged(20, "hello", {"source": "console"}))
        texts = [text for _, text, _ in world.logged]
        assert texts == ["no VUs left", "hello", "hello"]

    run(main())


def test_an_overloaded_worker_is_known_by_name_also_once_it_is_lost():
    async def main():
        world = World(2)
        await world.ready()
        assert world.load.status().overloads == ()
        overload = Overload(2, cpu_percent=97.0)
        world.workers[1].say(Progress(LoadStatus(overloads=(overload,)), None))
        placed = replace(overload, where="fake 2")
        assert world.load.status().overloads == (placed,)
        assert world.load.status().workers == 2
        world.workers[1].go("killed by SIGKILL")
        assert world.load.status().overloads == (placed,)

    run(main())


def test_load_has_run_until_its_last_worker_was_done_and_no_longer():
    async def main():
        world = World(2)
        await world.ready()
        running = asyncio.ensure_future(world.load.run(()))
        first, second = world.workers
        first.say(Progress(LoadStatus(ran_s=1.0), measured(1)))
        # What was measured since is not here yet, so rates are not over that time.
        first.say(Progress(LoadStatus(ran_s=1.25), None))
        assert world.load.status().ran_s == 1.0
        first.say(Finished(LoadStatus(ran_s=2.0), measured(1)))
        await asyncio.sleep(5.0)
        second.say(Finished(LoadStatus(ran_s=2.5), measured(1)))
        # Their processes are let go, and not waited for.
        await running
        assert all(worker.has_ended for worker in world.workers)
        world.load.close()
        assert not any(worker.is_killed for worker in world.workers)
        await asyncio.sleep(5.0)
        assert world.load.status().ran_s == 2.5

    run(main())


def test_the_time_of_a_lost_worker_counts_as_far_as_it_was_heard():
    async def main():
        world = World(2)
        await world.ready()
        world.workers[1].say(Progress(LoadStatus(ran_s=3.0), measured(1)))
        world.workers[1].go("killed by SIGKILL")
        assert world.load.status().ran_s == 3.0

    run(main())


def test_a_worker_may_take_long_to_start_and_not_for_ever():
    async def main():
        world = World(2)
        preparing = asyncio.ensure_future(world.load.prepare())
        await asyncio.sleep(START_LIMIT_S - 5)
        assert not any(worker.is_killed for worker in world.workers)
        world.workers[0].say(Ready(LoadStatus()))
        await asyncio.sleep(10)
        assert [worker.is_killed for worker in world.workers] == [False, True]
        world.workers[0].say(Finished(LoadStatus(), measured(1)))
        await preparing
        assert world.control.exit_code is ExitCode.WORKER_LOST

    run(main())


@pytest.mark.parametrize(
    ("allowed", "code"), [(0, ExitCode.WORKER_LOST), (1, ExitCode.OK)]
)
def test_a_run_may_go_on_without_a_lost_worker(allowed, code):
    async def main():
        world = World(4, goes_on_without=True, losses_allowed=allowed)
        await world.ready()
        running = asyncio.ensure_future(world.load.run(()))
        await asyncio.sleep(14.1)
        world.workers[2].go("killed by SIGKILL")
        await asyncio.sleep(1.0)
        assert not running.done()
        assert not world.control.stopped.is_set()
        for worker in world.workers:
            worker.say(Finished(LoadStatus(), measured(1)))
        await running
        assert world.control.exit_code is code
        assert [str(loss) for loss in world.load.status().losses] == [
            "from 14s on, 25% of the load was missing: a worker, fake 3, was lost with "
            "its 5 virtual users (killed by SIGKILL)"
        ]

    run(main())


def test_a_run_whose_workers_are_all_lost_has_failed_whatever_is_allowed():
    async def main():
        world = World(2, goes_on_without=True, losses_allowed=9)
        await world.ready()
        running = asyncio.ensure_future(world.load.run(()))
        await asyncio.sleep(1.0)
        for worker in world.workers:
            worker.go("gone")
        await running
        assert world.control.exit_code is ExitCode.WORKER_LOST

    run(main())


def test_a_worker_lost_before_load_begins_ends_the_run():
    async def main():
        world = World(2, goes_on_without=True)
        preparing = asyncio.ensure_future(world.load.prepare())
        await asyncio.sleep(0)
        world.workers[0].go("gone")
        await asyncio.sleep(0.1)
        world.workers[1].say(Finished(LoadStatus(), measured(1)))
        await preparing
        assert world.control.stopped.is_set()
        assert world.control.exit_code is ExitCode.WORKER_LOST

    run(main())


def test_each_worker_is_shown_with_where_it_is():
    async def main():
        world = World(2)
        preparing = asyncio.ensure_future(world.load.prepare())
        await asyncio.sleep(0)
        for number, worker in enumerate(world.workers, 1):
            worker.say(Ready(LoadStatus(crew=(WorkerStatus(number),))))
        await preparing
        crew = world.load.status().crew
        assert [each.where for each in crew] == ["fake 1", "fake 2"]

    run(main())
