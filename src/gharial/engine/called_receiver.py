"""A message receiver that calls a given function."""

from collections.abc import Callable
from functools import partial
from typing import Any

from gharial.websocket.messages import MessageReceiver


class CalledReceiver(MessageReceiver):
    """
    Calls ``callback(receiver, data, at_ms)`` with each message.

    Attributes:
        receive: Does so; a function in C that adds no call in Python.

    """

    __slots__ = ("receive",)

    def __init__(
        self, callback: Callable[[Any, Any, float], object], receiver: Any
    ) -> None:
        self.receive: Any = partial(callback, receiver)
