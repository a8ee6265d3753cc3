import queue

import pytest

from gharial.lifecycle.load import LoadStatus
from gharial.metrics import builtin
from gharial.metrics.registry import Registry
from gharial.metrics.samples import SampleBudget
from gharial.metrics.tags import EMPTY
from gharial.workers.messages import Logged, Measured, Progress
from gharial.workers.outgoing import BATCHES_MAXIMUM, LOG_LINES_MAXIMUM, Outgoing


def taken(outgoing):
    outgoing.close()
    return list(iter(lambda: outgoing.take(1.0), None))


def test_messages_are_taken_in_order():
    outgoing = Outgoing()
    first, second = Logged(20, "a", {}), Logged(20, "b", {})
    outgoing.put(first)
    outgoing.put(second)
    assert taken(outgoing) == [first, second]
    with pytest.raises(queue.Empty):
        outgoing.take(0.0)


def test_log_lines_beyond_the_bound_are_counted():
    outgoing = Outgoing()
    for _ in range(LOG_LINES_MAXIMUM + 6):
        outgoing.put(Logged(20, "x", {}))
    while outgoing._queue.qsize() > 10:
        outgoing.take(0.0)
    outgoing.put(Logged(20, "last", {}))
    texts = [message.text for message in taken(outgoing)]
    assert texts[-2:] == [
        "5 log lines of a worker were lost: too many at once",
        "last",
    ]


def test_samples_are_left_out_and_counted_when_nobody_takes_them():
    registry = Registry(samples=SampleBudget())
    registry.series(builtin.ITERATIONS, EMPTY).add(1)
    measured = Measured(registry.drain(), None, registry.collect_samples())
    outgoing = Outgoing()
    for _ in range(BATCHES_MAXIMUM + 2):
        outgoing.put(Progress(LoadStatus(), measured))
    messages = taken(outgoing)
    assert messages[0].measured.samples.count == 1
    assert messages[-1].measured.samples.count == 0
    assert messages[-1].measured.samples.dropped == 1
