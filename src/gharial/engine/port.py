"""
The port to a JavaScript engine.

A context is one global object; contexts of one group share a heap, its garbage collector
and its memory limit. All of a group belongs to the thread that made it.

Plain values cross as they are: ``null`` is None, booleans, numbers, strings, and bytes
become an ArrayBuffer. Objects come out as :class:`Handle`.
"""

from collections.abc import Callable
from enum import Enum
from typing import TYPE_CHECKING, Any, Protocol

from gharial.errors import GharialError

if TYPE_CHECKING:
    from gharial.websocket.messages import MessageReceiver
    from gharial.websocket.wire.sender import Sender


class ErrorKind(Enum):
    """What an exception of the engine stands for."""

    THROWN = "thrown by the script, or by the engine for its sake"
    INTERRUPTED = "the engine was told to stop"
    OUT_OF_MEMORY = "the heap is full"
    PERHAPS_OUT_OF_MEMORY = "thrown by the script, or the heap has no room for an error"
    LOADER_FAILED = "the module loader raised"


class EngineError(GharialError):
    """
    JavaScript threw.

    Attributes:
        message: The thrown value as text: ``TypeError: not a function``.
        stack: Its stack, one frame a line; empty for values that are not errors.
        kind: What it stands for.

    """

    def __init__(self, message: str, stack: str, kind: ErrorKind) -> None:
        super().__init__(message, stack)
        self.message = message
        self.stack = stack
        self.kind = kind

    def __str__(self) -> str:
        return f"{self.message}\n{self.stack.rstrip()}" if self.stack else self.message


Bytecode = Any
"""A compiled script or module, as an engine keeps it; the text where it keeps none."""


class Handle(Protocol):
    """An object or a function that lives in a context; calling it calls it there."""

    def __call__(self, *arguments: Any) -> Any:
        """Call the function; what it throws is raised in the engine's own class."""
        ...

    def get(self, key: str | int) -> Any:
        """Return a property."""
        ...

    def set(self, key: str | int, value: Any) -> None:
        """Set a property."""
        ...

    def to_python(self) -> Any:
        """Return a deep copy as lists, dicts and plain values."""
        ...

    def to_bytes(self) -> bytes:
        """Return a copy of what an ArrayBuffer or a typed array shows."""
        ...


class JsMessages(Protocol):
    """How messages pass between the sockets of one context and their script."""

    def receiver(self, socket: Handle) -> "MessageReceiver":
        """Return what hands messages to the listeners of a socket, given its array."""
        ...

    def send_function(self, sender: "Sender") -> Any:
        """
        Return a function for scripts that sends a string and, where it can, an ArrayBuffer.

        It returns whether it did; it does nothing with what is neither.
        """
        ...


class JsContext(Protocol):
    """
    One global object.

    Attributes:
        on_rejected: Called by :meth:`run_jobs` while promises are rejected and nobody
            handles them.
        on_over_limit: Called by it with the limit of memory that a task has exceeded.

    """

    on_rejected: Callable[[], None]
    on_over_limit: Callable[[int], None]

    def run_bytecode(self, bytecode: Bytecode) -> Any:
        """Run a compiled script; return its completion value."""
        ...

    def run_module(self, source: str, filename: str) -> None:
        """Run a module, with those that it imports; none may wait at its top level."""
        ...

    def run_script(self, source: str, filename: str) -> Any:
        """Run a script; return its completion value."""
        ...

    def new_object(self) -> Handle:
        """Return an empty object."""
        ...

    def embed(self, thing: object) -> Any:
        """Return an object that scripts can hold but not look into; it crosses back."""
        ...

    def taking_texts(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """Return a function for scripts to call whose strings are all of them `str`."""
        ...

    def event_getters(self) -> Any:
        """
        Return what makes getters for the events of messages; None if nothing is needed.

        It is a function for the runtime, which takes a function that reads an attribute of
        any other event, and a number: 0 for the data, 1 for the timestamp, 2 for the array
        that the runtime keeps of other events.
        """
        ...

    def messages(self, internal: Handle) -> JsMessages:
        """Return how messages pass, once the runtime has filled ``internal``."""
        ...

    def as_text(self, value: Any) -> str | None:
        """Return a string, however the engine keeps it; None for any other value."""
        ...

    def to_python(self, value: Any) -> Any:
        """Return a list or an object of the engine as Python's own, all through."""
        ...

    def set_module_loader(self, loader: Callable[[str], Bytecode]) -> None:
        """
        Use ``loader`` to get a module by its normalised name: its source, or compiled.

        What it raises reaches the script as a ReferenceError that holds the message.
        """
        ...

    def run_pending_jobs(self) -> None:
        """Run all promise jobs that are pending in the group."""
        ...

    def run_jobs(self) -> None:
        """Run all promise jobs that are pending in the group, then call `on_rejected`."""
        ...

    def over_limit_bytes(self) -> int:
        """
        Return which limit of memory is exceeded while script code runs; 0 for none.

        Its own, or what all contexts of its group may take together.
        """
        ...

    def take_rejections(self) -> list[tuple[Any, Any]]:
        """Return reason and promise of those that were rejected without a handler."""
        ...

    def close(self) -> None:
        """Free the context; its handles must be gone or not be used any more."""
        ...


class JsGroup(Protocol):
    """Contexts that share a heap."""

    def new_context(self) -> JsContext:
        """Return a fresh context."""
        ...

    def set_interrupt_handler(self, should_stop: Callable[[], bool]) -> None:
        """Ask ``should_stop`` every so often while script code runs."""
        ...

    def memory_bytes(self) -> int:
        """Return what the heap takes now."""
        ...

    def was_full(self) -> bool:
        """Return whether the heap was full since this was last asked, or seems to be."""
        ...

    def collect(self) -> None:
        """Free what nothing refers to any more."""
        ...


class JsEngine(Protocol):
    """An engine."""

    def compile(self, source: str, filename: str) -> Bytecode:
        """
        Return the bytecode of a script, without its text and its lines.

        Raises:
            EngineError: On a syntax error.

        """
        ...

    def compile_script(self, source: str, filename: str) -> Bytecode:
        """Return the bytecode of a script; raises EngineError on a syntax error."""
        ...

    def compile_module(self, source: str, filename: str) -> Bytecode:
        """Return what a module loader may return; errors are met where it is loaded."""
        ...

    def adapted(self, source: str) -> str:
        """Return a module that means the same, written so that the engine gets it right."""
        ...

    def check_script(self, source: str, filename: str) -> bool:
        """Return whether the source is a script, not a module (nor broken)."""
        ...

    def new_group(self, *, memory_limit_bytes: int) -> JsGroup:
        """Return a group with a heap of its own, in which each context may take this."""
        ...

    def translate(self, error: BaseException) -> EngineError | None:
        """Return the engine's own exception as ours; None if it is not one."""
        ...

    def kind_of(self, message: str) -> ErrorKind:
        """Return what an exception of this message stands for."""
        ...

    def missing_export(self, message: str) -> tuple[str, str] | None:
        """Return the name that a module should export and does not, and the module."""
        ...

    def frames_of(self, stack: str) -> list[str]:
        """Return the frames of a stack that are in files, innermost first."""
        ...
