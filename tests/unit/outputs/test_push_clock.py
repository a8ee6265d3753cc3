import pytest

from gharial.outputs.push_clock import PushClock


@pytest.mark.parametrize(
    ("interval_s", "pushes_at_s"),
    [
        (0.1, [0.999, 2.001, 2.999, 4.0, 5.002, 6.001]),
        # Not every other batch, although one may end a millisecond early.
        (1.0, [0.999, 2.001, 2.999, 4.0, 5.002, 6.001]),
        (2.0, [2.001, 4.0, 6.001]),
        (3.0, [2.999, 6.001]),
        (60.0, []),
    ],
)
def test_a_push_is_due_at_the_batch_nearest_to_the_end_of_an_interval(
    interval_s: float, pushes_at_s: list[float]
) -> None:
    clock = PushClock(interval_s)
    ends_s = [0.999, 2.001, 2.999, 4.0, 5.002, 6.001]
    assert [end_s for end_s in ends_s if clock.is_due(end_s)] == pushes_at_s
