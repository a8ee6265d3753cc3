"""
Where QuickJS and its binding keep what neither tells.

The engine that is compiled with Gharial says it. Of the package's, what can be found out is
found out, once a process, by what it does; the rest is as in its headers, on 64-bit
machines.
"""

import ctypes
from typing import Any

from gharial.engine.quickjs_binding import binding
from gharial.engine.shared_numbers import shared_numbers

# sizeof(PyObject): the engine's pointer, or its value, is the first field behind it in the
# binding's Runtime, Context and Value.
_BEHIND_HEADER = object.__basicsize__
_NUMBERS = shared_numbers()
# The engine's tags.
TAG_NULL = _NUMBERS["TAG_NULL"]
TAG_OBJECT = _NUMBERS["TAG_OBJECT"]
TAG_FIRST_COUNTED = _NUMBERS["TAG_FIRST_COUNTED"]
# The binding does not know this one, and does not convert such a string.
TAG_JOINED = _NUMBERS["TAG_JOINED"]
# So many words of a runtime, and numbers of a context, are looked through.
_WORDS_SEARCHED = 12
_COUNTERS_SEARCHED = 160
# Turns of a loop while a counter is looked for.
_STEPS = 100
# JS_INTERRUPT_COUNTER_INIT
_STEPS_BETWEEN = 10_000


# Where a runtime has its heap's size, and a context its counter of steps, if that is told.
_OFFSETS: dict[str, int] = getattr(binding, "offsets", dict)()


class JsValue(ctypes.Structure):
    """The engine's value on 64-bit machines: a union of 8 bytes, and a tag."""

    _fields_ = (("payload", ctypes.c_uint64), ("tag", ctypes.c_int64))


def pointer_in(owner: object) -> int:
    """Return the engine's pointer in an object of the binding."""
    pointer = ctypes.c_void_p.from_address(id(owner) + _BEHIND_HEADER).value
    return pointer or 0


def value_in(owner: object) -> JsValue:
    """Return the engine's value in an object of the binding."""
    return JsValue.from_address(id(owner) + _BEHIND_HEADER)


class HeapSize:
    """
    Reads how large a runtime's heap is without walking through it.

    The engine keeps the sum, but only tells it with a count of all objects, which takes
    milliseconds. Where it keeps it is found out by what it tells, once a process.

    Args:
        probe: A runtime of the binding's that nobody uses.

    """

    def __init__(self, probe: Any) -> None:
        self._offset: int | None = _OFFSETS.get("heap_size")
        if self._offset is not None or ctypes.sizeof(ctypes.c_void_p) != 8:
            return
        # Behind its functions for allocating are the count, the size, and the limit.
        limit = 0x1234_5678
        probe.set_memory_limit(limit)
        told = probe.compute_memory_usage()["malloc_size"]
        words = (ctypes.c_uint64 * _WORDS_SEARCHED).from_address(pointer_in(probe))
        for index in range(1, _WORDS_SEARCHED):
            if words[index] == limit and words[index - 1] == told:
                self._offset = (index - 1) * 8

    def of(self, runtime: Any) -> ctypes.c_uint64 | None:
        """Return where a runtime keeps it, in bytes; None where that is not known."""
        if self._offset is None:
            return None
        return ctypes.c_uint64.from_address(pointer_in(runtime) + self._offset)


def counter_offset(context: Any) -> int:
    """
    Return where a context counts its steps down to the next question of its watchdog.

    It is found out by what changes while a loop runs of so many steps; 0 if nothing does.
    """
    if "step_counter" in _OFFSETS:
        return _OFFSETS["step_counter"]
    if ctypes.sizeof(ctypes.c_void_p) != 8:
        return 0
    loop = context.eval("(function (n) { for (let i = 0; i < n; i++); })")
    words = (ctypes.c_int32 * _COUNTERS_SEARCHED).from_address(pointer_in(context))
    loop(1)
    seen = []
    for _ in range(3):
        seen.append(list(words))
        loop(_STEPS)
    found = [
        index
        for index, (first, second, third) in enumerate(zip(*seen, strict=True))
        if first - second == second - third
        # A turn of the loop is one step or two.
        and _STEPS <= first - second < 3 * _STEPS
        and 0 < third < first <= _STEPS_BETWEEN
    ]
    return found[0] * 4 if len(found) == 1 else 0
