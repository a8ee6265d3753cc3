"""Reading the settings of outputs: switches, durations, headers, files."""

from pathlib import Path

from gharial.errors import ConfigurationError
from gharial.outputs.base import OutputError
from gharial.timing import parse_duration

_SWITCHES = {"true": True, "1": True, "false": False, "0": False}


class SettingValues:
    """The settings of one output, as the user wrote them."""

    def __init__(self, output: str, settings: dict[str, str]) -> None:
        """
        Take settings.

        Args:
            output: The output's name, for messages.
            settings: Texts by name.

        """
        self._output = output
        self._settings = settings

    def text(self, name: str, default: str = "") -> str:
        """Return a setting as it is."""
        return self._settings.get(name) or default

    def has(self, name: str) -> bool:
        """Whether a setting was given, and not empty."""
        return bool(self._settings.get(name))

    def switch(self, name: str, *, default: bool = False) -> bool:
        """
        Return whether something is on.

        Raises:
            OutputError: If the setting is neither ``true`` nor ``false``.

        """
        text = self._settings.get(name)
        if not text:
            return default
        value = _SWITCHES.get(text.lower())
        if value is None:
            raise self.wrong(name, "is neither true nor false")
        return value

    def seconds(self, name: str, default_s: float) -> float:
        """
        Return a duration.

        Raises:
            OutputError: If the setting is none, or is negative.

        """
        text = self._settings.get(name)
        if not text:
            return default_s
        try:
            duration_s = parse_duration(text)
        except ConfigurationError as error:
            raise OutputError(f"--out {self._output}: {name}: {error}") from error
        if duration_s < 0:
            raise self.wrong(name, "is negative")
        return duration_s

    def one_of(self, name: str, allowed: tuple[str, ...]) -> str:
        """
        Return a setting that has few values, the first of which is usual.

        Raises:
            OutputError: If it is another.

        """
        text = self._settings.get(name) or allowed[0]
        if text not in allowed:
            raise self.wrong(name, f"is none of {', '.join(allowed)}")
        return text

    def file(self, name: str) -> str | None:
        """
        Return the path of a file that can be read, None if the setting was not given.

        Raises:
            OutputError: If it cannot.

        """
        path = self._settings.get(name)
        if not path:
            return None
        try:
            with Path(path).open("rb"):
                return path
        except OSError as error:
            reason = error.strerror or str(error)
            raise self.wrong(name, f"cannot be read: {reason}") from error

    def pairs(self, name: str, equals: str, separator: str = ",") -> dict[str, str]:
        """
        Return names and values, such as headers.

        Args:
            name: The setting's.
            equals: What stands between a name and its value.
            separator: What stands between two of them.

        Raises:
            OutputError: If a part has no name or no value.

        """
        found = {}
        for part in self.text(name).split(separator):
            if not part.strip():
                continue
            key, mark, value = part.partition(equals)
            if not mark or not key.strip():
                raise self.wrong(name, f"is not name{equals}value")
            found[key.strip()] = value.strip()
        return found

    def wrong(self, name: str, problem: str) -> OutputError:
        """Return the error that says what is wrong with a setting."""
        shown = self._settings.get(name, "")
        if name.lower().endswith(("password", "token", "headers")):
            shown = "***"
        return OutputError(f"--out {self._output}: {name}: {shown!r} {problem}")
