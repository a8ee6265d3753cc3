from hypothesis import given
from hypothesis import strategies as st

from gharial.executors.segment import Deal, Segment

workers = st.integers(1, 12)
totals = st.integers(0, 500)


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
    deal = Deal(period, 0, count)
    assert deal.nth(own) < deal.nth(own + 1)
