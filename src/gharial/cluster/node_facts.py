"""Facts of a cluster's machine, and whether a run can use it."""

import contextlib
import os
import platform
import socket
import sys
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from typing import Final

from gharial.errors import ConfigurationError
from gharial.lazy_dataclass import dataclass
from gharial.lifecycle.machine import own_addresses
from gharial.lifecycle.preflight import Supply, supply
from gharial.process.build import IS_COMPILED
from gharial.workers.cores import usable_cores

# What carries and runs a test; any other version may count or behave differently.
_PACKAGES: Final = ("gharial", "quickjs-bindings", "picows", "ray")


@dataclass(frozen=True, slots=True)
class NodeFacts:
    """
    One machine, as a process on it sees it.

    Attributes:
        host: Its name.
        versions: Of what carries and runs a test, by name.
        is_compiled: Whether the hot path is compiled there.
        cores: Cores that a process may use.
        supply: Descriptors, ports and memory.
        addresses: Its addresses of the network, loopback left out.
        niceness: How far programs of other users go before its workers, 0 for not at all.

    """

    host: str
    versions: tuple[tuple[str, str], ...]
    is_compiled: bool
    cores: int
    supply: Supply
    addresses: tuple[str, ...] = ()
    niceness: int = 0


class NodeMismatchError(ConfigurationError):
    """
    A node has different versions from the machine that started the run.

    Attributes:
        problems: One sentence for each difference.

    """

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__(
            "the cluster cannot run this: "
            + "; ".join(problems)
            + ". Install the same versions on all nodes"
        )
        self.args = (problems,)
        self.problems = problems


def node_facts() -> NodeFacts:
    """Return the facts of this machine; its processes may open many files from now on."""
    return NodeFacts(
        host=socket.gethostname(),
        versions=(
            *((name, _version(name)) for name in _PACKAGES),
            ("Python", ".".join(platform.python_version_tuple()[:2])),
        ),
        is_compiled=IS_COMPILED,
        cores=usable_cores(),
        supply=supply(),
        addresses=own_addresses(),
        niceness=0 if sys.platform == "win32" else os.nice(0),
    )


def check_alike(ours: NodeFacts, others: Sequence[NodeFacts]) -> None:
    """
    Check that all nodes have our versions.

    Raises:
        NodeMismatchError: If one has not; all differences are named.

    """
    wanted = dict(ours.versions)
    found = []
    for node in others:
        for name, theirs in node.versions:
            if theirs != wanted.get(name):
                problem = (
                    f"node {node.host} has {f'{name} {theirs}' if theirs else f'no {name}'}"
                    f", this machine has {wanted.get(name) or 'none'}"
                )
                if problem not in found:
                    found.append(problem)
    if found:
        raise NodeMismatchError(tuple(found))


def nice_nodes(nodes: Sequence[NodeFacts]) -> list[str]:
    """Return the names of the nodes on which other programs go before the workers."""
    return sorted({node.host for node in nodes if node.niceness > 0})


def plain_nodes(nodes: Sequence[NodeFacts]) -> list[str]:
    """Return the names of the nodes on which the hot path is not compiled."""
    return sorted({node.host for node in nodes if not node.is_compiled})


def undo_niceness() -> None:
    """Give this thread, and those that it starts, the usual priority if we may."""
    if sys.platform != "win32" and os.nice(0) > 0:
        with contextlib.suppress(OSError):
            # Of the thread on Linux, of the whole process elsewhere.
            os.setpriority(os.PRIO_PROCESS, 0, 0)


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""
