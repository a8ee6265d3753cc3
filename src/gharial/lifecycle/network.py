"""The addresses that virtual users connect from."""

from gharial.options.model import Options


def local_addresses(options: Options) -> tuple[str, ...]:
    """Return the addresses to connect from; empty for the system's choice."""
    if options.has_own_addresses:
        from gharial.lifecycle.machine import own_addresses  # Few runs ask for them.

        return own_addresses()
    return options.local_ips
