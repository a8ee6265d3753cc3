import pytest
from hypothesis import given
from hypothesis import strategies as st

from gharial.errors import ConfigurationError
from gharial.executors.segment import MAX_WEIGHT, Deal, Segment, pattern

workers = st.integers(1, 12)
totals = st.integers(0, 500)
weights = st.lists(st.integers(1, 20), min_size=1, max_size=8).map(tuple)


@given(workers, totals)
def test_the_shares_of_all_workers_are_the_whole(count, total):
    shares = [Segment(index, count).share(total) for index in range(count)]
    assert sum(shares) == total
    assert max(shares) - min(shares) <= 1


@given(workers, totals)
def test_each_member_belongs_to_one_worker(count, total):
    members = [
        Segment(index, count).nth(own)
        for index in range(count)
        for own in range(Segment(index, count).share(total))
    ]
    assert sorted(members) == list(range(total))


@given(workers, st.integers(1, 60), totals)
def test_each_member_of_a_dealt_row_belongs_to_one_worker(count, period, total):
    deals = [Segment(index, count).dealt(period) for index in range(count)]
    assert sum(deal.among(total) for deal in deals) == total
    members = [deal.nth(own) for deal in deals for own in range(deal.among(total))]
    assert sorted(members) == list(range(total))


@given(workers, st.integers(1, 60), st.integers(1, 20))
def test_a_row_is_dealt_in_proportion_to_virtual_users(count, vus, each):
    for index in range(count):
        segment = Segment(index, count)
        assert segment.dealt(vus).among(vus * each) == segment.share(vus) * each


@given(workers, st.integers(1, 60), st.integers(0, 300))
def test_a_worker_takes_its_members_in_order(count, period, own):
    deal = Deal(period, Segment(0, count))
    assert deal.nth(own) < deal.nth(own + 1)


def segments(weights):
    count = len(weights)
    return [Segment(index, count, weights) for index in range(count)]


@given(weights, totals)
def test_weighted_shares_are_the_whole_and_never_stray_from_the_ideal(weights, total):
    shares = [segment.share(total) for segment in segments(weights)]
    assert sum(shares) == total
    for share, weight in zip(shares, weights, strict=True):
        # At most one member for each other worker away from the exact proportion.
        assert abs(share - total * weight / sum(weights)) < len(weights)


@given(weights, st.integers(0, 20))
def test_weighted_shares_of_whole_periods_are_exact(weights, periods):
    for segment, weight in zip(segments(weights), weights, strict=True):
        assert segment.share(periods * sum(weights)) == periods * weight


@given(weights, totals)
def test_each_member_belongs_to_one_weighted_worker(weights, total):
    members = [
        segment.nth(own)
        for segment in segments(weights)
        for own in range(segment.share(total))
    ]
    assert sorted(members) == list(range(total))


@given(weights, st.integers(1, 60), totals)
def test_each_member_of_a_row_belongs_to_one_weighted_worker(weights, period, total):
    deals = [segment.dealt(period) for segment in segments(weights)]
    assert sum(deal.among(total) for deal in deals) == total
    members = [deal.nth(own) for deal in deals for own in range(deal.among(total))]
    assert sorted(members) == list(range(total))


@given(workers, totals, st.integers(1, 20))
def test_equal_weights_are_shares_without_weights(count, total, weight):
    for index in range(count):
        plain, weighted = (
            Segment(index, count),
            Segment(index, count, (weight,) * count),
        )
        assert plain.share(total) == weighted.share(total)
        assert [plain.nth(own) for own in range(plain.share(total))] == [
            weighted.nth(own) for own in range(weighted.share(total))
        ]


@pytest.mark.parametrize("weights", [(1,), (1, 0), (1, MAX_WEIGHT + 1), (1, 2, 3)])
def test_weights_that_do_not_fit_are_refused(weights):
    with pytest.raises(ConfigurationError, match="do not fit 2 workers"):
        Segment(0, 2, weights)


def test_a_worker_alone_has_all() -> None:
    assert (Segment().index, Segment().count) == (0, 1)
    assert [Segment().nth(own) for own in range(3)] == [0, 1, 2]


def test_weights_up_to_the_heaviest_are_taken() -> None:
    assert Segment(0, 2, (1, MAX_WEIGHT)).share(MAX_WEIGHT + 1) == 1
    with pytest.raises(ConfigurationError):
        Segment(0, 2, (1, MAX_WEIGHT + 1))


def test_the_members_of_each_worker_lie_in_the_middle_of_its_parts() -> None:
    assert pattern((1, 3)) == ((1,), (0, 2, 3))
    assert pattern((2, 1)) == ((0, 2), (1,))


def test_a_proportion_is_a_share_of_one():
    assert Segment().proportion == 1.0
    assert Segment(0, 4).proportion == 0.25
    assert Segment(1, 2, (1, 3)).proportion == 0.75
