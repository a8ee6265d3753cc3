"""Where the load of a run is generated: here, in local processes, or on a cluster."""

import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import field

from gharial.errors import ConfigurationError
from gharial.lazy_dataclass import dataclass
from gharial.lifecycle.load import MakeLoad
from gharial.lifecycle.local_load import local_load
from gharial.lifecycle.plan import demand_of
from gharial.lifecycle.preflight import shortages, supply
from gharial.log_lines import Log
from gharial.program.forks import Forks
from gharial.program.parts import Parts
from gharial.program.read_script import ReadScript
from gharial.workers.cores import worker_count


@dataclass(frozen=True, slots=True)
class ChosenLoad:
    """
    What makes the load of a run.

    Attributes:
        make_load: Makes it.
        warnings: What the user should know before it begins.
        machines: What a report says of the machines of a cluster, by name.

    """

    make_load: MakeLoad
    warnings: Sequence[str] = ()
    machines: Mapping[str, str] = field(default_factory=dict)


@contextmanager
def chosen_load(
    parts: Parts, read: ReadScript, log: Log, include: Sequence[str], forks: Forks
) -> Iterator[ChosenLoad]:
    """
    Provide what generates the load inside the block, and clean it up afterwards.

    Args:
        parts: What scripts are read with.
        read: The script, and the options of the run.
        log: Where to say what takes a while.
        include: Files and folders that go to the machines of a cluster, too.
        forks: What processes of this machine are forked from.

    Raises:
        ConfigurationError: If the cluster cannot be used, or files are given without one.

    """
    if read.options.cluster is None:
        if include:
            raise ConfigurationError("--include has no effect without --cluster")
        yield _load_here(read, forks)
        return
    with _cluster_load(parts, read, log, include) as load:
        yield load


@contextmanager
def _cluster_load(
    parts: Parts, read: ReadScript, log: Log, include: Sequence[str]
) -> Iterator[ChosenLoad]:
    # Few runs have a cluster.
    from gharial.cluster.load import ClusterWish, cluster_load
    from gharial.program.packing import packed, portable

    wish = ClusterWish(
        options=portable(read.options),
        demand=demand_of(read.host, read.options, read.options.workers or 1),
        make_host=parts.script_host,
        archive=packed(read, read.host.path, include),
    )
    source = {"source": "cluster"}
    log(logging.INFO, f"starting Ray ({read.options.cluster})", source)
    with cluster_load(wish) as load:
        for name, text in load.facts.items():
            log(logging.INFO, f"{name}: {text}", source)
        yield ChosenLoad(load.make_load, load.warnings, load.facts)


def _load_here(read: ReadScript, forks: Forks) -> ChosenLoad:
    count = worker_count(read.options)
    demand = demand_of(read.host, read.options, count)
    return ChosenLoad(_local_load(read, count, forks), shortages(demand, supply()))


def _local_load(read: ReadScript, workers: int, forks: Forks) -> MakeLoad:
    if workers == 1:
        return local_load
    # A run with one worker is spared all that is between processes.
    from gharial.workers.load import Crew, workers_load
    from gharial.workers.local_processes import LocalProcesses

    return workers_load(LocalProcesses(forks.server()), read.make_host, Crew(workers))
