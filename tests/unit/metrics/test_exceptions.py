import pytest

from gharial.metrics.exceptions import (
    GROUPS_MAXIMUM,
    KINDS_MAXIMUM,
    MESSAGES_MAXIMUM,
    OTHER_EXCEPTIONS,
    OTHER_KIND,
    OTHER_MESSAGES,
    TEXT_MAXIMUM,
    Exceptions,
    ThrownGroup,
    kind_of,
    place_of,
)


@pytest.mark.parametrize(
    ("message", "kind"),
    [
        ("TypeError: x is undefined", "TypeError"),
        ("Uncaught (in promise) RangeError: no", "RangeError"),
        ("KeyError", "KeyError"),
        ("KeyError\nmore", "KeyError"),
        ("just a text", OTHER_KIND),
        ("user17: refused", OTHER_KIND),
        ("", OTHER_KIND),
    ],
)
def test_the_kind_is_the_class_of_what_was_thrown(message: str, kind: str) -> None:
    assert kind_of(message) == kind


@pytest.mark.parametrize(
    ("stack", "place"),
    [
        ("    at default (/s/x.js:5:3)\n    at y (/s/x.js:9:1)", "/s/x.js:5"),
        ("    at /s/x.js:5:3", "/s/x.js:5"),
        ("    at /s/a (b)/x.js:5:3", "/s/a (b)/x.js:5"),
        ("    at check (k6:3:1)\n    at f (/s/x.js:7:2)", "/s/x.js:7"),
        ("    at Trend (k6/metrics:15:46)", "k6/metrics:15"),
        ("    at <anonymous> (C:\\s\\x.js:5:3)", "C:\\s\\x.js:5"),
        ("    at f.g (/s/a (b)/x.py:5:3)\n        raise X", "/s/a (b)/x.py:5"),
        ("    at default (/s/x.py:5)", "/s/x.py:5"),
        ("       3 | new Trend();\n", ""),
        ("", ""),
    ],
)
def test_the_place_is_the_innermost_line_of_the_script(stack: str, place: str) -> None:
    assert place_of(stack) == place


def test_what_is_alike_is_counted_with_its_first_time() -> None:
    found = Exceptions()
    for at_s in (5.0, 3.0, 7.0):
        found.add("Error: a\n  more", "    at f (x.js:1:1)", at_s)
    found.add("Error: a", "    at f (x.js:2:1)", 4.0)
    assert found.groups == (
        ThrownGroup("Error: a", "x.js:1", 3, 3.0, 7.0, "", "    at f (x.js:1:1)"),
        ThrownGroup("Error: a", "x.js:2", 1, 4.0, 4.0, "", "    at f (x.js:2:1)"),
    )


def test_groups_of_several_workers_add_up() -> None:
    total, worker = Exceptions(), Exceptions()
    for at_s in (1.0, 2.0):
        worker.add("Error: a", "", at_s)
        total.merge(worker.take())
    assert worker.take() == ()
    assert total.groups == (ThrownGroup("Error: a", "", 2, 1.0, 2.0),)


def test_texts_that_are_never_the_same_take_bounded_space() -> None:
    found = Exceptions()
    for number in range(1000):
        found.add(f"Error: user {number} " + "x" * 1000, "    at f (x.js:1:1)", 1.0)
    assert len(found.groups) == MESSAGES_MAXIMUM + 1
    assert found.groups[0] == ThrownGroup(
        *(OTHER_MESSAGES, "x.js:1", 1000 - MESSAGES_MAXIMUM, 1.0, 1.0),
        stack="    at f (x.js:1:1)",
    )
    assert max(len(group.message) for group in found.groups) == TEXT_MAXIMUM
    for number in range(1000):
        found.add("Error: no", f"    at f (y{number}.js:1:1)", 1.0)
    assert len(found.groups) == GROUPS_MAXIMUM + 1
    assert sum(group.count for group in found.groups) == 2000
    assert found.groups[0].message == OTHER_MESSAGES
    assert (found.groups[1].message, found.groups[1].place) == (OTHER_EXCEPTIONS, "")


def test_there_are_not_many_kinds() -> None:
    found = Exceptions()
    kinds = {found.add(f"Error{number}: no", "", 1.0) for number in range(1000)}
    assert len(kinds) == KINDS_MAXIMUM + 1
    assert found.add("Error1: no", "", 1.0) == "Error1"


def test_after_they_are_taken_there_is_room_for_as_many_messages_again() -> None:
    exceptions = Exceptions()
    for round_number in range(2):
        for number in range(MESSAGES_MAXIMUM):
            exceptions.add(f"Error: {round_number} {number}", "at f (s.js:1:1)", 0.0)
        taken = exceptions.take()
        assert len(taken) == MESSAGES_MAXIMUM
        assert OTHER_MESSAGES not in {group.message for group in taken}
