"""Checks, groups and failing, in a script."""

import inspect
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Any, TypeVar, overload

from gharial.errors import GharialError
from gharial.python.current import acting_user

if TYPE_CHECKING:
    from gharial.virtual_user.virtual_user import VirtualUser

Value = TypeVar("Value")
Result = TypeVar("Result")
TagValue = str | int | float | bool


class FailError(GharialError):
    """
    The script gave up its iteration with :func:`fail`.

    Attributes:
        message: The script's reason.

    """

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message

    def __str__(self) -> str:
        return self.message


class AsyncNotAllowedError(GharialError, TypeError):
    """
    An ``async`` function was given where its result is needed at once.

    Attributes:
        what: What it was given to.

    """

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what

    def __str__(self) -> str:
        return f"{self.what} cannot wait for an async function"


def check(
    value: Value,
    checks: Mapping[str, Callable[[Value], object] | object],
    tags: Mapping[str, TagValue] | None = None,
) -> bool:
    """
    Record for each named check whether it holds.

    Each is counted in the metric ``checks``. A check that does not hold does not fail
    the iteration; a threshold on ``checks`` can fail the test.

    Example::

        check(answer, {
            "is a greeting": lambda text: text.startswith("hello"),
            "came in time": waited_s < 2,
        })

    Args:
        value: Handed to those checks that are functions.
        checks: Names, and either functions of the value or something that is true or
            false. A name must not contain ``::``.
        tags: Set on what is measured here, in addition.

    Returns:
        Whether all of them hold.

    Raises:
        Exception: What a check raised. It counts as failed, and those after it are not
            looked at.

    """
    user = acting_user("check()")
    extra_tags = tag_texts(tags) if tags else None
    user_tags = user.tags
    record = user.checks.record
    all_passed = True
    for name, condition in checks.items():
        try:
            passed = bool(_outcome(condition, value))
        except BaseException:
            record(name, user_tags, passed=False, extra_tags=extra_tags)
            raise
        record(name, user_tags, passed=passed, extra_tags=extra_tags)
        all_passed = all_passed and passed
    return all_passed


def _outcome(condition: Any, value: object) -> object:
    if not callable(condition):
        return condition
    outcome = condition(value)
    if inspect.isawaitable(outcome):
        _discard(outcome)
        raise AsyncNotAllowedError("check()")
    return outcome


def fail(message: str = "") -> None:
    """
    End the current iteration as failed, with a reason that is logged.

    Raises:
        FailError: Always. That is how it works, so do not catch it.

    """
    raise FailError(message)


class Group:
    """A group as a context manager; see :func:`group`."""

    __slots__ = ("_name", "_outer", "_started_at_s", "_user")

    def __init__(self, name: str) -> None:
        self._name = name
        self._outer = ""
        self._started_at_s = 0.0
        self._user: VirtualUser | None = None

    def __enter__(self) -> None:
        user = acting_user("group()")
        self._outer = user.groups.enter(self._name)
        self._started_at_s = user.now_s
        self._user = user

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._user is not None:
            self._user.measure_group(self._outer, self._started_at_s)
            self._user = None


@overload
def group(name: str) -> Group: ...


@overload
def group(name: str, function: Callable[[], Result]) -> Result: ...


def group(name: str, function: Callable[[], Any] | None = None) -> Any:
    """
    Tag all measurements inside with the group's name.

    What is measured inside carries the tag ``group``, ``::outer::inner`` where groups
    are nested, and the time inside goes to the metric ``group_duration``. Sockets keep
    the group that they were made in; callbacks that run later are in no group.

    Example::

        with group("log in"):
            check(log_in(), {"is known": lambda user: user is not None})

    Args:
        name: The group's name; it must not contain ``::``.
        function: If given, it is called inside the group at once.

    Returns:
        A context manager, or what the function returned.

    """
    block = Group(name)
    if function is None:
        return block
    with block:
        result = function()
        if inspect.isawaitable(result):
            _discard(result)
            raise AsyncNotAllowedError("group()")
    return result


def tag_texts(tags: Mapping[str, TagValue]) -> dict[str, str]:
    """Return tags as strings; ``True`` is written as in JavaScript."""
    return {
        str(name): str(value).lower() if isinstance(value, bool) else str(value)
        for name, value in tags.items()
    }


def _discard(outcome: object) -> None:
    # Or else Python warns that it was never awaited.
    if inspect.iscoroutine(outcome):
        outcome.close()
