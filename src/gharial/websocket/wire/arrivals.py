"""
When bytes arrived, as the kernel saw it: in C only.

``arrivals.pyx`` takes the place of this file where it could be compiled. Without it, what
is read is dated by the event loop's turns (``turns.py``).
"""

import asyncio

from gharial.websocket.wire.plain_frames import PlainFrames


def date_by_kernel(transport: asyncio.Transport, frames: PlainFrames) -> bool:
    """Return that the kernel's stamps cannot be had here."""
    return False
