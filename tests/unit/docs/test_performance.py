from benchmarks import results
from benchmarks.page import CAUSES, PAGE, cause, page


def test_the_page_about_performance_is_made_from_the_newest_results() -> None:
    newest = results.newest()
    assert newest is not None
    assert PAGE.read_text("utf-8") == page(*results.load(newest))


def test_every_budget_that_is_missed_has_a_cause() -> None:
    newest = results.newest()
    assert newest is not None
    _, lines = results.load(newest)
    assert [
        one.title for one in lines if one.is_missed and cause(one) == "Not known."
    ] == []
    assert len(CAUSES) == len(set(CAUSES))
