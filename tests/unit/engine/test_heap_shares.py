from gharial.engine.heap_shares import HeapShares


def test_what_a_heap_grows_by_is_of_the_one_that_ran() -> None:
    shares = HeapShares()
    shares.begin(100)
    shares.ran(1, 150)
    shares.ran(2, 160)
    shares.ran(1, 155)
    assert shares.certain_bytes(1) == 45
    assert shares.certain_bytes(2) == 10
    assert shares.certain_bytes(3) == 0


def test_what_is_collected_may_be_anybodys() -> None:
    shares = HeapShares()
    shares.begin(100)
    shares.ran(1, 150)
    shares.ran(2, 250)
    shares.collected(220)
    assert shares.certain_bytes(1) == 20
    assert shares.certain_bytes(2) == 70


def test_nobody_is_credited_with_what_one_that_left_took() -> None:
    shares = HeapShares()
    shares.begin(100)
    shares.ran(1, 150)
    shares.ran(2, 250)
    shares.left(1, 160)
    shares.ran(2, 170)
    assert shares.certain_bytes(1) == 0
    assert shares.certain_bytes(2) == 110


def test_counting_begins_anew() -> None:
    shares = HeapShares()
    shares.begin(100)
    shares.ran(1, 150)
    shares.collected(120)
    shares.begin(120)
    assert shares.certain_bytes(1) == 0
