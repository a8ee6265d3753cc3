"""The names of options: attributes with units, and what users write."""

import re

# Names that are not simply snake_case turned into camelCase.
_IRREGULAR = {
    "blacklist_ips": "blacklistIPs",
    "insecure_skip_tls_verify": "insecureSkipTLSVerify",
    "local_ips": "localIPs",
    "max_vus": "maxVUs",
    "no_vu_connection_reuse": "noVUConnectionReuse",
    "pre_allocated_vus": "preAllocatedVUs",
    "start_vus": "startVUs",
}


def without_unit(attribute: str) -> str:
    """Return an attribute's name without the unit at its end: ``max_duration``."""
    return re.sub("_(s|bytes)$", "", attribute)


def camel_case(name: str) -> str:
    """Return a name in snake_case as k6 writes it: ``maxVUs``."""
    first, *rest = name.split("_")
    return _IRREGULAR.get(name, first + "".join(part.capitalize() for part in rest))


def alias_of(attribute: str) -> str:
    """Return the name that users write for an attribute: ``maxDuration``."""
    return camel_case(without_unit(attribute))


def folded(name: str) -> str:
    """Return what all spellings of a name have in common: case and ``_ -`` are left out."""
    return name.replace("_", "").replace("-", "").lower()
