"""Settings of an output: what follows its name, and environment variables."""

from collections.abc import Mapping, Sequence

from gharial.errors import did_you_mean
from gharial.outputs.base import OutputError


def parse_settings(
    output: str, argument: str, known: Sequence[str], *, main: str
) -> dict[str, str]:
    """
    Return the settings of ``a=1,b=2``; a first part without ``=`` is the main one's.

    Args:
        output: The output's name, for messages.
        argument: What follows it.
        known: The settings that there are.
        main: Which of them needs no name.

    Raises:
        OutputError: If a setting is unknown or comes twice.

    """
    settings: dict[str, str] = {}
    for index, part in enumerate(each for each in argument.split(",") if each):
        name, equals, value = part.partition("=")
        if name not in known or not equals:
            if index > 0 or (equals and name.isidentifier() and "/" not in name):
                hint = did_you_mean(name, known)
                raise OutputError(
                    f"--out {output}: there is no setting {name!r}{hint or '; there are '}"
                    f"{'' if hint else ', '.join(known)}"
                )
            name, value = main, part
        if name in settings:
            raise OutputError(f"--out {output}: {name!r} was given twice")
        settings[name] = value
    return settings


def from_environment(
    environment: Mapping[str, str], prefix: str, names: Mapping[str, str]
) -> dict[str, str]:
    """
    Return the settings that variables give, ``GHARIAL_*`` before ``K6_*``.

    Args:
        environment: The variables.
        prefix: What stands between ``GHARIAL_`` and the rest: ``INFLUXDB_``.
        names: The rest of each variable's name, and the setting that it gives.

    """
    found = {}
    for rest, setting in names.items():
        for tool in ("GHARIAL_", "K6_"):
            value = environment.get(f"{tool}{prefix}{rest}")
            if value:
                found[setting] = value
                break
    return found
