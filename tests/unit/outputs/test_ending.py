from gharial.outputs.ending import (
    all_checks,
    all_judged,
    group_of,
    sentence_of,
    troubles,
)


def test_thresholds_are_told_with_their_values(end_of):
    end = end_of(99, spent=["p(95)<2", "max<=3"])
    bad, good = all_judged(end.report)
    assert bad.sentence == "spent: 'p(95)<2' does not hold: p(95) is 2.9ms"
    assert good.sentence == "spent: 'max<=3' holds: max is 3ms"


def test_checks_are_told_with_their_groups(end_of):
    end = end_of(checks={"::is open": (1, 1), "::room::say::is echoed": (1, 0, 0)})
    told = {group_of(check): sentence_of(check) for check in all_checks(end.report)}
    assert told == {
        "": "is open: failed 0 of 2 times (100.00% held)",
        "room::say": "is echoed: failed 2 of 3 times (33.33% held)",
    }


def test_thresholds_are_no_trouble(end_of):
    assert troubles(end_of(0)) == ()
    assert troubles(end_of(99, ["a threshold"])) == ()
    assert troubles(end_of(105, ["stopped"])) == ("stopped",)
    assert troubles(end_of(107)) == ("the run ended with exit code 107",)
