from dataclasses import replace

import pytest

from gharial.cluster import load
from gharial.cluster.clock_offset import ClockOffset
from gharial.cluster.errors import ClusterError
from gharial.cluster.load import ClusterWish, cluster_facts, cluster_load
from gharial.cluster.node_facts import node_facts
from gharial.cluster.place import Place
from gharial.errors import ExitCode
from gharial.lifecycle.preflight import Demand
from gharial.options.model import Options

FACTS = replace(node_facts(), host="vm", cores=4)
FIRST = Place(None, "a" * 32, FACTS, ClockOffset(3.0, 7.0, 0.0005))
SECOND = Place(None, "b" * 32, FACTS, ClockOffset(-0.25, 9.0, 0.001))


def test_each_node_is_shown_with_its_share_and_its_clock():
    assert cluster_facts([FIRST, SECOND, FIRST], (10, 20, 10)) == {
        "Node 1": "vm (aaaaaaaa): 2 workers, 50% of the load, 4 cores, clock +3000.0 ms "
        "(± 0.5 ms)",
        "Node 2": "vm (bbbbbbbb): 1 workers, 50% of the load, 4 cores, clock -250.0 ms "
        "(± 1.0 ms)",
    }
    assert "33% of the load" in cluster_facts([FIRST, SECOND, FIRST], ())["Node 2"]


def test_without_ray_one_message_says_what_to_install(monkeypatch):
    monkeypatch.setattr(load, "find_spec", lambda name: None)
    wish = ClusterWish(
        Options(cluster="auto"),
        Demand(1, 1, "python"),
        lambda path, env: None,  # type: ignore[arg-type, return-value]
        b"",
    )
    with pytest.raises(ClusterError) as caught, cluster_load(wish):
        raise AssertionError("there is no cluster")
    assert "pip install 'gharial[ray]'" in str(caught.value)
    assert caught.value.exit_code is ExitCode.INVALID_CONFIG
