"""When the process is forked that the workers of a run are forked from."""

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

from gharial.scripting.languages import Language
from gharial.workers.cores import usable_cores

if TYPE_CHECKING:
    from gharial.workers.fork_server import ForkServer
    from gharial.workers.messages import ReadableHost


class Forks:
    """
    Starts the fork server of a run, if the run has one.

    Code in Python shares the modules of this process: what it left in them (threads,
    connections, the state of random numbers) must not be in every worker, so the fork
    server has to be there before it runs. Code in JavaScript leaves nothing; the fork
    server waits until it is known that there are several workers.
    """

    def __init__(
        self, stack: ExitStack, cores: Callable[[], int] = usable_cores
    ) -> None:
        """Take what ends the fork server, and what counts the cores that are ours."""
        self._stack = stack
        self._cores = cores
        self._server: ForkServer | None = None
        self._is_settled = False

    def before_reading(self, host: "ReadableHost", flags: Mapping[str, Any]) -> None:
        """Start it if code in Python is about to run, and there may be several workers."""
        if host.language == Language.PYTHON:
            # As the user wrote it: nothing was looked at yet.
            if str(flags.get("workers") or self._cores()) != "1":
                self.server()
            self._is_settled = True

    def server(self) -> "ForkServer | None":
        """
        Return the fork server, started now if it was not.

        Call it before there is an event loop, or a thread of somebody else's.

        Returns:
            None where workers have to be started in interpreters of their own.

        """
        if not self._is_settled:
            self._is_settled = True
            from gharial.workers.fork_server import ForkServer

            self._server = ForkServer.start(_load_work)
            if self._server is not None:
                self._stack.callback(self._server.close)
        return self._server


def _load_work() -> Callable[[int], object]:
    from gharial.lifecycle.event_loop import load_event_loop
    from gharial.workers.local_processes import work_forked

    load_event_loop()
    return work_forked
