from gharial.metrics.batch import Batch


def test_a_batch_may_hold_nothing() -> None:
    batch = Batch(1.5, 2.0, 1_000.0)
    assert batch.seconds == 0.5
    assert len(batch.delta) == 0
    assert batch.samples.count == 0
