"""From a run's options to its workers."""

import logging

from gharial.executors.segment import Segment
from gharial.lazy_dataclass import dataclass
from gharial.lifecycle.load import Load, LoadRequest, MakeLoad
from gharial.options.model import Options
from gharial.virtual_user.settings import vu_settings
from gharial.virtual_user.virtual_user import SET_UP, TEAR_DOWN
from gharial.workers.coordinator import (
    BEGIN_AHEAD_S,
    SILENCE_LIMIT_S,
    CoordinatorRules,
    WorkersLoad,
)
from gharial.workers.launcher import Launcher
from gharial.workers.messages import Job, MakeHost


@dataclass(frozen=True, slots=True)
class Crew:
    """
    The workers that share a load.

    Attributes:
        count: How many.
        weights: One for each, see `Segment`; empty if all shares are equal.
        options: The run's options as workers have to take them, if not as they are.
        begin_ahead_s: So far ahead lies their common beginning.
        silence_limit_s: One that says nothing for so long is lost.

    """

    count: int
    weights: tuple[int, ...] = ()
    options: Options | None = None
    begin_ahead_s: float = BEGIN_AHEAD_S
    silence_limit_s: float = SILENCE_LIMIT_S


def workers_load(launcher: Launcher, make_host: MakeHost, crew: Crew) -> MakeLoad:
    """Return what makes a load that workers share."""

    def make(request: LoadRequest) -> Load:
        options = request.options
        settings = vu_settings(options)
        stop_limit_s = settings.wind_down_s
        if not request.host.exports.isdisjoint({SET_UP, TEAR_DOWN}):
            stop_limit_s += settings.teardown_timeout_s + settings.wind_down_s
        jobs = [
            Job(
                script=request.host.path,
                environment=request.services.run.environment,
                options=options if crew.options is None else crew.options,
                segment=Segment(index, crew.count, crew.weights),
                make_host=make_host,
                secrets=request.services.run.secrets,
                keeps_samples=request.keeps_samples,
                epoch_offset_s=request.services.clock.epoch_offset_s,
                logs_debug=logging.getLogger().isEnabledFor(logging.DEBUG),
            )
            for index in range(crew.count)
        ]
        return WorkersLoad(
            launcher,
            jobs,
            results=request.results,
            control=request.control,
            log=request.services.log,
            rules=CoordinatorRules(
                stop_limit_s,
                begin_ahead_s=crew.begin_ahead_s,
                silence_limit_s=crew.silence_limit_s,
                goes_on_without=options.on_worker_lost == "continue",
                losses_allowed=options.allow_lost,
            ),
            now_epoch_s=request.services.clock.epoch_s,
        )

    return make
