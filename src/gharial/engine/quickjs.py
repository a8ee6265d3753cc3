"""
QuickJS behind the engine port, through its binding (see ``quickjs_binding``).

What the binding lacks is called through ctypes, always with ``PyDLL``: the engine may
call the host back or free its objects, for which the interpreter's lock has to be held.
"""

import ctypes
import logging
from collections.abc import Callable
from contextlib import suppress
from functools import cached_property
from typing import TYPE_CHECKING, Any

from gharial.engine.exported_patterns import with_exports_named
from gharial.engine.port import (
    Bytecode,
    EngineError,
    ErrorKind,
    Handle,
    JsContext,
    JsGroup,
    JsMessages,
)
from gharial.engine.quickjs_binding import binding as quickjs
from gharial.engine.quickjs_errors import frames_of, kind_of, missing_export
from gharial.engine.quickjs_heap import QuickJsHeap
from gharial.engine.quickjs_layout import (
    TAG_JOINED,
    HeapSize,
    counter_offset,
    pointer_in,
)
from gharial.engine.quickjs_rejections import (
    GroupRejections,
    RejectionHook,
)
from gharial.process.native_calls import Polled

if TYPE_CHECKING:
    from gharial.websocket.messages import MessageReceiver
    from gharial.websocket.wire.sender import Sender


def _library() -> ctypes.PyDLL:
    """Return the engine's exported functions; calls keep the interpreter's lock."""
    return ctypes.PyDLL(quickjs.__file__)


def _rejection_hook() -> RejectionHook | None:
    """Return the hook; None where the engine's functions cannot be reached."""
    if ctypes.sizeof(ctypes.c_void_p) != 8:
        return None
    with suppress(OSError, AttributeError):
        return RejectionHook(_library())
    return None


_Value: Any = quickjs.Value
# The binding, if it is the one that has what we add; None for the package's.
_ours: Any = quickjs if hasattr(quickjs, "new_bytecode") else None


def _whole(value: Any) -> Any:
    if isinstance(value, list):
        return [_whole(each) for each in value]
    if isinstance(value, dict):
        return {key: _whole(each) for key, each in value.items()}
    if type(value) is _Value and value.tag == TAG_JOINED:
        return str(value)
    return value


# What a compiler leaves out of the bytecode: the source text of every function, or that
# and file names and lines.
_STRIP_NOTHING = 0
_STRIP_SOURCE = 1
_STRIP_DEBUG = 2


def _strip_function() -> Callable[[object, int], None]:
    """Return what tells an engine's runtime what to leave out when it compiles."""
    if ctypes.sizeof(ctypes.c_void_p) == 8:
        with suppress(OSError, AttributeError):
            strip = _library().JS_SetStripInfo
            strip.restype = None
            strip.argtypes = (ctypes.c_void_p, ctypes.c_int)
            return lambda runtime, level: strip(pointer_in(runtime), level)
    return lambda runtime, level: None


def _compiled(context: quickjs.Context) -> Any:
    """Return what passes messages without a detour; None where it cannot be used."""
    if ctypes.sizeof(ctypes.c_void_p) != 8:
        return None
    from gharial.engine.compiled_messages import IN_C

    with suppress(OSError):
        if IN_C is not None and IN_C.find_functions(_library(), context):
            return IN_C
    return None


class _BoundMessages:
    """Messages through the binding."""

    __slots__ = ("_dispatch",)

    def __init__(self, dispatch: Any) -> None:
        self._dispatch = dispatch

    def receiver(self, socket: Handle) -> "MessageReceiver":
        """Return what hands messages to the listeners of a socket."""
        # Ports on the hot path load the frame engine, which few runs need.
        from gharial.engine.called_receiver import CalledReceiver

        return CalledReceiver(self._dispatch, socket)

    def send_function(self, sender: "Sender") -> Any:
        """Return a function for scripts that sends what it can; see the port."""

        def send(data: Any) -> bool:
            if type(data) is not str:
                if type(data) is not _Value or data.tag != TAG_JOINED:
                    return False
                data = str(data)
            sender.send_text(data)
            return True

        return send


class _CompiledMessages:
    """Messages through ``quickjs_messages``."""

    __slots__ = ("_embed", "_messages")

    def __init__(self, messages: Any, embed: Callable[[object], Any]) -> None:
        self._messages = messages
        self._embed = embed

    def receiver(self, socket: Handle) -> "MessageReceiver":
        """Return what hands messages to the listeners of a socket."""
        made: MessageReceiver = self._messages.receiver(socket)
        return made

    def send_function(self, sender: "Sender") -> Any:
        """Return a function for scripts that sends what it can; see the port."""
        return self._messages.send_function(sender, self._embed(sender)).get(0)


