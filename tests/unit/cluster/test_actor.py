from gharial.cluster.actor import batches
from gharial.lifecycle.load import LoadStatus
from gharial.workers.messages import Alive, Logged, Progress, Ready
from gharial.workers.outgoing import Outgoing

PROGRESS = Progress(LoadStatus(), None)
LINE = Logged(20, "x", {})
READY = Ready(LoadStatus())


def batches_of(*messages):
    outgoing = Outgoing()
    for message in messages:
        outgoing.put(message)
    outgoing.close()
    return list(batches(outgoing))


def test_what_can_wait_goes_along_with_what_cannot():
    assert batches_of(PROGRESS, LINE, READY, PROGRESS) == [
        [PROGRESS, LINE, READY],
        [PROGRESS],
    ]


def test_nothing_is_sent_of_nothing():
    assert batches_of() == []


def test_a_worker_without_anything_to_say_says_that_it_is_there(monkeypatch):
    monkeypatch.setattr("gharial.cluster.actor.HEARTBEAT_S", 0.01)
    assert next(batches(Outgoing())) == [Alive()]


def test_what_can_wait_is_sent_after_a_while(monkeypatch):
    monkeypatch.setattr("gharial.cluster.actor.BATCH_S", 0.01)
    outgoing = Outgoing()
    outgoing.put(PROGRESS)
    assert next(batches(outgoing)) == [PROGRESS]
