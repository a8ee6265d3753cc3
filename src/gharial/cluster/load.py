"""From a run's options to workers on a cluster, with warnings for the user."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from importlib.util import find_spec
from typing import Final

from gharial.cluster.environment import prepare_environment
from gharial.cluster.errors import ClusterError
from gharial.cluster.node_facts import check_alike, nice_nodes, node_facts, plain_nodes
from gharial.cluster.place import Place
from gharial.cluster.weights import weights_of
from gharial.lazy_dataclass import dataclass
from gharial.lifecycle.load import MakeLoad
from gharial.lifecycle.preflight import Demand, shortages
from gharial.options.cluster_address import parse_cluster
from gharial.options.model import Options
from gharial.workers.cores import usable_cores
from gharial.workers.load import Crew, workers_load
from gharial.workers.messages import MakeHost

SILENCE_LIMIT_S: Final = 8.5
"""A worker that says nothing for so long is lost; it is seen a second later at most."""

# A message to the last of a hundred workers takes a moment.
BEGIN_AHEAD_S: Final = 0.5


@dataclass(frozen=True, slots=True)
class ClusterWish:
    """
    What a run asks of a cluster.

    Attributes:
        options: The run's options, as every machine can take them.
        demand: What it will need, for all workers together.
        make_host: Returns the host of a script's archive; importable by its name.
        archive: The script with all that it needs.

    """

    options: Options
    demand: Demand
    make_host: MakeHost
    archive: bytes


@dataclass(frozen=True, slots=True)
class ClusterLoad:
    """
    A load that workers on a cluster will make.

    Attributes:
        make_load: Makes it.
        places: Where its workers are.
        warnings: What the user should know before it begins.
        facts: What a report says of each machine, by name.

    """

    make_load: MakeLoad
    places: Sequence[Place]
    warnings: Sequence[str]
    facts: dict[str, str]


@contextmanager
def cluster_load(wish: ClusterWish) -> Iterator[ClusterLoad]:
    """
    Join the cluster and keep workers there inside the block, and clean up afterwards.

    Raises:
        ClusterError: If the cluster cannot be used.
        NodeMismatchError: If a machine has other versions than this one.

    """
    if find_spec("ray") is None:
        raise ClusterError(
            "it needs Ray, which is not installed; run pip install 'gharial[ray]'"
        )
    options = wish.options
    address = parse_cluster(options.cluster or "")
    prepare_environment(address)
    # It takes a second to import, and nobody else should wait for it.
    from gharial.cluster.ray_engine import RayEngine, RayLauncher

    wanted = options.workers
    cpus = max(wanted or 1, usable_cores())
    with RayEngine(address, cpus=cpus) as engine:
        count = min(wanted or max(1, engine.free_cpus()), max(1, wish.demand.vus))
        engine.reserve(count, options.cluster_timeout_s)
        by_speed = options.worker_weights == "auto"
        places = engine.places(count, measures_speed=by_speed)
        check_alike(node_facts(), [place.facts for place in places])
        weights = weights_of([place.speed for place in places]) if by_speed else ()
        crew = Crew(
            count,
            weights,
            options=options,
            begin_ahead_s=BEGIN_AHEAD_S,
            silence_limit_s=SILENCE_LIMIT_S,
        )
        yield ClusterLoad(
            workers_load(RayLauncher(places, wish.archive), wish.make_host, crew),
            places,
            _warnings(wish, places, weights),
            cluster_facts(places, weights),
        )


def cluster_facts(places: Sequence[Place], weights: Sequence[int]) -> dict[str, str]:
    """Return what a report says of each machine, by a name that is its own."""
    total = sum(weights) or len(places)
    facts = {}
    for number, workers in enumerate(_by_node(places).values(), 1):
        place = places[workers[0]]
        share = sum(weights[each] if weights else 1 for each in workers) / total
        clock = place.clock
        facts[f"Node {number}"] = (
            f"{place.name}: {len(workers)} workers, "
            f"{share:.0%} of the load, {place.facts.cores} cores, clock "
            f"{clock.ahead_s * 1e3:+.1f} ms (± {clock.error_s * 1e3:.1f} ms)"
        )
    return facts


def _by_node(places: Sequence[Place]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for index, place in enumerate(places):
        found.setdefault(place.node_id, []).append(index)
    return found


def _warnings(
    wish: ClusterWish, places: Sequence[Place], weights: Sequence[int]
) -> list[str]:
    found = []
    plain = plain_nodes([place.facts for place in places])
    if plain:
        found.append(
            f"the hot path is not compiled on {', '.join(plain)}: a message "
            "costs more CPU there. Install a C compiler there, then Gharial again"
        )
    nice = nice_nodes([place.facts for place in places])
    if nice:
        found.append(
            f"the workers on {', '.join(nice)} have a lower priority than other programs, "
            "so times may be too long; start Ray there with RAY_worker_niceness=0"
        )
    total = sum(weights) or len(places)
    for workers in _by_node(places).values():
        place = places[workers[0]]
        facts = place.facts
        share = sum(weights[each] if weights else 1 for each in workers) / total
        demand = replace(
            wish.demand,
            vus=round(wish.demand.vus * share),
            workers=len(workers),
            local_addresses=len(facts.addresses)
            if wish.options.has_own_addresses
            else wish.demand.local_addresses,
        )
        found += [f"node {place.name}: {e}" for e in shortages(demand, facts.supply)]
    return found
