"""Checks and groups of one virtual user."""

from collections.abc import Mapping
from typing import Any

from gharial.errors import GharialError
from gharial.metrics import builtin
from gharial.metrics.tags import TagSet
from gharial.virtual_user.instruments import Measurements

SEPARATOR = "::"


class NameHasSeparatorError(GharialError):
    """
    The name of a check or a group contains ``::``, which separates groups.

    Attributes:
        kind: ``check`` or ``group``.
        name: The name.

    """

    def __init__(self, kind: str, name: str) -> None:
        super().__init__(kind, name)
        self.kind = kind
        self.name = name

    def __str__(self) -> str:
        return f"a {self.kind}'s name must not contain '::': {self.name!r}"


class Groups:
    """
    The groups that a virtual user is in.

    Attributes:
        path: ``""`` at the root, ``::outer::inner`` below it.

    """

    __slots__ = ("path",)

    def __init__(self) -> None:
        self.path = ""

    def enter(self, name: str) -> str:
        """
        Go into a group; return the path to come back to.

        Raises:
            NameHasSeparatorError: If the name holds ``::``.

        """
        if SEPARATOR in name:
            raise NameHasSeparatorError("group", name)
        outer = self.path
        self.path = f"{outer}{SEPARATOR}{name}"
        return outer


class Checks:
    """Records the outcomes of checks."""

    __slots__ = ("_measurements", "_sinks", "_system_tags")

    def __init__(self, measurements: Measurements, system_tags: frozenset[str]) -> None:
        self._measurements = measurements
        self._system_tags = system_tags
        self._sinks: dict[tuple[TagSet, str], Any] = {}

    def record(
        self,
        name: str,
        tags: TagSet,
        *,
        passed: bool,
        extra_tags: Mapping[str, str] | None = None,
    ) -> None:
        """
        Add one outcome of the check ``name``.

        Raises:
            NameHasSeparatorError: If the name holds ``::``.

        """
        if extra_tags:
            tags = tags.with_(extra_tags)
        key = (tags, name)
        sink = self._sinks.get(key)
        if sink is None:
            if SEPARATOR in name:
                raise NameHasSeparatorError("check", name)
            if "check" in self._system_tags:
                tags = tags.with_({"check": name})
            sink = self._measurements.registry.series(builtin.CHECKS, tags)
            if not tags.metadata:
                self._sinks[key] = sink
        sink.add(1.0 if passed else 0.0)
