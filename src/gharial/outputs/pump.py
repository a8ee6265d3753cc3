"""One output in its own thread, which never makes the run wait."""

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Final

from gharial.metrics.batch import Batch
from gharial.metrics.samples import NO_SAMPLES
from gharial.metrics.snapshot import Snapshot
from gharial.outputs.base import Output, OutputError, RunEnd, RunFacts
from gharial.process.thread_names import OUTPUT_THREADS

BATCHES_MAXIMUM: Final = 20
"""Batches that wait for a slow output; more are added up to one."""

SAMPLES_MAXIMUM: Final = 2_000_000
"""Samples that wait for a slow output, 32 MB; more are counted and left out."""

STOP_LIMIT_S: Final = 10.0
"""How long an output may take for what is left at the end."""

TEXTS_MAXIMUM: Final = 5
"""At most this many different failures are reported one by one."""

Warn = Callable[[str], None]


class OutputPump:
    """
    Feeds an output.

    Attributes:
        name: What the user calls it.

    """

    def __init__(self, name: str, output: Output, warn: Warn) -> None:
        """
        Take an output.

        Args:
            name: What the user calls it.
            output: The output.
            warn: Tells the user of something; called in the output's thread.

        """
        self.name = name
        self._output = output
        self._warn = warn
        self._changed = threading.Condition()
        self._waiting: deque[Batch] = deque()
        self._samples_waiting = 0
        self._end: RunEnd | None = None
        self._is_abandoned = False
        self._dropped = 0
        self._failed = 0
        self._texts: set[str] = set()
        self._thread = threading.Thread(
            target=self._feed, name=f"{OUTPUT_THREADS}{name}", daemon=True
        )

    def start(self, run: RunFacts) -> None:
        """
        Get the output ready, and its thread; waits for it.

        Raises:
            OutputError: If it cannot start.

        """
        try:
            self._output.start(run)
        except OutputError:
            raise
        except Exception as error:
            raise OutputError(f"--out {self.name}: {_told(error)}") from error
        self._thread.start()

    def offer(self, batch: Batch) -> None:
        """Hand over a batch; returns at once."""
        with self._changed:
            count = batch.samples.count
            if count and self._samples_waiting + count > SAMPLES_MAXIMUM:
                self._dropped += count
                batch = replace(batch, samples=NO_SAMPLES)
            elif count:
                self._samples_waiting += count
            self._dropped += batch.samples.dropped
            if len(self._waiting) >= BATCHES_MAXIMUM:
                batch = joined(self._waiting.pop(), batch)
            self._waiting.append(batch)
            self._changed.notify()

    def end(self, end: RunEnd) -> None:
        """Tell the output that nothing more comes; returns at once."""
        with self._changed:
            self._end = end
            self._changed.notify()

    def close(self, limit_s: float = STOP_LIMIT_S) -> None:
        """Wait for the output to be done, no longer than the limit."""
        if not self._thread.is_alive():
            return
        with self._changed:
            if self._end is None:
                # The run did not come to an end, or not even to a beginning.
                self._is_abandoned = True
                self._changed.notify()
        self._thread.join(limit_s)
        if self._thread.is_alive():
            with self._changed:
                self._is_abandoned = True
                left = len(self._waiting)
            self._warn(
                f"output {self.name} did not end within {limit_s:g} s; {left} batches "
                "were left"
            )

    def _feed(self) -> None:
        while True:
            with self._changed:
                while not (self._waiting or self._end or self._is_abandoned):
                    self._changed.wait()
                if self._is_abandoned:
                    return
                batch = self._waiting.popleft() if self._waiting else None
                if batch is not None:
                    self._samples_waiting -= batch.samples.count
                end = self._end
            if batch is not None:
                self._try(partial(self._output.write, batch))
            elif end is not None:
                self._try(partial(self._output.stop, end))
                self._sum_up()
                return

    def _try(self, act: Callable[[], None]) -> None:
        try:
            act()
        except Exception as error:
            self._failed += 1
            text = _told(error)
            if text not in self._texts and len(self._texts) < TEXTS_MAXIMUM:
                self._texts.add(text)
                self._warn(f"output {self.name}: {text}; the run goes on")

    def _sum_up(self) -> None:
        if self._dropped:
            self._warn(
                f"output {self.name}: {self._dropped:,} samples were dropped, because it "
                "was too slow for them"
            )
        if self._failed > 1:
            self._warn(f"output {self.name} failed {self._failed:,} times")


def joined(batch: Batch, later: Batch) -> Batch:
    """Return one batch that holds both; neither is changed."""
    delta = Snapshot()
    delta.merge(batch.delta)
    delta.merge(later.delta)
    return Batch(
        batch.begin_s,
        later.end_s,
        later.end_epoch_s,
        delta,
        batch.samples.plus(later.samples),
    )


def _told(error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror:
        where = f" {error.filename!r}" if error.filename else ""
        return f"{error.strerror}{where}"
    return str(error) or type(error).__name__
