import json

from gharial.metrics import builtin
from gharial.metrics.batch import Batch
from gharial.metrics.registry import Registry
from gharial.metrics.tags import TagSet
from gharial.metrics.thresholds.evaluate import judge, parse_threshold
from gharial.report.build import build_report
from gharial.report.document import LoggedLine
from gharial.report.status import Phase, RunPlan, RunStatus
from gharial.views.dashboard.feed import EVENTS_MAXIMUM, Feed, Viewer

PLAN = RunPlan("s.js", "javascript", (), 5, 10.0)
STATUS = RunStatus(Phase.RUNNING, 3.0, 2, 5, 1, 0, 4, 0, 0, 0, ())


def batch(second, *values):
    registry = Registry()
    for metric, value, tags in values:
        registry.series(metric, TagSet.of(tags)).add(value)
    return Batch(second, second + 1, 1e9 + second, registry.drain())


def feed(*thresholds):
    return Feed(
        PLAN,
        tuple(builtin.metrics_by_name().values()),
        [parse_threshold(*one) for one in thresholds],
        version="1.2",
        began_at_epoch_s=5.0,
    )


class Page(Viewer):
    def __init__(self):
        self.woken = 0
        super().__init__(self._woken)

    def _woken(self):
        self.woken += 1

    def heard(self):
        """Return the events by name, the last of each, and the names in order."""
        found, names = {}, []
        for event in self.events:
            first, second = event.decode().rstrip("\n").split("\n")
            name = first.removeprefix("event: ")
            found[name] = json.loads(second.removeprefix("data: "))
            names.append(name)
        return found, names


def test_a_page_is_told_each_second_of_what_was_measured():
    told, page = feed(), Page()
    told.open(page)
    told.heard(
        batch(0, (builtin.WS_MSGS_SENT, 3, {}), (builtin.WS_PING, 4, {})), STATUS, []
    )
    found, names = page.heard()
    assert names == ["run", "log", "point", "status", "totals"]
    assert found["run"]["run"]["script"] == "s.js"
    assert found["run"]["points"] == []
    point = found["point"]["point"]
    assert (point["a"], point["b"], point["c"]) == (0, 1, {"ws_msgs_sent": 3})
    assert point["d"]["ws_ping"] == [1, 4, 4, 4, 4, 4, 4, 4, 4]
    assert point["h"]["ws_ping"] == [[2, 1]]
    assert found["status"]["status"]["phase"] == "running"
    totals = {one["name"]: one for one in found["totals"]["final"]}
    assert totals["ws_msgs_sent"]["total"] == 3
    assert totals["ws_msgs_sent"]["rate"] == 1
    assert page.woken == 5


def test_who_comes_late_hears_of_everything_before():
    told = feed()
    for second in range(3):
        told.heard(batch(second, (builtin.ITERATIONS, 2, {})), STATUS, [])
    told.logged([LoggedLine(1.0, 30, "careful", "console")], {"refused": ["no"]})
    page = Page()
    told.open(page)
    found, names = page.heard()
    assert "point" not in names
    assert [point["c"] for point in found["run"]["points"]] == [{"iterations": 2}] * 3
    assert found["log"] == {
        "lines": [[1.0, 30, "careful", "console"]],
        "examples": {"refused": ["no"]},
    }
    assert found["totals"]["final"][0]["total"] == 6


def test_thresholds_are_told_before_and_after_they_have_values():
    told, page = feed(("ws_ping{url:a}", "avg<3"), ("ws_ping{url:a}", "max<9")), Page()
    told.open(page)
    told.heard(batch(0), STATUS, [])
    (empty,) = page.heard()[0]["totals"]["final"]
    assert (empty["name"], empty["empty"]) == ("ws_ping{url:a}", True)
    assert [one["text"] for one in empty["thresholds"]] == ["avg<3", "max<9"]
    assert "ok" not in empty["thresholds"][0]
    registry = Registry()
    registry.series(builtin.WS_PING, TagSet.of({"url": "a"})).add(4)
    thresholds = [
        parse_threshold("ws_ping{url:a}", "avg<3"),
        parse_threshold("ws_ping{url:a}", "max<9"),
    ]
    verdicts = judge(thresholds, registry, duration_s=1.0, is_final=False)
    told.heard(batch(1, (builtin.WS_PING, 4, {"url": "a"})), STATUS, verdicts)
    shown = {one["name"]: one for one in page.heard()[0]["totals"]["final"]}
    assert [
        (one["value"], one["ok"]) for one in shown["ws_ping{url:a}"]["thresholds"]
    ] == [
        (4, False),
        (4, True),
    ]
    assert shown["ws_ping"]["thresholds"] == []


def test_the_end_is_told_with_the_report_and_kept_for_late_ones():
    told = feed()
    registry = Registry()
    registry.series(builtin.CHECKS, TagSet.of({"check": "ok"})).add(1)
    report = build_report(registry, duration_s=2.0, warnings=["slow"])
    told.ended(report, 99, ["crossed"])
    page = Page()
    told.open(page)
    found, _ = page.heard()
    assert found["end"] == {"exit": 99, "problems": ["crossed"], "warnings": ["slow"]}
    assert found["totals"]["checks"] == [["::ok", 1, 0]]


def test_an_event_is_made_once_for_all_pages():
    told, pages = feed(), [Page() for _ in range(3)]
    for page in pages:
        told.open(page)
        page.events.clear()
    told.told_status(STATUS)
    assert pages[0].events[0] is pages[1].events[0] is pages[2].events[0]
    told.close(pages[0])
    told.told_status(STATUS)
    assert [len(page.events) for page in pages] == [1, 2, 2]
    assert told.viewers == 2


def test_a_page_that_takes_nothing_is_let_go():
    told, page = feed(), Page()
    let_go = []
    page.on_behind = lambda: let_go.append(True)
    told.open(page)
    for _ in range(EVENTS_MAXIMUM + 10):
        told.told_status(STATUS)
    assert page.is_behind
    assert let_go == [True]
    assert not page.events


def test_texts_of_a_script_stay_one_line_of_data():
    told, page = feed(), Page()
    told.open(page)
    told.logged([LoggedLine(1.0, 20, "a\n\nevent: end\ndata: {}", "console")], {})
    found, names = page.heard()
    assert "end" not in names
    assert found["log"]["lines"][0][2] == "a\n\nevent: end\ndata: {}"
