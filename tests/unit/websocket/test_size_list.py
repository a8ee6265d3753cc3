from gharial.websocket.size_list import SizeList


def test_sizes_are_taken_once_in_their_order() -> None:
    sizes = SizeList()
    for size in range(1_000):
        sizes.append(size)
    sizes(70_000)
    assert sizes.take().tolist() == [*map(float, range(1_000)), 70_000.0]
    assert not sizes.take()


def test_sizes_that_come_after_a_taking_are_of_the_next_one() -> None:
    sizes = SizeList()
    sizes.append(1)
    first = sizes.take()
    sizes.append(2)
    assert (first.tolist(), sizes.take().tolist()) == ([1.0], [2.0])
