"""Time in a script: ``sleep`` and the timers."""

from collections.abc import Callable
from functools import partial
from typing import Any

from gharial.errors import GharialError
from gharial.python.current import (
    IterationInterrupted,
    check_thread,
    running_instance,
)
from gharial.virtual_user.blocking import BlockingOutsideScriptError
from gharial.virtual_user.script import ScriptInterruptedError


class SleepInAsyncCodeError(GharialError):
    """``sleep()`` was called in a coroutine, which it cannot suspend."""

    def __str__(self) -> str:
        return (
            "sleep() cannot pause an async function; "
            "write 'await asyncio.sleep(seconds)' there"
        )


class NotCallableError(GharialError, TypeError):
    """
    A callback was expected.

    Attributes:
        what: The function that was called.
        given: The type of what it got.

    """

    def __init__(self, what: str, given: str) -> None:
        super().__init__(what, given)
        self.what = what
        self.given = given

    def __str__(self) -> str:
        return f"{self.what}() needs a function to call, not {self.given}"


def sleep(seconds: float) -> None:
    """
    Suspend this virtual user only, for some time.

    Its sockets stay open meanwhile; events and timers wait until the code that sleeps
    has ended. In an ``async`` function, ``await asyncio.sleep(seconds)`` instead, which
    lets the other tasks and callbacks of the virtual user run.

    Args:
        seconds: In seconds, fractions allowed; zero or less returns at once.

    Raises:
        SleepInAsyncCodeError: If it is called in an ``async`` function.

    """
    instance = running_instance("sleep()")
    check_thread("sleep()", instance)
    if seconds <= 0:
        return
    try:
        instance.user.block(seconds)
    except ScriptInterruptedError:
        raise IterationInterrupted from None
    except BlockingOutsideScriptError:
        raise SleepInAsyncCodeError from None


def set_timeout(
    callback: Callable[..., object], delay_ms: float = 0, *arguments: Any
) -> int:
    """
    Call a function once, after a delay. The iteration lasts until then.

    Args:
        callback: What to call; it may be ``async``.
        delay_ms: In milliseconds; below zero or infinite counts as zero.
        arguments: Handed to the callback.

    Returns:
        An id for :func:`clear_timeout`.

    """
    return _set("set_timeout", callback, delay_ms, arguments)


def set_interval(
    callback: Callable[..., object], delay_ms: float = 0, *arguments: Any
) -> int:
    """
    Call a function repeatedly, until :func:`clear_interval`.

    Each delay begins when the call before it has ended. The iteration lasts until the
    interval is cleared.

    Args:
        callback: What to call; it may be ``async``, and is not waited for then.
        delay_ms: In milliseconds; below zero or infinite counts as zero.
        arguments: Handed to the callback each time.

    Returns:
        An id for :func:`clear_interval`.

    """
    return _set("set_interval", callback, delay_ms, arguments)


def clear_timeout(timer_id: int | None) -> None:
    """Stop a timer of either kind; an unknown id is ignored."""
    _clear("clear_timeout()", timer_id)


def clear_interval(timer_id: int | None) -> None:
    """Stop a timer of either kind; an unknown id is ignored."""
    _clear("clear_interval()", timer_id)


def _clear(what: str, timer_id: int | None) -> None:
    instance = running_instance(what)
    check_thread(what, instance)
    instance.user.timers.clear(timer_id)


def _set(
    what: str,
    callback: Callable[..., object],
    delay_ms: float,
    arguments: tuple[Any, ...],
) -> int:
    instance = running_instance(f"{what}()")
    check_thread(f"{what}()", instance)
    if not callable(callback):
        raise NotCallableError(what, type(callback).__name__)
    if not isinstance(delay_ms, (int, float)):
        raise TypeError(f"{what}() needs milliseconds as a number, not {delay_ms!r}")
    return instance.user.timers.set(
        partial(instance.call_back, callback, *arguments),
        delay_ms,
        repeat=what == "set_interval",
    )
