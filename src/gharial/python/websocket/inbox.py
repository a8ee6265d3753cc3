"""
Receives the messages of a Python ``WebSocket``, on the hot path.

Compiled where Gharial was installed with a C compiler (``inbox.pxd`` says how it looks in
C); in plain Python it does the same.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from gharial.python.websocket.events import message_event
from gharial.websocket.messages import MessageReceiver

if TYPE_CHECKING:
    from gharial.python.websocket.event_target import EventTarget

# What a listener may return that is surely no coroutine. To find out takes a third of a
# microsecond, and arrow-like functions return what their one expression is.
_PLAIN = frozenset({bool, bytes, dict, float, int, list, str})


class Inbox(MessageReceiver):
    """
    Hands messages to the listeners of one socket.

    What the hot path needs to know of the socket is kept here, and changes when
    the socket or its listeners do.

    Attributes:
        is_open: Whether messages count, as far as the script knows.
        is_special: Whether there is more to do with one than to call `only` with its event.
        only: The one listener, if all there is to do is to call it; None for no listener.

    """

    __slots__ = ("_on_special", "_socket", "is_open", "is_special", "only")

    def __init__(
        self, socket: "EventTarget", on_special: Callable[[Any, float], object]
    ) -> None:
        self._socket = socket
        # Takes a message with which there is more to do.
        self._on_special = on_special
        self.is_open = False
        self.is_special = False
        self.only: Callable[[Any], object] | None = None

    def receive(self, data: Any, at_ms: float) -> None:
        """Hand a message to whoever listens."""
        if not self.is_open:
            return
        if self.is_special:
            self._on_special(data, at_ms)
            return
        only = self.only
        if only is None:
            return
        # What `EventTarget._fire` would do with one ordinary function.
        event = message_event(data, at_ms, self._socket)
        try:
            result = only(event)
        except BaseException as error:
            self._socket._report(error)
        else:
            if result is not None and type(result) not in _PLAIN:
                self._socket._returned(result)
        event.current_target = None
