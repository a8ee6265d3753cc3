"""
Which names CommonJS files export, for an engine that must know them before files run.

As in Node.js and k6 a file's names are the keys of what it leaves in ``module.exports``.
They are known once the file has run. The engine wants them earlier: when a script is read
for the first time they are guessed, from the file's text and from what others import by
name. If somebody could see the difference the script is read again, with the true names.
"""

from collections.abc import Iterable


class ExportNames:
    """
    The names that each CommonJS file of a script exports.

    Attributes:
        sees_all: Whether a module may import any file by a computed name, and so see all
            names of all files.

    """

    def __init__(self) -> None:
        self.sees_all = False
        # Named by an import; read as members of a namespace, which may lack them.
        self._named: dict[str, set[str]] = {}
        self._members: dict[str, set[str]] = {}
        self._whole: set[str] = set()
        # The keys of what a file left, and what was exported when it ran.
        self._keys: dict[str, frozenset[str]] = {}
        self._given: dict[str, frozenset[str]] = {}

    def want(
        self,
        module: str,
        named: Iterable[str] = (),
        *,
        members: Iterable[str] = (),
        is_whole: bool = False,
    ) -> None:
        """
        Take note of an import.

        Args:
            module: What it leads to.
            named: The names in it.
            members: What is read of its namespace.
            is_whole: Whether all names of the module can be seen by it, as with
                ``export *`` and ``Object.keys(namespace)``.

        """
        self._named.setdefault(module, set()).update(named)
        self._members.setdefault(module, set()).update(members)
        if is_whole:
            self._whole.add(module)

    def wanted(self, module: str) -> set[str]:
        """Return the names by which others ask for what a module exports."""
        return self._named.get(module, set()) | self._members.get(module, set())

    def ran(self, module: str, keys: Iterable[str]) -> None:
        """Take note of the keys of what a file left in ``module.exports``."""
        self._keys[module] = frozenset(keys)

    def of(self, module: str, guess: Iterable[str]) -> frozenset[str]:
        """
        Return the names that a file is to export now.

        Args:
            module: The file.
            guess: What its text shows of them.

        """
        keys = self._keys.get(module)
        if keys is None:
            names = self.wanted(module) | set(guess)
        elif self._is_seen_whole(module):
            names = self._named.get(module, set()) | keys
        else:
            names = self.wanted(module)
        given = self._given[module] = frozenset(names)
        return given

    def may_change(self) -> bool:
        """Return whether somebody may see names that turn out, or turned out, wrong."""
        return bool(self.not_known()) or self.were_wrong()

    def not_known(self) -> list[str]:
        """Return the files that have not run and whose names somebody may see."""
        return [
            each
            for each in self._given
            if each not in self._keys and self._is_seen_whole(each)
        ]

    def were_wrong(self) -> bool:
        """Return whether somebody saw other names than a file has."""
        return any(
            given - self._named.get(each, set()) != keys - self._named.get(each, set())
            for each, given in self._given.items()
            if self._is_seen_whole(each) and (keys := self._keys.get(each)) is not None
        )

    def _is_seen_whole(self, module: str) -> bool:
        return self.sees_all or module in self._whole
