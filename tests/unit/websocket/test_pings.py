import pytest

from gharial.websocket.pings import PINGS_MAXIMUM, Pings


def test_a_pong_is_matched_with_its_ping_once() -> None:
    pings = Pings()
    assert [pings.next_payload(at_s) for at_s in (1.0, 2.0)] == [b"0", b"1"]
    assert pings.answered(b"0") == 1.0
    assert pings.answered(b"0") is None
    assert pings.answered(b"x") is None
    assert pings.answered(b"1") == 2.0
    assert pings.lost == 0


@pytest.mark.parametrize(
    ("pongs", "lost"), [([], 3), ([b"0"], 2), ([b"1"], 1), ([b"2", b"0"], 0)]
)
def test_a_pong_may_answer_the_pings_before_its_own(
    pongs: list[bytes], lost: int
) -> None:
    pings = Pings()
    for _ in range(3):
        pings.next_payload(0.0)
    for pong in pongs:
        pings.answered(pong)
    assert pings.lost == lost


def test_the_oldest_are_forgotten() -> None:
    pings = Pings()
    for number in range(PINGS_MAXIMUM + 1):
        pings.next_payload(float(number))
    assert pings.answered(b"0") is None
    assert pings.answered(b"1") == 1.0
