"""
The events of sockets, in Python.

Source:
    DOM, section 2.2; HTML, section 9.1 (MessageEvent); WHATWG WebSockets, section 4
    (CloseEvent); k6 v2.2 for ``timestamp`` and ``error``.

Compiled where Gharial was installed with a C compiler (``events.pxd`` says how they look
in C); in plain Python it does the same.
"""

from typing import Any

from gharial.net.failures import HandshakeResponse
from gharial.websocket.scalar_text import to_utf8

# Bits of an event's flags. That it is being dispatched is told by its current target.
STOPPED = 1
STOPPED_NOW = 2
CANCELED = 4
CANCELABLE = 8
IN_PASSIVE_LISTENER = 16


class Event:
    """
    Something that happened to a target.

    Attributes:
        type: Its name: ``open``, ``message``, ``error``, ``close``, ``ping``, ``pong``.
        target: What it happened to.
        current_target: The same while listeners are called, None afterwards.
        is_trusted: Whether it was made here and not by a script.

    """

    # A plain slotted class: one is made for each message.
    __slots__ = (
        "_flags",
        "_timestamp",
        "current_target",
        "is_trusted",
        "target",
        "type",
    )

    def __init__(
        self,
        type: str,  # noqa: A002 - the standard's word
        timestamp: float = 0.0,
        *,
        cancelable: bool = False,
        is_trusted: bool = False,
    ) -> None:
        self.type = type
        self._timestamp = float(timestamp)
        self.is_trusted = is_trusted
        self.target: Any = None
        self.current_target: Any = None
        self._flags = CANCELABLE if cancelable else 0

    @property
    def timestamp(self) -> float:
        """When it happened, in milliseconds since the Unix epoch."""
        return self._timestamp

    @timestamp.setter
    def timestamp(self, milliseconds: float) -> None:
        # In C it is a number of C's, so it is a float in both builds.
        self._timestamp = float(milliseconds)

    def stop_immediate_propagation(self) -> None:
        """Let no listener after the present one be called."""
        self._flags |= STOPPED | STOPPED_NOW

    def stop_propagation(self) -> None:
        """Let no listener be called after the capturing ones, if one of them says so."""
        self._flags |= STOPPED

    def prevent_default(self) -> None:
        """Cancel it, if it is cancelable and the listener is not passive."""
        if self._flags & (CANCELABLE | IN_PASSIVE_LISTENER) == CANCELABLE:
            self._flags |= CANCELED

    @property
    def cancelable(self) -> bool:
        """Whether `prevent_default` has an effect; it has none on those of sockets."""
        return bool(self._flags & CANCELABLE)

    @property
    def default_prevented(self) -> bool:
        """Whether it was cancelled."""
        return bool(self._flags & CANCELED)

    @property
    def is_stopped(self) -> bool:
        """Whether no further listener is to be called."""
        return bool(self._flags & STOPPED_NOW)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.type}>"


class MessageEvent(Event):
    """
    A message came.

    Attributes:
        data: A text, or bytes, or a Blob if ``binary_type`` is ``"blob"``; anything in an
            event of your own.

    """

    __slots__ = ("_origin", "data")

    def __init__(
        self,
        type: str,  # noqa: A002 - the standard's word
        timestamp: float = 0.0,
        *,
        data: Any = None,
        origin: str = "",
        is_trusted: bool = False,
    ) -> None:
        super().__init__(type, timestamp, is_trusted=is_trusted)
        self.data = data
        # None if it is to be asked of the socket.
        self._origin: str | None = origin

    @property
    def origin(self) -> str:
        """Scheme, host and port of the socket's URL; an event of yours has its own."""
        if self._origin is None:
            self._origin = str(getattr(self.target, "_origin", ""))
        return self._origin

    @property
    def last_event_id(self) -> str:
        """Always empty for sockets."""
        return ""


def message_event(data: Any, timestamp: float, socket: Any) -> MessageEvent:
    """Return the event for a message that came over a socket."""
    # The hot path: not by calling the class, which takes three times as long.
    event = MessageEvent.__new__(MessageEvent)
    event.type = "message"
    event.data = data
    event._origin = None
    event._timestamp = timestamp
    event.target = event.current_target = socket
    event.is_trusted = True
    event._flags = 0
    return event


class CloseEvent(Event):
    """
    A socket is closed.

    Attributes:
        code: The close code: the peer's, 1005 for none, 1006 for an abnormal end.
        reason: The peer's reason, perhaps empty.
        was_clean: Whether the closing handshake was completed.

    """

    __slots__ = ("code", "reason", "was_clean")

    def __init__(
        self,
        type: str,  # noqa: A002 - the standard's word
        timestamp: float = 0.0,
        *,
        code: int = 0,
        reason: str = "",
        was_clean: bool = False,
        is_trusted: bool = False,
    ) -> None:
        super().__init__(type, timestamp, is_trusted=is_trusted)
        self.code = code
        self.reason = to_utf8(reason).decode()
        self.was_clean = was_clean

    def __repr__(self) -> str:
        return f"<CloseEvent {self.type}: {self.code} {self.reason!r}>"


class ErrorEvent(Event):
    """
    A socket failed.

    Attributes:
        error: One sentence that names the cause.
        response: The server's answer to the upgrade, if there was one.

    """

    __slots__ = ("error", "response")

    def __init__(
        self,
        type: str,  # noqa: A002 - the standard's word
        timestamp: float = 0.0,
        *,
        error: str = "",
        response: HandshakeResponse | None = None,
        is_trusted: bool = False,
    ) -> None:
        super().__init__(type, timestamp, is_trusted=is_trusted)
        self.error = error
        self.response = response

    def __repr__(self) -> str:
        return f"<ErrorEvent {self.type}: {self.error!r}>"
