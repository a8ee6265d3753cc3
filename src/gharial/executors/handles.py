"""Virtual users that are added and removed while a scenario runs."""

import asyncio

from gharial.executors.base import ScenarioRun, User
from gharial.virtual_user.iteration import IterationOutcome


class _Handle:
    """One place for a virtual user, which iterates while it is wanted."""

    __slots__ = ("is_wanted", "leave", "task", "user")

    def __init__(self) -> None:
        self.is_wanted = False
        self.task: asyncio.Task[None] | None = None
        self.user: User | None = None
        self.leave: asyncio.TimerHandle | None = None


class Handles:
    """
    The places of a scenario whose number of virtual users changes.

    One that is removed ends its iteration within a time, after which it is interrupted;
    one that is wanted again before simply goes on.

    Source:
        k6 v2.2, ``lib/executor/vu_handle.go``.

    """

    def __init__(
        self,
        run: ScenarioRun,
        group: asyncio.TaskGroup,
        *,
        graceful_ramp_down_s: float,
    ) -> None:
        """Let virtual users work in a group, which ends after the scenario has."""
        self._run = run
        self._group = group
        self._graceful_ramp_down_s = graceful_ramp_down_s
        self._handles: list[_Handle] = []
        self._wanted = 0

    @property
    def wanted(self) -> int:
        """How many virtual users there are to be."""
        return self._wanted

    def set(self, count: int) -> None:
        """Want ``count`` virtual users from now on; the last ones go first."""
        while len(self._handles) < count:
            self._handles.append(_Handle())
        for handle in self._handles[self._wanted : count]:
            self._add(handle)
        for handle in reversed(self._handles[count : self._wanted]):
            self._remove(handle)
        self._wanted = count

    def _add(self, handle: _Handle) -> None:
        handle.is_wanted = True
        if handle.leave is not None:
            handle.leave.cancel()
            handle.leave = None
        if handle.task is None:
            handle.task = self._group.create_task(self._work(handle))

    def _remove(self, handle: _Handle) -> None:
        handle.is_wanted = False
        if handle.task is not None:
            handle.leave = asyncio.get_running_loop().call_later(
                self._graceful_ramp_down_s, self._interrupt, handle
            )

    def _interrupt(self, handle: _Handle) -> None:
        handle.leave = None
        if handle.user is not None and not handle.is_wanted:
            handle.user.interrupt()

    async def _work(self, handle: _Handle) -> None:
        run = self._run
        [user] = await run.take(1)
        handle.user = user
        try:
            while handle.is_wanted and await run.may_begin():
                outcome = await run.iterate(user)
                if outcome is IterationOutcome.INTERRUPTED and run.has_ended:
                    break
        finally:
            run.give_back(user)
            handle.user = None
            handle.task = None
            if handle.leave is not None:
                handle.leave.cancel()
                handle.leave = None
