"""Unique ids of runs."""

import os
from datetime import UTC, datetime


def new_run_id() -> str:
    """Return an id that no other run has; ids sort by the second in which they began."""
    now = datetime.now(UTC)
    return f"{now:%Y%m%d-%H%M%S}-{os.urandom(3).hex()}"
