"""
The kernel's timestamps of received bytes: in C only.

``arrivals_in_c.pyx`` is used where it could be compiled. Without it, what is read is
dated by the event loop's turns (``turns.py``).
"""

import asyncio

from gharial.websocket.wire.plain_frames import PlainFrames


def date_by_kernel(transport: asyncio.Transport, frames: PlainFrames) -> bool:
    """Return that kernel timestamps are not available here."""
    return False
