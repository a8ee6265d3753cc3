"""The tags of one virtual user: the run's, its scenario's, its group's, the script's."""

from collections.abc import Mapping

from gharial.metrics.tags import EMPTY, TagSet
from gharial.virtual_user.checks import Groups
from gharial.virtual_user.context import ScenarioContext

GROUP = "group"


class OwnTags:
    """
    The tags, and the metadata, of what one virtual user measures.

    They are one set, of which a script may change each, also those that are set by
    itself; it stays as it is until the virtual user works for another scenario.

    Source:
        k6 v2.2, ``lib/vu_state.go`` and ``js/modules/k6/execution``; tried on k6 v1.1.
    """

    __slots__ = (
        "_base_group",
        "_groups",
        "_keeps_metadata",
        "_key",
        "_metadata",
        "_present",
        "_rest",
        "_system_tags",
    )

    def __init__(
        self,
        groups: Groups,
        run_tags: TagSet,
        system_tags: frozenset[str],
        *,
        keeps_metadata: bool,
    ) -> None:
        """
        Take what the tags are made of.

        Args:
            groups: The groups that the virtual user is in.
            run_tags: The run's, until it works for a scenario.
            system_tags: Names of those to set.
            keeps_metadata: Whether anybody will be told of metadata.

        """
        self._groups = groups
        self._rest = run_tags
        self._system_tags = system_tags
        self._keeps_metadata = keeps_metadata
        self._metadata: dict[str, str] = {}
        self._base_group = ""
        self._present: TagSet = EMPTY
        self._key: tuple[object, ...] = ()

    @property
    def present(self) -> TagSet:
        """The tags of what is measured now."""
        key = (self._rest, self._groups.path)
        if key == self._key:
            return self._present
        tags, path = key
        if GROUP in self._system_tags:
            tags = tags.with_({GROUP: path})
        if self._metadata and self._keeps_metadata:
            tags = tags.with_metadata(self._metadata)
        self._present, self._key = tags, key
        return tags

    @property
    def metadata(self) -> Mapping[str, str]:
        """The metadata of what is measured now."""
        return self._metadata

    def enter(self, scenario: ScenarioContext) -> None:
        """Begin anew, with the tags of a scenario."""
        self._rest = scenario.tags
        if "scenario" in self._system_tags:
            self._rest = self._rest.with_({"scenario": scenario.name})
        self._base_group = self._groups.path = ""
        self._metadata.clear()
        self._key = ()

    def begin(self, identity: Mapping[str, int]) -> None:
        """Begin an iteration: in no group, with numbers that say which it is."""
        self.leave_groups()
        for name, number in identity.items():
            if name in self._system_tags:
                self.set_metadata(name, str(number))

    def leave_groups(self) -> None:
        """Leave all groups that were entered; one that the script set as a tag stays."""
        self._groups.path = self._base_group

    def set(self, name: str, value: str | None) -> None:
        """Set a tag of what is measured from now on, or remove it (None)."""
        if name == GROUP and GROUP in self._system_tags:
            self._base_group = self._groups.path = value or ""
        elif value is None:
            left = dict(self._rest.items)
            left.pop(name, None)
            self._rest = TagSet.of(left)
        else:
            self._rest = self._rest.with_({name: value})

    def set_metadata(self, name: str, value: str | None) -> None:
        """Set metadata of what is measured from now on, or remove it (None)."""
        if value is None:
            self._metadata.pop(name, None)
        else:
            self._metadata[name] = value
        self._key = ()
