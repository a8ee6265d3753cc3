"""The event loop that a run uses."""

import asyncio
import importlib
from typing import Any


def new_event_loop() -> asyncio.AbstractEventLoop:
    """Return a uvloop where it can be imported, else a loop of asyncio's."""
    try:
        uvloop: Any = importlib.import_module("uvloop")
    except ImportError:
        return asyncio.new_event_loop()
    loop: asyncio.AbstractEventLoop = uvloop.new_event_loop()
    return loop
