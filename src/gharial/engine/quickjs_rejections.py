"""
Rejected promises of QuickJS that nobody handles.

The binding has no hook for them, and nothing in JavaScript can see those of ``async``
functions that nobody awaits. The engine does have the hook, and the binding's library
exports it (not on Windows, where such rejections stay unseen): it is set through ctypes.

The hook is called in the middle of the engine's work, so it runs no script code: it
keeps the reason, which is looked at when the task is over. What it calls is called
through ``PyDLL``, which keeps the interpreter's lock: the engine may free objects of
the host's then, and with ``CDLL`` it did that without the lock.
"""

import ctypes
from collections.abc import Callable
from typing import Any

from gharial.engine.quickjs_errors import OUT_OF_MEMORY
from gharial.engine.quickjs_layout import (
    TAG_FIRST_COUNTED,
    TAG_NULL,
    TAG_OBJECT,
    JsValue,
    pointer_in,
    value_in,
)

# JS_PROP_C_W_E: an ordinary property.
_ORDINARY = 7
# A task that leaves more is out of control; those beyond it are not kept.
KEPT_MAXIMUM = 1000


_Hook = ctypes.CFUNCTYPE(
    None, ctypes.c_void_p, JsValue, JsValue, ctypes.c_int, ctypes.c_void_p
)


class RejectionHook:
    """
    The few functions of the engine's library that keeping rejections takes.

    Args:
        library: The binding's.

    Raises:
        AttributeError: If it exports one of them not.

    """

    def __init__(self, library: ctypes.PyDLL) -> None:
        self._set_hook = library.JS_SetHostPromiseRejectionTracker
        self._set_hook.restype = None
        self._set_hook.argtypes = (ctypes.c_void_p, _Hook, ctypes.c_void_p)
        # Runs no script code: it looks at no prototype and calls no setter.
        self._define = library.JS_DefinePropertyValueUint32
        self._define.restype = ctypes.c_int
        self._define.argtypes = (
            ctypes.c_void_p,
            JsValue,
            ctypes.c_uint32,
            JsValue,
            ctypes.c_int,
        )

    def attach(self, runtime: object, hook: Any) -> None:
        """Have the engine call ``hook``, which it holds a bare pointer to."""
        self._set_hook(pointer_in(runtime), hook, None)

    def store(self, array: Any, index: int, value: JsValue) -> bool:
        """Store one more reference to a value; return whether there was memory for it."""
        if TAG_FIRST_COUNTED <= value.tag < 0:
            ctypes.c_int.from_address(value.payload).value += 1
        holder = value_in(array)
        context = array.context
        stored: int = self._define(pointer_in(context), holder, index, value, _ORDINARY)
        if stored < 0:
            context.get_exception()
        return stored > 0


# Place in the array and identity of the reason, by promise.
RejectionTable = dict[int, tuple[int, int]]


class ContextRejections:
    """
    The rejected promises of one context.

    Attributes:
        table: Those that nobody handles by now; empty most of the time.

    """

    __slots__ = ("_array", "_free", "_hook", "table")

    def __init__(self, hook: RejectionHook | None, context: Any) -> None:
        self._hook = hook
        self.table: RejectionTable = {}
        # Promise and reason in turn. The promise is held so that no other one takes its
        # place in memory, by which it is known.
        self._array = context.new_array()
        self._free: list[int] = []

    def rejected(
        self, promise: JsValue, reason: JsValue, *, is_memory_short: bool
    ) -> None:
        """Keep a promise that was rejected while nothing handles it."""
        if self._hook is None or len(self.table) >= KEPT_MAXIMUM:
            return
        place = self._free.pop() if self._free else len(self.table)
        array = self._array
        is_stored = self._hook.store(array, 2 * place, promise) and self._hook.store(
            array, 2 * place + 1, reason
        )
        if not is_stored or (reason.tag == TAG_NULL and is_memory_short):
            # Without memory for an error to throw, the engine throws null.
            self._free.append(place)
            place = -1
        self.table[promise.payload] = (place, reason.payload)

    def handled(self, promise: JsValue, reason: JsValue) -> None:
        """Forget a promise that has got a handler."""
        self._forget(promise.payload)
        if reason.tag != TAG_OBJECT:
            return
        # The top level of a module is an async function to the engine. When it throws,
        # the engine drops that function's promise, unhandled, and rejects another one
        # with the same reason.
        same = [key for key, one in self.table.items() if one[1] == reason.payload]
        for other in same:
            self._forget(other)

    def take(self) -> list[tuple[Any, Any]]:
        """Return reason and promise of all that nobody handles, and forget them."""
        if not self.table:
            return []
        array = self._array
        taken = [
            (OUT_OF_MEMORY, None)
            if place < 0
            else (array.get(2 * place + 1), array.get(2 * place))
            for place, _ in self.table.values()
        ]
        self.table.clear()
        self._free.clear()
        array.set("length", 0)
        return taken

    def _forget(self, promise: int) -> None:
        place, _ = self.table.pop(promise, (-1, 0))
        if place >= 0:
            # The values stay until another rejection takes the place, or the task ends.
            self._free.append(place)


class GroupRejections:
    """
    The rejected promises of the contexts that share a heap.

    Args:
        hook: What attaches it; None for nothing.
        runtime: The binding's.
        is_memory_short: Returns whether the heap is near its limit.

    """

    def __init__(
        self,
        hook: RejectionHook | None,
        runtime: Any,
        is_memory_short: Callable[[], bool],
    ) -> None:
        self._hook = hook
        self._is_memory_short = is_memory_short
        self._contexts: dict[int, ContextRejections] = {}
        if hook is not None:
            # Kept as an attribute: the engine holds a bare pointer to it.
            self._called = _Hook(self._track)
            hook.attach(runtime, self._called)

    def of(self, context: Any) -> ContextRejections:
        """Return what will be known of a new context."""
        made = ContextRejections(self._hook, context)
        self._contexts[pointer_in(context)] = made
        return made

    def forget(self, context: Any) -> None:
        """Forget a context that is about to be closed."""
        self._contexts.pop(pointer_in(context), None)

    def _track(
        self,
        context: int,
        promise: JsValue,
        reason: JsValue,
        is_handled: int,
        opaque: int | None,
    ) -> None:
        rejections = self._contexts.get(context)
        if rejections is None:
            return
        if is_handled:
            rejections.handled(promise, reason)
        else:
            is_short = reason.tag == TAG_NULL and self._is_memory_short()
            rejections.rejected(promise, reason, is_memory_short=is_short)
