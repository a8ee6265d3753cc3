"""
The states of a connection, and which may follow which.

    state        what happens                                   next state
    -----------  ---------------------------------------------  ----------
    CONNECTING   the upgrade is answered                        OPEN
    CONNECTING   close(), a failure of the dial                 CLOSED
    OPEN         close(), the peer's close frame, a violation   CLOSING
    OPEN         TCP is gone                                    CLOSED
    CLOSING      TCP is gone, the close limit has passed        CLOSED

Source:
    WHATWG WebSockets, section 3.1 (ready states); RFC 6455 section 7.
"""

from enum import IntEnum


class ReadyState(IntEnum):
    """The ready states, with the standard's numbers."""

    CONNECTING = 0
    OPEN = 1
    CLOSING = 2
    CLOSED = 3


TRANSITIONS: dict[ReadyState, frozenset[ReadyState]] = {
    ReadyState.CONNECTING: frozenset({ReadyState.OPEN, ReadyState.CLOSED}),
    ReadyState.OPEN: frozenset({ReadyState.CLOSING, ReadyState.CLOSED}),
    ReadyState.CLOSING: frozenset({ReadyState.CLOSED}),
    ReadyState.CLOSED: frozenset(),
}
