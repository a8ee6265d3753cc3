"""
Centrifugo's client protocol, in JSON.

Source:
    https://github.com/centrifugal/protocol, ``definitions/client.proto``, and
    https://centrifugal.dev/docs/transports/client_protocol.
"""

from typing import ClassVar

import msgspec
from msgspec import Raw

from gharial.lenses.json_text import json_decoder
from gharial.lenses.lens import Lens, UnreadableError
from gharial.lenses.names import method_name, topic_pattern

# What a command may be, besides ``rpc``; all but the first ones are about a channel.
_COMMANDS = (
    *("connect", "refresh", "subscribe", "unsubscribe", "publish", "presence"),
    *("presence_stats", "history", "sub_refresh", "rpc", "send"),
)
_PUSHES = frozenset(
    {
        *("pub", "join", "leave", "unsubscribe", "message", "subscribe", "connect"),
        *("disconnect", "refresh"),
    }
)


class _Argument(msgspec.Struct):
    channel: str = ""
    method: str = ""


class _Push(msgspec.Struct):
    channel: str = ""


class _Error(msgspec.Struct):
    code: int = 0


class CentrifugoLens(Lens):
    """Reads commands and their replies, and what is pushed into channels."""

    __slots__ = ()

    name: ClassVar[str] = "centrifugo"

    def sent(self, payload: bytes, kind: int, at_s: float) -> None:
        """Read what was sent: several commands may be in one message, a line each."""
        for line in payload.splitlines():
            command = _fields(line)
            number = command.get("id")
            if number is not None:
                self.exchanges.begin(bytes(number), _operation(command), at_s)

    def received(self, payload: bytes, kind: int, at_s: float) -> None:
        """Read what came; an empty reply is the server's ping."""
        for line in payload.splitlines():
            reply = _fields(line)
            number, error, push = (reply.get(key) for key in ("id", "error", "push"))
            if push is not None:
                channel = topic_pattern(_push(push).channel)
                kinds = _PUSHES & _fields(push).keys()
                what = min(kinds, default="push")
                self.facts.pushed(f"{what} {channel}".rstrip(), at_s)
            elif number is not None:
                self.exchanges.end(bytes(number), at_s, failed=error is not None)
                if error is not None:
                    self.facts.error(str(_error(error).code), at_s)
                elif "connect" in reply:
                    self.facts.ready(at_s)


_fields = json_decoder(dict[str, Raw], "Centrifugo's protocol in JSON")
_argument = json_decoder(_Argument, "Centrifugo's protocol in JSON")
_push = json_decoder(_Push, "Centrifugo's protocol in JSON")
_error = json_decoder(_Error, "Centrifugo's protocol in JSON")


def _operation(command: dict[str, Raw]) -> str:
    for name in _COMMANDS:
        written = command.get(name)
        if written is not None:
            argument = _argument(written)
            subject = method_name(argument.method) or topic_pattern(argument.channel)
            return f"{name} {subject}".rstrip()
    raise UnreadableError("a command is not one of Centrifugo's")
