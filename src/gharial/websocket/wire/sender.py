"""Sends the messages of one connection: part of the hot path."""

from importlib import import_module
from typing import TYPE_CHECKING

from gharial.process.build import IS_COMPILED

if TYPE_CHECKING or not IS_COMPILED:
    from gharial.websocket.wire.sender_in_python import Sender
else:
    _in_c = import_module(f"{__name__}_in_c")
    Sender = _in_c.Sender

__all__ = ["Sender"]
