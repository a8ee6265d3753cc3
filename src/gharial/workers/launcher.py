"""The port to whatever starts workers: processes here, actors of a cluster elsewhere."""

from collections.abc import Callable
from typing import Protocol

from gharial.workers.messages import FromWorker, Job, ToWorker


class Worker(Protocol):
    """
    One worker, as its coordinator sees it.

    Attributes:
        name: Where it is, for people: ``process 4711``.

    """

    name: str

    def send(self, message: ToWorker) -> None:
        """Tell it something; without effect once it is gone. Never waits."""
        ...

    def release(self) -> None:
        """Let it go, after it has finished; never waits, and it cannot stay for long."""
        ...

    async def left(self) -> None:
        """Return once it is gone after `release`, in bounded time."""
        ...

    def kill(self) -> None:
        """End it at once."""
        ...


class Launcher(Protocol):
    """Starts workers."""

    def launch(
        self,
        job: Job,
        *,
        on_message: Callable[[FromWorker], None],
        on_gone: Callable[[str], None],
    ) -> Worker:
        """
        Start a worker on a job; call it on the running event loop.

        Args:
            job: What it has to do.
            on_message: Called on the event loop with each message, in order.
            on_gone: Called on the event loop, once, with how it ended, within 2 seconds
                after it did; nothing is heard from it afterwards.

        """
        ...
