"""The port between one virtual user and its script, and the errors of scripts."""

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from gharial.errors import ExitCode, GharialError


class ScriptError(GharialError):
    """
    The user's script threw, or could not be read.

    Attributes:
        message: The error as its own language shows it: ``TypeError: x is undefined``.
        stack: The script's own stack, one frame a line, innermost first; may be empty.

    """

    exit_code = ExitCode.SCRIPT_EXCEPTION

    def __init__(self, message: str, stack: str = "") -> None:
        super().__init__(message, stack)
        self.message = message
        self.stack = stack

    def __str__(self) -> str:
        return f"{self.message}\n{self.stack.rstrip()}" if self.stack else self.message


class ScriptInterruptedError(GharialError):
    """The script was told to stop: the time of its iteration or of the run is over."""

    def __str__(self) -> str:
        return "the iteration was interrupted"


class ScriptLimitError(ScriptError):
    """
    The script exceeded a limit, and its virtual user gets a fresh instance of it.

    Attributes:
        message: Which limit, and what to do.
        stack: Where, as far as that is known.

    """


class TestAbortedError(GharialError):
    """
    The script asked for the whole test to end (``exec.test.abort()``).

    Attributes:
        message: The script's reason.

    """

    exit_code = ExitCode.SCRIPT_ABORTED
    __test__ = False

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message

    def __str__(self) -> str:
        return f"test aborted: {self.message}" if self.message else "test aborted"


class ScriptInstance(Protocol):
    """
    One virtual user's instance of the script, with its own globals.

    All of it runs on the event loop's thread, inside tasks of the VU's loop, so that
    each method may suspend the VU.
    """

    def start(self) -> None:
        """
        Run the module's top level (``__VU`` is set; ``__ITER`` is not yet).

        Raises:
            ScriptError: If it throws. A promise that it awaits holds the VU's loop.

        """
        ...

    def call(
        self,
        export: str,
        arguments: tuple[Any, ...],
        on_result: Callable[[Any], None] | None = None,
        on_settled: Callable[[], None] | None = None,
    ) -> None:
        """
        Call an exported function; what it leaves behind runs in the VU's loop.

        Args:
            export: The function's name.
            arguments: Plain data; each VU gets a copy of its own.
            on_result: Called with what the function, or the promise that it returned,
                gives, as plain data; not called if that is nothing.
            on_settled: Called, as part of a task, once the function has returned and the
                promise that it returned is settled; not called if this raises.

        A rejected promise that it returned is reported to the VU as a failure.

        Raises:
            ScriptError: If it throws at once.
            ScriptInterruptedError: If the VU was interrupted meanwhile.

        """
        ...

    @property
    def checkpoint(self) -> Callable[[], None] | None:
        """
        What runs all jobs of the language's own queue (promises) after a task.

        It raises ScriptError if a promise was rejected and nobody handles it by now.
        None where the language has no such queue.
        """
        ...

    def begin_iteration(self, iteration: int, environment: Mapping[str, str]) -> None:
        """Set ``__ITER`` and the scenario's ``__ENV`` for what runs next."""
        ...

    def finish_start(self) -> None:
        """
        Check that the top level came to its end, once the VU's loop is empty.

        Raises:
            ScriptError: If it still waits for a promise that nothing will settle.

        """
        ...

    def translate(self, error: BaseException) -> BaseException:
        """
        Return an error that a task raised as a ``GharialError``.

        An error of the script's own becomes a ``ScriptError`` with the script's frames;
        one that this instance does not know is returned as it is.
        """
        ...

    def place_of(self, callback: Any) -> str:
        """Return the name of a function of the script's, and where; empty if unknown."""
        ...

    def interrupt(self) -> None:
        """Make script code that runs or is resumed now end as soon as possible."""
        ...

    def recover(self) -> None:
        """Let script code run again, after an interruption."""
        ...

    def close(self) -> None:
        """Free all that belongs to this instance."""
        ...
