"""What ``k6/secrets`` calls."""

from typing import Any

from gharial.errors import did_you_mean
from gharial.virtual_user.virtual_user import VirtualUser


def secret(user: VirtualUser, source: str | None, name: str) -> list[Any]:
    """Return what is wrong, if anything, and a secret's value."""
    sources = user.services.run.secrets
    if not sources:
        return ["there are no secrets; give them with --secret-source", None]
    values = sources.get(source or "")
    if values is None:
        if source is None:
            known = ", ".join(sorted(each for each in sources if each))
            return [
                f"there is no default secret source; name one: secrets.source(NAME) "
                f"(there are {known})",
                None,
            ]
        hint = did_you_mean(source, sources)
        return [f"there is no secret source {source!r}{hint}", None]
    if name not in values:
        hint = did_you_mean(name, values)
        return [f"there is no secret {name!r}{hint}", None]
    return [None, values[name]]
