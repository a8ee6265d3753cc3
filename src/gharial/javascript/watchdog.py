"""Stops script code in the engine: told to end, running too long, or taking too much."""

import time
from collections.abc import Sequence

from gharial.javascript.script_state import ScriptState

# The top level may take longer than a callback: it prepares data.
START_LIMIT_S = 60.0


class Watchdog:
    """
    Stops script code that was told to end, that runs too long without a pause, or that has
    filled its heap.

    The engine asks it every ten thousand steps or so. It costs nothing on the hot
    path: how many tasks the VUs of the group have run tells whether it is still the
    same one.
    """

    __slots__ = ("_members", "_since_s", "_tasks_run")

    def __init__(self, members: Sequence[ScriptState]) -> None:
        """Watch those that share a heap, as many as they are at each moment."""
        self._members = members
        self._tasks_run = -1
        self._since_s = 0.0

    def should_stop(self) -> bool:
        """Return whether the engine is to stop what runs now."""
        tasks_run = 0
        running: ScriptState | None = None
        for member in self._members:
            loop = member.user.loop
            tasks_run += loop.tasks_run
            if loop.is_busy:
                running = member
        if running is None:
            return False
        if running.is_interrupted:
            return True
        if running.user.services.run.is_stopping:
            running.is_interrupted = True
            return True
        exceeded_bytes = running.context.over_limit_bytes()
        if exceeded_bytes:
            running.exceeded_bytes = exceeded_bytes
            return True
        # The processor's time: neither a busy machine nor a process that was stopped is
        # the script's fault.
        now_s = time.thread_time()
        if tasks_run != self._tasks_run:
            self._tasks_run = tasks_run
            self._since_s = now_s
            return False
        limit_s = running.user.services.settings.callback_timeout_s
        if not running.has_started:
            limit_s = max(limit_s, START_LIMIT_S)
        if now_s - self._since_s > limit_s:
            running.ran_too_long = True
            self._tasks_run = -1
            # Once the task has ended, in case that nothing tells of it before.
            running.user.services.event_loop.call_soon(running.tell_of_limit)
            return True
        return False
