"""The environment variables of Ray, which reads them once, when it is imported."""

import os
from collections.abc import MutableMapping
from pathlib import Path
from secrets import token_hex
from typing import Final

from gharial.options.cluster_address import ClusterAddress

_TOKEN_FILE: Final = "~/.ray/auth_token"


def prepare_environment(
    address: ClusterAddress, environment: MutableMapping[str, str] = os.environ
) -> None:
    """
    Set what Ray is to find; call it before anything imports Ray.

    Args:
        address: The cluster of this run.
        environment: The process's variables.

    """
    environment.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    environment.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")
    if address.is_local:
        # Ray lets all other programs go before its workers, which makes them late.
        environment.setdefault("RAY_worker_niceness", "0")
        # Ray listens on all networks, so it asks for a secret that only this run knows.
        environment["RAY_AUTH_TOKEN"] = token_hex(32)
        environment["RAY_AUTH_MODE"] = "token"
    elif (
        "RAY_AUTH_TOKEN" in environment
        or "RAY_AUTH_TOKEN_PATH" in environment
        or Path(_TOKEN_FILE).expanduser().exists()
    ):
        # With a token but without the mode, Ray gives up after 20 s for another reason.
        environment.setdefault("RAY_AUTH_MODE", "token")
