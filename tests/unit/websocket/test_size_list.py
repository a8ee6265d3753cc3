from typing import Any

import pytest
from twins import both_builds


@pytest.fixture(params=both_builds("websocket.size_list"))
def sizes(request: pytest.FixtureRequest) -> Any:
    return request.param.SizeList()


def test_sizes_are_taken_once_in_their_order(sizes: Any) -> None:
    for size in range(1_000):
        sizes.add(size)
    sizes(70_000)
    assert sizes.take().tolist() == [*map(float, range(1_000)), 70_000.0]
    assert not sizes.take()


def test_sizes_that_come_after_a_taking_are_of_the_next_one(sizes: Any) -> None:
    sizes.add(1)
    first = sizes.take()
    sizes.add(2)
    assert (first.tolist(), sizes.take().tolist()) == ([1.0], [2.0])
