"""Errors of the WebSocket room: those a script may catch, and why a dial failed."""

from gharial.errors import GharialError


class WebSocketError(GharialError):
    """
    A script used the API against the rules of the WebSockets standard.

    Attributes:
        name: The DOM exception's name: ``SyntaxError``, ``InvalidStateError`` or
            ``InvalidAccessError``.
        message: What was wrong and what would have been right.

    """

    def __init__(self, name: str, message: str) -> None:
        super().__init__(name, message)
        self.name = name
        self.message = message

    def __str__(self) -> str:
        return self.message