class QuickJsContext:
    """One global object in QuickJS."""

    __slots__ = (
        "_group",
        "_heap",
        "_polled",
        "_rejections",
        "_size",
        "on_over_limit",
        "on_rejected",
        "raw",
    )

    def __init__(self, group: "QuickJsGroup", raw: quickjs.Context) -> None:
        self._group = group
        self.raw = raw
        self.on_rejected: Callable[[], None] = _nothing
        self.on_over_limit: Callable[[int], None] = _ignored
        self._heap = group.heap
        # One number; read so, since it takes half of what ctypes takes.
        self._size = group.heap.size_view
        # Gone before the context is, as nothing else holds it.
        self._polled = (
            Polled(pointer_in(raw) + group.counter_offset)
            if group.counter_offset
            else None
        )
        self._rejections = group.rejections.of(raw)

    def run_bytecode(self, bytecode: Bytecode) -> Any:
        """Run a compiled script; return its completion value."""
        if _ours is not None:
            return _ours.run_bytecode(self.raw, bytecode)
        return self.raw.eval_function(self.raw.read_object(bytecode))

    def run_module(self, source: str, filename: str) -> None:
        """Run a module, with those that it imports."""
        self.raw.eval(source, filename=filename, module=True)

    def run_script(self, source: str, filename: str) -> Any:
        """Run a script; return its completion value."""
        return self.raw.eval(source, filename=filename)

    def new_object(self) -> Handle:
        """Return an empty object."""
        made: Handle = self.raw.new_object()
        return made

    def embed(self, thing: object) -> Any:
        """Return an object that scripts can hold but not look into."""
        return self.raw.new_host_object(thing)

    def taking_texts(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """Return a function for scripts to call whose strings are all of them `str`."""

        def call(*arguments: Any) -> Any:
            for argument in arguments:
                if type(argument) is _Value and argument.tag == TAG_JOINED:
                    return function(*map(_whole, arguments))
            return function(*arguments)

        return call

    def event_getters(self) -> Any:
        """Return what makes getters for the events of messages; None for nothing."""
        compiled = self._group.compiled()
        return None if compiled is None else compiled.event_getters(self.raw).get(0)

    def messages(self, internal: Handle) -> JsMessages:
        """Return how messages pass, once the runtime has filled ``internal``."""
        compiled = self._group.compiled()
        if compiled is None:
            return _BoundMessages(internal.get("dispatch").get("message"))
        return _CompiledMessages(
            compiled.EngineMessages(
                self.raw,
                self._group.runtime,
                internal,
                self._rejections.table,
                quickjs.JSError,
                self._heap,
            ),
            self.embed,
        )

    def as_text(self, value: Any) -> str | None:
        """Return a string, however the engine keeps it; None for any other value."""
        text = _whole(value)
        return text if isinstance(text, str) else None

    def to_python(self, value: Any) -> Any:
        """Return a list or an object of the engine as Python's own, all through."""
        return _whole(value.to_python())

    def set_module_loader(self, loader: Callable[[str], Bytecode]) -> None:
        """Use ``loader`` to get a module by its normalised name."""
        self.raw.set_module_loader(loader)
        if _ours is not None:
            _ours.use_bytecode_of_modules(self._group.runtime)

    def run_pending_jobs(self) -> None:
        """Run all promise jobs that are pending in the group."""
        raw = self.raw
        while raw.has_pending_job:
            raw.execute_pending_job()

    def run_jobs(self) -> None:
        """Run the group's promise jobs, then report rejections and too much memory."""
        raw = self.raw
        while raw.has_pending_job:
            raw.execute_pending_job()
        if self._rejections.table:
            self.on_rejected()
        if self._size[0] > self._heap.looked_at_above_bytes:
            exceeded_bytes = self._heap.over_limit_bytes(pointer_in(raw))
            if exceeded_bytes:
                self.on_over_limit(exceeded_bytes)

    def over_limit_bytes(self) -> int:
        """Return which limit of memory its task has exceeded; 0 for none."""
        return self._heap.over_limit_bytes(pointer_in(self.raw))

    def take_rejections(self) -> list[tuple[Any, Any]]:
        """Return reason and promise of those that were rejected without a handler."""
        return self._rejections.take()

    def close(self) -> None:
        """Free the context; nothing else can be called after it."""
        self._group.rejections.forget(self.raw)
        self.raw.set_module_loader(None)
        if _ours is not None:
            # The binding takes the loader from the whole heap.
            _ours.use_bytecode_of_modules(self._group.runtime)
        # Functions of ours that scripts hold may hold us: a cycle through the engine,
        # where Python's collector cannot see it.
        self.on_rejected = _nothing
        self.on_over_limit = _ignored
        number = pointer_in(self.raw)
        self._polled = None
        heap = self._heap
        del self.raw, self._group, self._rejections, self._heap, self._size
        heap.left(number)


class QuickJsGroup:
    """
    A QuickJS runtime.

    Attributes:
        runtime: The binding's.
        compiled: Returns the module ``quickjs_messages``; None where it cannot be used.
        counter_offset: Where contexts count their steps; 0 if that is not known.
        heap: Its heap.
        rejections: The rejected promises of its contexts.

    """

    def __init__(
        self,
        hook: RejectionHook | None,
        memory_limit_bytes: int,
        heap_size: HeapSize,
        compiled: Callable[[], Any],
        counter_offset: int,
    ) -> None:
        self.runtime = quickjs.Runtime()
        self.compiled = compiled
        self.counter_offset = counter_offset
        self.heap = QuickJsHeap(
            self.runtime, memory_limit_bytes, heap_size.of(self.runtime)
        )
        self._memory_limit_bytes = memory_limit_bytes
        self.rejections = GroupRejections(hook, self.runtime, self.was_full)

    def new_context(self) -> JsContext:
        """Return a fresh context."""
        context = QuickJsContext(self, self.runtime.new_context())
        self.heap.joined(pointer_in(context.raw))
        return context

    def set_interrupt_handler(self, should_stop: Callable[[], bool]) -> None:
        """Ask ``should_stop`` every so often while script code runs."""
        self.runtime.set_interrupt_handler(should_stop)

    def memory_bytes(self) -> int:
        """Return what the heap takes now."""
        if self.heap.size is not None:
            return self.heap.size.value
        told: int = self.runtime.compute_memory_usage()["malloc_size"]
        return told

    def was_full(self) -> bool:
        """Return whether the heap was full since this was last asked, or seems to be."""
        if _ours is not None:
            refused: bool = _ours.has_refused_memory(self.runtime)
            return refused
        return self.memory_bytes() > self._memory_limit_bytes / 2

    def collect(self) -> None:
        """Free what nothing refers to any more."""
        self.heap.collect()


class QuickJs:
    """The engine."""

    def __init__(self) -> None:
        self._hook = _rejection_hook()
        self._heap_size = HeapSize(quickjs.Runtime())
        if self._hook is None:
            logging.getLogger("gharial").debug(
                "rejected promises of async functions that nobody awaits go unnoticed here"
            )
        self._strip = _strip_function()
        self._compiler_runtime = quickjs.Runtime()
        self._compiler = self._compiler_runtime.new_context()
        self._offset = counter_offset(self._compiler_runtime.new_context())

    @cached_property
    def compiled(self) -> Any:
        """The module ``quickjs_messages``; None where it cannot be used."""
        return _compiled(self._compiler)

    def compile(self, source: str, filename: str) -> Bytecode:
        """Return the bytecode of a script of ours, without its text and its lines."""
        # A dynamic import needs its file's name.
        level = _STRIP_SOURCE if "import(" in source else _STRIP_DEBUG
        return self._compiled_script(source, filename, level)

    def compile_script(self, source: str, filename: str) -> Bytecode:
        """Return the bytecode of a script."""
        return self._compiled_script(source, filename, _STRIP_NOTHING)

    def compile_module(self, source: str, filename: str) -> Bytecode:
        """Return what a module loader may return for a module."""
        if _ours is None:
            return source
        bytecode = _ours.compiled_module(source, filename)
        # What is no module is told of where it is loaded.
        return source if bytecode is None else _ours.new_bytecode(bytecode)

    def _compiled_script(self, source: str, filename: str, level: int) -> Bytecode:
        self._strip(self._compiler_runtime, level)
        try:
            compiled = self._compiler.compile(source, filename=filename)
        except quickjs.JSError as error:
            raise _translated(error) from None
        bytecode = compiled.write_object()
        return bytecode if _ours is None else _ours.new_bytecode(bytecode)

    def adapted(self, source: str) -> str:
        """Return a module that means the same, and exports what its patterns declare."""
        return with_exports_named(source)

    def check_script(self, source: str, filename: str) -> bool:
        """Return whether the source is a script, not a module (nor broken)."""
        # In a function, so that a CommonJS file's top-level `return` counts.
        try:
            self._compiler.compile(f"(function(){{{source}\n}})", filename=filename)
        except quickjs.JSError:
            return False
        return True

    def new_group(self, *, memory_limit_bytes: int) -> JsGroup:
        """Return a group with a heap of its own."""
        return QuickJsGroup(
            self._hook,
            memory_limit_bytes,
            self._heap_size,
            lambda: self.compiled,
            self._offset,
        )

    def translate(self, error: BaseException) -> EngineError | None:
        """Return the engine's own exception as ours; None if it is not one."""
        return _translated(error) if isinstance(error, quickjs.JSError) else None

    def kind_of(self, message: str) -> ErrorKind:
        """Return what an exception of this message stands for."""
        return kind_of(message)

    def missing_export(self, message: str) -> tuple[str, str] | None:
        """Return the name that a module should export and does not, and the module."""
        return missing_export(message)

    def frames_of(self, stack: str) -> list[str]:
        """Return the frames of a stack that are in files, innermost first."""
        return frames_of(stack)


def _nothing() -> None:
    return None


def _ignored(value: object) -> None:
    return None


def _translated(error: quickjs.JSError) -> EngineError:
    message = str(error)
    stack: str = getattr(error, "js_stack", None) or ""
    return EngineError(message, stack, kind_of(message))
