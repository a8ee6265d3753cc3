"""What ends a run before its time, and with which exit code."""

import asyncio

from gharial.errors import ExitCode


class Control:
    """
    The first reason to stop wins.

    Attributes:
        stopped: Set once the run has to end.
        exit_code: The code of the first reason; OK before.
        problems: What the user has to be told, in order.

    """

    def __init__(self) -> None:
        self.stopped = asyncio.Event()
        self.exit_code = ExitCode.OK
        self.problems: list[str] = []

    def stop(self, exit_code: ExitCode, problem: str) -> None:
        """End the run in order; without effect once it is ending."""
        if not self.stopped.is_set():
            self.fail(exit_code, problem)
            self.stopped.set()

    def fail(self, exit_code: ExitCode, problem: str) -> None:
        """Let the run go on but end with this code, unless it has one."""
        if self.exit_code is ExitCode.OK:
            self.exit_code = exit_code
        if problem not in self.problems:
            self.problems.append(problem)
