"""
How the hot path tells one task of a script from the next.

Compiled where that could be done (``task_count.pxd`` says how it looks in C); in plain
Python it does the same. It stands apart from ``messages.py``, which in C needs the frame
engine: virtual users without sockets need no frames.
"""


class TaskCount:
    """
    Tells one task of a script from the next.

    Attributes:
        is_busy: Whether a task runs, or is suspended, at this moment. Where none does, code
            that runs belongs to a turn of the event loop.
        tasks_run: Grows with each task.

    """

    __slots__ = ("is_busy", "tasks_run")

    def __init__(self) -> None:
        self.is_busy = False
        self.tasks_run = 0
