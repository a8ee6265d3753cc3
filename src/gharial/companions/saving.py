"""Saves a run second by second."""

import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from gharial.companions.record import (
    identity_of,
    output_companion,
    timeline_for,
    whole_document,
)
from gharial.lifecycle.access import Companion, RunAccess
from gharial.metrics.batch import Batch
from gharial.outputs.base import OutputError, RunEnd, RunFacts
from gharial.report.record_schema import RecordError
from gharial.report.record_writer import RecordWriter


def saving_companion(path_for: Callable[[RunAccess], Path]) -> Companion:
    """
    Return what writes a record of a run, second by second, in a thread of its own.

    If the process is killed, the record has all until then and says so. If the run does
    not begin, there is no record.

    Args:
        path_for: Returns the file.

    """

    @asynccontextmanager
    async def save(access: RunAccess) -> AsyncIterator[None]:
        saver = _Saver(access, path_for(access))
        try:
            async with output_companion("--save", lambda _: saver)(access):
                yield
        finally:
            saver.leave()
        if saver.is_finished:
            said = f"the run is saved in {saver.path}; its id is {access.run_id}"
            access.log(logging.INFO, said, {"source": "save"})

    return save


class _Saver:
    """Hears a run as an output does, and writes it down."""

    wants_samples = False

    def __init__(self, access: RunAccess, path: Path) -> None:
        self.path = path
        self.is_finished = False
        self._access = access
        self._timeline = timeline_for(access)
        self._writer: RecordWriter | None = None
        self._has_seconds = False

    def start(self, run: RunFacts) -> None:
        self._identity = identity_of(self._access, run)
        contains = {metric.name: metric.contains for metric in run.metrics}
        try:
            self._writer = RecordWriter(self.path, self._identity, contains)
        except RecordError as error:
            raise OutputError(str(error)) from error

    def write(self, batch: Batch) -> None:
        assert self._writer is not None, "it was started"
        # Even if this one cannot be written.
        self._has_seconds = True
        self._writer.add(self._timeline.add(batch))

    def stop(self, end: RunEnd) -> None:
        assert self._writer is not None, "it was started"
        self._writer.finish(
            whole_document(self._access, self._identity, end, self._timeline)
        )
        self.is_finished = True

    def leave(self) -> None:
        """Let go of the file, of which nothing is left if there was no run."""
        if self._writer is None or self.is_finished:
            return
        if self._has_seconds:
            self._writer.close()
        else:
            self._writer.discard()
