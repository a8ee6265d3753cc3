import pytest


def test_the_clock_starts_with_the_global_object(realm) -> None:
    realm.now_ms += 12.5
    assert realm.value("performance.now()") == 12.5
    assert realm.value("performance.timeOrigin") == 1_700_000_000_000
    assert realm.value("new Event('x').timeStamp") == 12.5


def test_marks_and_measures(realm) -> None:
    realm.run("performance.mark('start', { detail: 7 })")
    realm.now_ms += 40
    realm.run("performance.mark('end')")
    realm.now_ms += 2
    assert realm.value("performance.measure('m', 'start', 'end').toJSON()") == {
        "name": "m",
        "entryType": "measure",
        "startTime": 0,
        "duration": 40,
        "detail": None,
    }
    assert realm.value("performance.measure('n', 'end').duration") == 2
    assert realm.value("performance.measure('o').duration") == 42
    options = "{ start: 5, duration: 6 }"
    assert realm.value(f"performance.measure('p', {options}).startTime") == 5
    assert realm.value("performance.getEntriesByName('start')[0].detail") == 7
    assert realm.value("performance.getEntriesByType('mark').length") == 2
    realm.run("performance.clearMarks('end'); performance.clearMeasures()")
    assert realm.value("performance.getEntries().map((e) => e.name)") == ["start"]


@pytest.mark.parametrize(
    ("action", "error"),
    [
        ("performance.mark()", "TypeError"),
        ("performance.mark('x', { startTime: -1 })", "TypeError"),
        ("performance.measure('x', 'unknown')", "SyntaxError 12"),
        ("performance.measure('x', {}, 'end')", "TypeError"),
        ("new performance.constructor()", "TypeError"),
        ("new (performance.mark('x').constructor)()", "TypeError"),
    ],
)
def test_what_is_refused(realm, action, error) -> None:
    assert realm.value(f"thrown(() => {action})") == error
