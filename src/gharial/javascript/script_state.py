"""How the script of one virtual user stands: what it may do, and which limit it broke."""

from typing import Any

from gharial.engine.port import ErrorKind, Handle, JsContext, JsEngine
from gharial.javascript.heaps import SharedHeap
from gharial.timing import format_duration
from gharial.virtual_user.script import ScriptLimitError, TestAbortedError
from gharial.virtual_user.virtual_user import VirtualUser


class ScriptState:
    """
    What all parts of an instance, and those who watch it, know of it.

    Attributes:
        engine: The engine.
        user: The virtual user.
        heap: The heap that its objects are in.
        context: The global object.
        internal: The object that our runtime keeps its own things in.
        is_interrupted: Whether script code is to end as soon as possible.
        ran_too_long: Whether the watchdog stopped a task that did not end.
        exceeded_bytes: The limit of memory for which it stopped one, else 0.
        may_block: Whether script code may suspend this VU.
        has_started: Whether the top level came to its end.
        has_broken_limit: Whether it took more memory than it may.
        abort_message: Why the script ended the whole test; None if it did not.

    """

    def __init__(
        self, engine: JsEngine, heap: SharedHeap[Any], user: VirtualUser
    ) -> None:
        self.engine = engine
        self.user = user
        self.heap = heap
        self.context: JsContext = heap.group.new_context()
        self.internal: Handle = self.context.new_object()
        self.is_interrupted = False
        self.ran_too_long = False
        self.exceeded_bytes = 0
        self.may_block = True
        self.has_started = False
        self.has_broken_limit = False
        self.abort_message: str | None = None

    def abort_test(self, message: str) -> None:
        """End the whole test; the engine stops this script at once."""
        self.abort_message = message
        self.is_interrupted = True
        self.user.report(TestAbortedError(message))

    def tell_of_limit(self) -> None:
        """
        Report that script code ran too long, if no error of the engine's said so.

        Where the engine is stopped between two steps of an async function, it drops the
        exception and the function.
        """
        if self.ran_too_long:
            self.ran_too_long = False
            self.user.report(self.too_long())

    def broken_limit(self, message: str, stack: str) -> ScriptLimitError | None:
        """Return the limit that an exception of the engine's stands for, if any."""
        kind = self.engine.kind_of(message)
        if kind is ErrorKind.INTERRUPTED and self.ran_too_long:
            self.ran_too_long = False
            return self.too_long()
        if kind is ErrorKind.INTERRUPTED and self.exceeded_bytes:
            return self.too_large(stack)
        # It may be free again, if what filled it was lost with the exception.
        if kind is ErrorKind.OUT_OF_MEMORY or (
            kind is ErrorKind.PERHAPS_OUT_OF_MEMORY and self.heap.group.was_full()
        ):
            return self.too_large(stack)
        return None

    def too_long(self) -> ScriptLimitError:
        """Return the error of a task that did not end."""
        limit_s = self.user.services.settings.callback_timeout_s
        return ScriptLimitError(
            f"script code ran for more than {format_duration(limit_s)} without a pause and "
            "was stopped; is there an endless loop? (--callback-timeout allows more)"
        )

    def too_large(self, stack: str) -> ScriptLimitError:
        """Return the error of a script that took too much; no other joins its heap."""
        self.has_broken_limit = True
        self.heap.is_full = True
        limit = self.user.services.settings.memory_limit_bytes
        exceeded, self.exceeded_bytes = self.exceeded_bytes, 0
        who = "the script"
        if exceeded > limit:
            # Whose it is cannot be said, but that it is more than all of them may take.
            who = f"{exceeded // limit} virtual users together"
        return ScriptLimitError(
            f"{who} took more than {(exceeded or limit) / 1024 / 1024:g} MiB of memory, "
            "and the script was stopped (--memory-limit allows more)",
            stack,
        )
