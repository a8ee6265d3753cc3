from dataclasses import replace

import pytest

from gharial.cluster.node_facts import (
    NodeMismatchError,
    check_alike,
    nice_nodes,
    node_facts,
    plain_nodes,
)
from gharial.errors import ExitCode


def test_a_machine_knows_its_versions_and_what_it_has():
    facts = node_facts()
    assert dict(facts.versions)["gharial"]
    assert facts.cores >= 1
    assert facts.host
    assert not any(address.startswith("127.") for address in facts.addresses)


def test_nodes_with_our_versions_will_do():
    ours = node_facts()
    check_alike(ours, [ours, replace(ours, host="other", cores=64)])


def test_every_difference_is_named_once():
    ours = node_facts()
    other = replace(ours, host="b", versions=(("gharial", "0.0.1"), ("Python", "")))
    with pytest.raises(NodeMismatchError) as caught:
        check_alike(ours, [ours, other, other])
    text = str(caught.value)
    assert text.count("node b has gharial 0.0.1, this machine") == 1
    assert "node b has no Python" in text
    assert caught.value.exit_code is ExitCode.INVALID_CONFIG


def test_nodes_on_which_others_go_first_are_named():
    facts = replace(node_facts(), niceness=0)
    late = replace(facts, host="late", niceness=15)
    assert nice_nodes([late, facts, late]) == ["late"]


def test_nodes_without_the_compiled_path_are_named():
    facts = replace(node_facts(), is_compiled=True)
    plain = replace(facts, host="slow", is_compiled=False)
    assert plain_nodes([facts, plain, plain]) == ["slow"]
