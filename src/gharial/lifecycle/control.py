"""Controls a run from outside its plan: stops, pauses or scales it."""

import asyncio
from typing import Protocol

from gharial.errors import ExitCode


class SteeredLoad(Protocol):
    """How the running load can be controlled."""

    def pause(self) -> None:
        """Let no iteration begin."""
        ...

    def resume(self) -> None:
        """Go on."""
        ...

    def scale(self, vus: int) -> None:
        """Ask for another number of virtual users."""
        ...


class Control:
    """
    The first reason to stop wins.

    Attributes:
        stopped: Set once the run has to end.
        exit_code: The code of the first reason; OK before.
        problems: What the user has to be told, in order.
        is_paused: Whether no iteration may begin now.

    """

    def __init__(self, *, is_paused: bool = False) -> None:
        self.stopped = asyncio.Event()
        self.exit_code = ExitCode.OK
        self.problems: list[str] = []
        self.is_paused = is_paused
        self._load: SteeredLoad | None = None
        self._changed = asyncio.Event()

    def stop(self, exit_code: ExitCode, problem: str) -> None:
        """End the run in order; without effect once it is ending."""
        if not self.stopped.is_set():
            self.fail(exit_code, problem)
            self.stopped.set()
            self._changed.set()

    def fail(self, exit_code: ExitCode, problem: str) -> None:
        """Let the run go on but end with this code, unless it has one."""
        if self.exit_code is ExitCode.OK:
            self.exit_code = exit_code
        if problem not in self.problems:
            self.problems.append(problem)

    def abort(self, message: str) -> None:
        """End the run because its script asked for it."""
        reason = f"test aborted: {message}" if message else "test aborted"
        self.stop(ExitCode.SCRIPT_ABORTED, reason)

    def mark_failed(self, message: str) -> None:
        """Let the run end as failed because its script asked for it."""
        reason = f"test marked as failed: {message}" if message else ""
        self.fail(ExitCode.MARKED_FAILED, reason or "test marked as failed")

    def steers(self, load: SteeredLoad) -> None:
        """Pause, resume and scale this load from now on."""
        self._load = load
        if self.is_paused:
            load.pause()

    def pause(self) -> None:
        """Let no iteration begin from now on; those that run go on."""
        if not self.is_paused:
            self.is_paused = True
            if self._load is not None:
                self._load.pause()

    def resume(self) -> None:
        """Go on after `pause`."""
        if self.is_paused:
            self.is_paused = False
            self._changed.set()
            if self._load is not None:
                self._load.resume()

    def scale(self, vus: int) -> None:
        """Ask for another number of virtual users."""
        if self._load is not None:
            self._load.scale(vus)

    async def going_on(self) -> None:
        """Return once the run is not paused, or has to end."""
        while self.is_paused and not self.stopped.is_set():
            self._changed.clear()
            await self._changed.wait()
