"""The messages of a worker until they are sent; bounded, and nobody waits."""

import queue

from gharial.workers.messages import FromWorker, Logged, Progress

# Log lines that may wait for a coordinator that is busy; more are counted and lost.
LOG_LINES_MAXIMUM = 10_000
# With more messages than this on their way, further ones go without their samples.
BATCHES_MAXIMUM = 8
_WARNING = 30


class Outgoing:
    """Messages in order; put from any thread, taken by one."""

    def __init__(self) -> None:
        self._queue: queue.SimpleQueue[FromWorker | None] = queue.SimpleQueue()
        self._lost_lines = 0

    def put(self, message: FromWorker) -> None:
        """Add a message; log lines and samples are lost if too many wait."""
        if isinstance(message, Logged):
            if self._queue.qsize() > LOG_LINES_MAXIMUM:
                self._lost_lines += 1
                return
            if self._lost_lines:
                lost, self._lost_lines = self._lost_lines, 0
                text = f"{lost:,} log lines of a worker were lost: too many at once"
                self._queue.put(Logged(_WARNING, text, {"source": "workers"}))
        elif (
            isinstance(message, Progress)
            and message.measured is not None
            and self._queue.qsize() > BATCHES_MAXIMUM
        ):
            message = Progress(message.status, message.measured.without_samples())
        self._queue.put(message)

    def close(self) -> None:
        """Say that nothing more will come."""
        self._queue.put(None)

    def take(self, timeout_s: float) -> FromWorker | None:
        """
        Return the next message, None after `close`.

        Raises:
            queue.Empty: If there is none within the time.

        """
        return self._queue.get(timeout=timeout_s)
