"""The queued messages of a socket, which the script has not taken yet."""

import sys
from collections import deque
from collections.abc import Callable
from sys import getsizeof
from typing import Any

from gharial.websocket.back_pressure import BackPressure
from gharial.websocket.matching import Matches

# What keeping one message takes on top of the message itself.
_RECORD_BYTES = 150
# So many that wait for a message of their own may look at one in vain; after that it is
# left to those that take any. Else each of them would go through all that ever came.
LOOKS_MAXIMUM = 8


class KeptMessage:
    """
    One message.

    Attributes:
        data: A text or bytes.
        at_ms: When it came, in milliseconds since the Unix epoch.
        number: Its place among all messages of its socket.
        looks: How many looked at it in vain.

    """

    __slots__ = ("at_ms", "data", "looks", "number")

    def __init__(self, data: Any, at_ms: float, number: int) -> None:
        self.data = data
        self.at_ms = at_ms
        self.number = number
        self.looks = 0


class Backlog(BackPressure):
    """
    Messages in the order in which they came.

    Attributes:
        messages: The messages, not to be changed from outside.

    """

    __slots__ = ("messages",)

    def __init__(
        self,
        limit_bytes: int = sys.maxsize,
        on_relief: Callable[[], object] = lambda: None,
    ) -> None:
        super().__init__(limit_bytes, on_relief)
        self.messages: deque[KeptMessage] = deque()

    def append(self, data: Any, at_ms: float, number: int) -> None:
        """Add the latest message."""
        self.messages.append(KeptMessage(data, at_ms, number))
        self.size_bytes += getsizeof(data) + _RECORD_BYTES

    def take_oldest(self) -> KeptMessage:
        """Return the oldest message, which is kept no longer."""
        message = self.messages.popleft()
        self.size_bytes -= getsizeof(message.data) + _RECORD_BYTES
        return message

    def take_matching(self, matches: Matches) -> KeptMessage | None:
        """
        Return the oldest message that matches, which is kept no longer; None for none.

        What ``matches`` raises is raised, and its message kept.
        """
        for message in self.messages:
            if message.looks == LOOKS_MAXIMUM:
                continue
            message.looks += 1
            if matches(message.data):
                self.messages.remove(message)
                self.size_bytes -= getsizeof(message.data) + _RECORD_BYTES
                return message
        return None

    def shrink(self) -> int:
        """Drop the oldest until the rest is within the bound; return how many."""
        before = len(self.messages)
        while self.size_bytes > self.limit_bytes and len(self.messages) > 1:
            self.take_oldest()
        return before - len(self.messages)
