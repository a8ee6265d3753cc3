from heard_facts import HeardFacts

from gharial.lenses.lens import PENDING_MAXIMUM, Exchanges


def test_a_request_that_begins_again_was_not_answered() -> None:
    facts = HeardFacts()
    exchanges = Exchanges(facts)
    exchanges.begin(1, "a", 0.0)
    exchanges.begin(1, "b", 1.0)
    assert exchanges.end(1, 1.5)
    assert not exchanges.end(1, 1.6)
    assert facts.seen == [("failed", "a", None), ("ended", "b", 500)]


def test_more_requests_than_are_kept_give_up_the_oldest() -> None:
    facts = HeardFacts()
    exchanges = Exchanges(facts)
    for number in range(PENDING_MAXIMUM + 1):
        exchanges.begin(number, f"operation {number}", 0.0)
    assert facts.seen == [("failed", "operation 0", None)]
    assert not exchanges.end(0, 1.0)
    assert exchanges.end(1, 1.0)


def test_requests_that_somebody_else_measures_are_recognised_and_not_told_of() -> None:
    facts = HeardFacts()
    exchanges = Exchanges(facts)
    exchanges.is_silent = True
    exchanges.begin(1, "a", 0.0)
    exchanges.begin(2, "b", 0.0)
    exchanges.is_silent = False
    assert exchanges.end(1, 1.0)
    exchanges.give_up_all(1.0)
    assert facts.seen == []


def test_a_request_that_nobody_waits_for_has_not_failed() -> None:
    facts = HeardFacts()
    exchanges = Exchanges(facts)
    exchanges.begin(1, "a", 0.0)
    exchanges.begin(2, "b", 0.0)
    exchanges.forget(1)
    exchanges.give_up_all(2.0)
    exchanges.begin(3, "c", 2.0)
    exchanges.forget_all()
    exchanges.give_up_all(3.0)
    assert facts.seen == [("failed", "b", None)]
