"""Where one worker of a cluster runs."""

from typing import Any

from gharial.cluster.clock_offset import ClockOffset
from gharial.cluster.node_facts import NodeFacts
from gharial.lazy_dataclass import dataclass


@dataclass(frozen=True, slots=True)
class Place:
    """
    Where one worker runs.

    Attributes:
        actor: The engine's handle of its process.
        node_id: The engine's name of the machine.
        facts: What the machine is.
        clock: How far its clock is ahead of ours.
        speed: How fast it calculates; 0 if that was not asked for.

    """

    actor: Any
    node_id: str
    facts: NodeFacts
    clock: ClockOffset
    speed: float = 0.0

    @property
    def name(self) -> str:
        """The machine's name, for people: machines may share that of their host."""
        return f"{self.facts.host} ({self.node_id[:8]})"
