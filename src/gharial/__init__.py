"""
Gharial load-tests WebSocket servers: what a Python test script imports.

A script is a module with a function ``default``, which each virtual user calls again and
again, and perhaps ``options``. Each virtual user has its own copy of the script's modules.

Example::

    from gharial import WebSocket, check, env

    options = {"vus": 10, "duration": "30s"}

    def default():
        socket = WebSocket(env.get("URL", "ws://localhost:8080"))

        def greet(event):
            socket.send("hello")

        def answer(event):
            check(event.data, {"is an echo": lambda text: text == "hello"})
            socket.close()

        socket.on_open = greet
        socket.on_message = answer
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gharial.python.checks import check as check
    from gharial.python.checks import fail as fail
    from gharial.python.checks import group as group
    from gharial.python.console import log as log
    from gharial.python.custom_metrics import Counter as Counter
    from gharial.python.custom_metrics import Gauge as Gauge
    from gharial.python.custom_metrics import Rate as Rate
    from gharial.python.custom_metrics import Trend as Trend
    from gharial.python.errors import SocketClosedError as SocketClosedError
    from gharial.python.execution import env as env
    from gharial.python.execution import execution as execution
    from gharial.python.execution import vu as vu
    from gharial.python.random_values import find_between as find_between
    from gharial.python.random_values import (
        random_int_between as random_int_between,
    )
    from gharial.python.random_values import random_item as random_item
    from gharial.python.random_values import random_seed as random_seed
    from gharial.python.random_values import random_string as random_string
    from gharial.python.random_values import uuidv4 as uuidv4
    from gharial.python.timers import clear_interval as clear_interval
    from gharial.python.timers import clear_timeout as clear_timeout
    from gharial.python.timers import set_interval as set_interval
    from gharial.python.timers import set_timeout as set_timeout
    from gharial.python.timers import sleep as sleep
    from gharial.python.websocket.api import WebSocket as WebSocket
    from gharial.python.websocket.blob import Blob as Blob
    from gharial.python.websocket.event_target import AbortController as AbortController
    from gharial.python.websocket.event_target import AbortSignal as AbortSignal
    from gharial.python.websocket.event_target import EventTarget as EventTarget
    from gharial.python.websocket.events import CloseEvent as CloseEvent
    from gharial.python.websocket.events import ErrorEvent as ErrorEvent
    from gharial.python.websocket.events import Event as Event
    from gharial.python.websocket.events import MessageEvent as MessageEvent
    from gharial.websocket.errors import WebSocketError as WebSocketError

# Each name is imported when it is first asked for, so that neither the command line nor
# a program that wants one thing only pays for all of it.
_HOMES = {
    "checks": ("check", "fail", "group"),
    "console": ("log",),
    "custom_metrics": ("Counter", "Gauge", "Rate", "Trend"),
    "errors": ("SocketClosedError",),
    "execution": ("env", "execution", "vu"),
    "random_values": (
        "find_between",
        "random_int_between",
        "random_item",
        "random_seed",
        "random_string",
        "uuidv4",
    ),
    "timers": (
        "clear_interval",
        "clear_timeout",
        "set_interval",
        "set_timeout",
        "sleep",
    ),
    "websocket.api": ("WebSocket",),
    "websocket.blob": ("Blob",),
    "websocket.event_target": ("AbortController", "AbortSignal", "EventTarget"),
    "websocket.events": ("CloseEvent", "ErrorEvent", "Event", "MessageEvent"),
}
_MODULES = {
    name: f"gharial.python.{module}"
    for module, names in _HOMES.items()
    for name in names
} | {"WebSocketError": "gharial.websocket.errors"}

__all__ = [*_MODULES]


def __getattr__(name: str) -> Any:
    module = _MODULES.get(name)
    if module is None:
        raise AttributeError(f"module 'gharial' has no attribute {name!r}")
    value = globals()[name] = getattr(import_module(module), name)
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
