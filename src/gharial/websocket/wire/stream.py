"""Plain sockets with a reader and frames of our own, where they are available."""

from importlib import import_module
from typing import TYPE_CHECKING

from gharial.process.build import IS_COMPILED

if TYPE_CHECKING or not IS_COMPILED:
    from gharial.websocket.wire.stream_in_python import Stream, make_ready, stream_on
else:
    _in_c = import_module(f"{__name__}_in_c")
    Stream = _in_c.Stream
    make_ready, stream_on = _in_c.make_ready, _in_c.stream_on

__all__ = ["Stream", "make_ready", "stream_on"]
