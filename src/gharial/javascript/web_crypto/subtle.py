"""
``crypto.subtle`` of one virtual user: the Python side of subtle_crypto.js.

What is quick is computed at once. What is not runs in a thread: its promise keeps the
iteration from ending, as a request does.
"""

import json
from collections.abc import Callable
from typing import Any

from gharial.javascript.helper_threads import HelperThreads, Work
from gharial.javascript.script_state import ScriptState
from gharial.javascript.web_crypto.keys import Key, WebCryptoError
from gharial.javascript.web_crypto.operations import (
    Arguments,
    is_long,
    perform,
)

# What one virtual user may have under way in threads, or waiting for one.
PENDING_MAXIMUM = 1000
PENDING_MAXIMUM_BYTES = 64 * 1024 * 1024

_THREADS = HelperThreads()


class PendingOperation:
    """An operation in a thread; the virtual user may give it up at any time."""

    __slots__ = ("_end", "name", "size_bytes", "work")

    def __init__(
        self, name: str, size_bytes: int, end: Callable[["PendingOperation"], None]
    ) -> None:
        self.name = name
        self.size_bytes = size_bytes
        self.work: Work | None = None
        self._end = end

    @property
    def is_established(self) -> bool:
        """Whether it may outlive an iteration: never."""
        return False

    @property
    def description(self) -> str:
        """What it is."""
        return f"crypto.subtle.{self.name}()"

    def shut(self, code: int) -> None:
        """Let its promise be rejected, without waiting for the result."""
        self.abort()
        self._end(self)

    def abort(self) -> None:
        """Let nobody hear of it."""
        if self.work is not None:
            self.work.withdraw()


class Subtle:
    """What subtle_crypto.js calls."""

    def __init__(self, script: ScriptState, threads: HelperThreads = _THREADS) -> None:
        self._script = script
        self._threads = threads
        self._pending: dict[PendingOperation, int] = {}
        self._pending_bytes = 0

    def run(self, number: int, operation: str, text: str, things: Any) -> Any:
        """
        Carry out an operation.

        Args:
            number: What settleSubtle is to be called with, if it takes a while.
            operation: The method's name.
            text: Its arguments by name, as JSON; in it ``{"$bytes": 0}`` and
                ``{"$key": 1}`` stand for things.
            things: A buffer or a key each.

        Returns:
            What is wrong (a name) and the result or a message; None if settleSubtle is
            going to be called with that.

        """
        arguments = json.loads(text, object_hook=_with_things(things))
        # A module's top level must come to its end at once, and nobody waits for it.
        if not self._script.has_started or not is_long(operation, arguments):
            return self._described(_outcome(operation, arguments))
        size_bytes = sum(
            len(one) for one in arguments.values() if isinstance(one, bytes)
        )
        if self._pending and (
            len(self._pending) >= PENDING_MAXIMUM
            or self._pending_bytes + size_bytes > PENDING_MAXIMUM_BYTES
        ):
            return [
                "OperationError",
                f"{len(self._pending)} operations of crypto.subtle are under way, which is "
                "too many",
            ]
        self._start(
            PendingOperation(operation, size_bytes, self._end), number, arguments
        )
        return None

    def _start(
        self, pending: PendingOperation, number: int, arguments: Arguments
    ) -> None:
        self._pending[pending] = number
        self._pending_bytes += pending.size_bytes
        user = self._script.user
        pending.work = self._threads.start(
            lambda: _outcome(pending.name, arguments),
            lambda outcome: user.loop.post(self._settle, pending, outcome),
        )
        user.operations.began(pending)

    def _end(self, pending: PendingOperation) -> None:
        self._script.user.loop.post(
            self._settle,
            pending,
            WebCryptoError(
                "OperationError", "the iteration ended before the operation"
            ),
        )

    def _settle(self, pending: PendingOperation, outcome: Any) -> None:
        number = self._pending.pop(pending, None)
        if number is None:
            return
        self._pending_bytes -= pending.size_bytes
        try:
            self._script.internal.get("settleSubtle")(number, self._described(outcome))
        finally:
            self._script.user.operations.ended(pending)

    def _described(self, outcome: Any) -> list[Any]:
        if isinstance(outcome, WebCryptoError):
            return [outcome.name, outcome.message]
        if isinstance(outcome, dict):
            return [None, json.dumps(outcome)]
        if isinstance(outcome, Key):
            return [None, self._key(outcome)]
        if isinstance(outcome, tuple):
            return [None, [self._key(key) for key in outcome]]
        return [None, outcome]

    def _key(self, key: Key) -> list[Any]:
        described = {
            "type": key.kind,
            "extractable": key.is_extractable,
            "algorithm": key.algorithm,
            "usages": key.usages,
        }
        return [json.dumps(described), self._script.context.embed(key)]


def _with_things(things: Any) -> Callable[[dict[str, Any]], Any]:
    def put(value: dict[str, Any]) -> Any:
        if "$bytes" in value:
            return things.get(value["$bytes"]).to_bytes()
        if "$key" in value:
            return things.get(value["$key"])
        return value

    return put


def _outcome(operation: str, arguments: Arguments) -> Any:
    try:
        return perform(operation, arguments)
    except WebCryptoError as error:
        return error
    except Exception as error:
        # Of the library, for a reason that is not foreseen: the script is told.
        return WebCryptoError("OperationError", f"{type(error).__name__}: {error}")
