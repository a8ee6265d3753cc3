"""
WAMP, the basic profile, in JSON.

Source:
    https://wamp-proto.org/wamp_bp_latest_ietf.html, section 7 for the messages.
"""

from typing import Any, ClassVar

from msgspec import Raw

from gharial.lenses.json_text import json_decoder
from gharial.lenses.lens import Facts, Lens, UnreadableError
from gharial.lenses.names import method_name, topic_pattern

_HELLO, _WELCOME, _ABORT, _GOODBYE, _ERROR = 1, 2, 3, 6, 8
_PUBLISH, _PUBLISHED, _SUBSCRIBE, _SUBSCRIBED = 16, 17, 32, 33
_UNSUBSCRIBE, _UNSUBSCRIBED, _EVENT = 34, 35, 36
_CALL, _RESULT, _REGISTER, _REGISTERED = 48, 50, 64, 65
_UNREGISTER, _UNREGISTERED, _INVOCATION = 66, 67, 68
_LAST = 70
# Requests, by what they are called, and where the URI is in them.
_REQUESTS = {
    _PUBLISH: ("PUBLISH", 3),
    _SUBSCRIBE: ("SUBSCRIBE", 3),
    _UNSUBSCRIBE: ("UNSUBSCRIBE", None),
    _CALL: ("CALL", 3),
    _REGISTER: ("REGISTER", 3),
    _UNREGISTER: ("UNREGISTER", None),
}
_ANSWERS = frozenset(
    {_PUBLISHED, _SUBSCRIBED, _UNSUBSCRIBED, _RESULT, _REGISTERED, _UNREGISTERED}
)
_SUBSCRIPTIONS_MAXIMUM = 4_096


class WampLens(Lens):
    """Reads calls, subscriptions, acknowledged publications, and events."""

    __slots__ = ("_topics", "_wanted")

    name: ClassVar[str] = "wamp"

    def __init__(self, facts: Facts) -> None:
        super().__init__(facts)
        # Topics by the subscription's id, which is all that an event has; and by the
        # request's until that is known.
        self._topics: dict[int, str] = {}
        self._wanted: dict[int, str] = {}

    def sent(self, payload: bytes, kind: int, at_s: float) -> None:
        """Read what was sent."""
        message = _message(payload)
        what = _number(message, 0)
        if what == _HELLO:
            self.exchanges.begin(_HELLO_KEY, "HELLO", at_s)
            return
        if what not in _REQUESTS:
            if not 0 < what <= _LAST:
                raise UnreadableError("a message is not of WAMP")
            return
        name, place = _REQUESTS[what]
        request = _number(message, 1)
        uri = "" if place is None else _string(message, place)
        if what == _PUBLISH and not _has_option(message, "acknowledge"):
            return
        shown = (
            topic_pattern(uri) if what in (_PUBLISH, _SUBSCRIBE) else method_name(uri)
        )
        self.exchanges.begin(request, f"{name} {shown}".rstrip(), at_s)
        if what == _SUBSCRIBE and len(self._wanted) < _SUBSCRIPTIONS_MAXIMUM:
            self._wanted[request] = shown

    def received(self, payload: bytes, kind: int, at_s: float) -> None:
        """Read what came."""
        message = _message(payload)
        what = _number(message, 0)
        if what == _EVENT:
            topic = self._topics.get(_number(message, 1), "(unknown)")
            self.facts.pushed(f"EVENT {topic}", at_s)
        elif what in _ANSWERS:
            self._take_answer(what, message, at_s)
        elif what == _ERROR:
            self._wanted.pop(_number(message, 2), None)
            self.exchanges.end(_number(message, 2), at_s, failed=True)
            self.facts.error(method_name(_string(message, 4)), at_s)
        elif what == _WELCOME:
            self.exchanges.end(_HELLO_KEY, at_s)
            self.facts.ready(at_s)
        elif what in (_ABORT, _GOODBYE):
            self.exchanges.end(_HELLO_KEY, at_s, failed=True)
            if what == _ABORT:
                self.facts.error(method_name(_string(message, 2)), at_s)
        elif what == _INVOCATION:
            self.facts.pushed("INVOCATION", at_s)
        elif not 0 < what <= _LAST:
            raise UnreadableError("a message is not of WAMP")

    def _take_answer(self, what: int, message: list[Raw], at_s: float) -> None:
        request = _number(message, 1)
        if what == _RESULT and _has_option(message, "progress"):
            # The first part of a result is the answer; the others are pushed.
            if not self.exchanges.end(request, at_s):
                self.facts.pushed("RESULT", at_s)
            return
        self.exchanges.end(request, at_s)
        topic = self._wanted.pop(request, None)
        if topic is not None and len(self._topics) < _SUBSCRIPTIONS_MAXIMUM:
            self._topics[_number(message, 2)] = topic


# No request has it: they are numbers.
_HELLO_KEY = "HELLO"

_message = json_decoder(list[Raw], "WAMP in JSON")
_as_number = json_decoder(int, "WAMP in JSON")
_as_string = json_decoder(str, "WAMP in JSON")
_as_options = json_decoder(dict[str, Any], "WAMP in JSON")


def _item(message: list[Raw], place: int) -> Raw:
    if place >= len(message):
        raise UnreadableError("a message of WAMP is too short")
    return message[place]


def _number(message: list[Raw], place: int) -> int:
    return int(_as_number(_item(message, place)))


def _string(message: list[Raw], place: int) -> str:
    return str(_as_string(_item(message, place)))


def _has_option(message: list[Raw], name: str) -> bool:
    return _as_options(_item(message, 2)).get(name) is True
