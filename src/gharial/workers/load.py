"""From what a run asks for to workers that do it."""

import logging
from collections.abc import Callable

from gharial.executors.segment import Segment
from gharial.lifecycle.load import Load
from gharial.lifecycle.network import vu_settings
from gharial.lifecycle.running import LoadRequest, MakeLoad, executors_of, most_vus_of
from gharial.options.model import Options
from gharial.vu.virtual_user import SET_UP, TEAR_DOWN
from gharial.workers.coordinator import WorkersLoad
from gharial.workers.cores import usable_cores
from gharial.workers.launcher import Launcher
from gharial.workers.messages import Job, MakeHost


def worker_count(options: Options, cores: Callable[[], int] = usable_cores) -> int:
    """Return how many workers a run has: no more than it can have virtual users."""
    wanted = options.workers or cores()
    return max(1, min(wanted, most_vus_of(executors_of(options))))


def workers_load(launcher: Launcher, make_host: MakeHost, count: int) -> MakeLoad:
    """Return what makes a load that so many workers share."""

    def make(request: LoadRequest) -> Load:
        settings = vu_settings(request.options)
        stop_limit_s = settings.wind_down_s
        if not request.host.exports.isdisjoint({SET_UP, TEAR_DOWN}):
            stop_limit_s += settings.teardown_limit_s + settings.wind_down_s
        jobs = [
            Job(
                script=request.host.path,
                environment=request.services.run.environment,
                options=request.options,
                segment=Segment(index, count),
                make_host=make_host,
                secrets=request.services.run.secrets,
                keeps_samples=request.keeps_samples,
                epoch_offset_s=request.services.clock.epoch_offset_s,
                logs_debug=logging.getLogger().isEnabledFor(logging.DEBUG),
            )
            for index in range(count)
        ]
        return WorkersLoad(
            launcher,
            jobs,
            results=request.results,
            control=request.control,
            log=request.services.log,
            stop_limit_s=stop_limit_s,
            now_epoch_s=request.services.clock.epoch_s,
        )

    return make
