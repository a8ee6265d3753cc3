import json
import re
from collections.abc import Callable

from gharial.metrics import builtin
from gharial.metrics.registry import Registry
from gharial.metrics.tags import TagSet
from gharial.metrics.thresholds.evaluate import judge, parse_thresholds
from gharial.report.build import Happenings, build_report
from gharial.report.json import summary_data, summary_export
from gharial.report.run_report import ExceptionSummary, RunReport
from gharial.report.text import FULL, render

COMPACT_TEXT = """
  █ TOTAL RESULTS

    checks_total.......: 8      4/s
    checks_succeeded...: 75.00% 6 out of 8
    checks_failed......: 25.00% 2 out of 8

    ✓ is open

    ↳ room
      ↳ say
        ✗ echoed
         ↳  50% — ✓ 2 / ✗ 2

    CUSTOM
    checks_to_join.........: avg=2.5ms min=1ms p(50)=2.5ms

    EXECUTION
    iterations.............: 4 2/s
    vus....................: 2 min=2 max=2

    NETWORK
    data_received..........: 0 B    0 B/s
    data_sent..............: 519 kB 260 kB/s

    WEBSOCKET
    ws_close...............: 4 2/s
    ws_errors..............: 4 2/s
      { reason:dns }.......: 3
      { reason:refused }...: 1

"""


def test_the_compact_summary_reads_as_in_k6(
    report_of: Callable[..., RunReport],
) -> None:
    assert render(report_of(), trend_stats=["avg", "min", "p(50)"]) == COMPACT_TEXT


def test_thresholds_come_first(report_of: Callable[..., RunReport]) -> None:
    text = render(report_of(checks=["rate>0.9"], iterations=["count>3", "rate<9"]))
    assert text.index("THRESHOLDS") < text.index("TOTAL RESULTS")
    assert "    checks\n    ✗ 'rate>0.9' rate=75.00%\n" in text
    assert "    iterations\n    ✓ 'count>3' count=4\n    ✓ 'rate<9' rate=2/s\n" in text


def test_a_sub_metric_is_shown_below_its_metric(
    report_of: Callable[..., RunReport],
) -> None:
    alone = render(report_of(ws_dns__=["avg<9"]))
    assert "    ws_dns{ group:::x }\n    - 'avg<9' no values\n" in alone
    both = render(report_of(ws_dns__=["avg<9"], ws_dns=["avg<9"]))
    assert "\n      { group:::x }\n      - 'avg<9' no values\n" in both
    assert re.search(r"\n      \{ group:::x \}\.{3,}: no values", both)


def test_a_kind_that_a_threshold_judges_has_one_row() -> None:
    registry = Registry()
    for reason, count in (("dns", 3), ("refused", 1)):
        tags = TagSet.of({"reason": reason})
        registry.series(builtin.WS_ERRORS, tags).add(count)
    thresholds = parse_thresholds({"ws_errors{reason:dns}": ["count<9"]})
    verdicts = judge(thresholds, registry, duration_s=2, is_final=True)
    text = render(build_report(registry, duration_s=2.0, verdicts=verdicts))
    rows = re.findall(r"\{ (reason:\w+) \}\.+: (\S+) *(\S*)", text)
    assert rows == [("reason:refused", "1", ""), ("reason:dns", "3", "1.5/s")]


def test_the_full_summary_has_details_groups_and_scenarios(
    report_of: Callable[..., RunReport],
) -> None:
    text = render(report_of(), mode=FULL)
    for part in ("ws_dns..", "{ code:1000 }", "█ GROUP: room", "↳ GROUP: say"):
        assert part in text
    assert "█ SCENARIO: chat" in text


def test_colours_are_only_there_when_asked_for(
    report_of: Callable[..., RunReport],
) -> None:
    report = report_of("the generator was busy", checks=["rate>0.9"])
    plain, colored = render(report), render(report, color=True)
    assert "\x1b" not in plain
    assert re.sub(r"\x1b\[\d+m", "", colored) == plain


def test_no_line_of_numbers_is_wider_than_the_terminal(
    report_of: Callable[..., RunReport],
) -> None:
    assert max(map(len, render(report_of(), width=60).splitlines())) <= 60


def test_warnings_stand_at_the_top(report_of: Callable[..., RunReport]) -> None:
    assert render(report_of("look out")).startswith("\n  ! look out\n")


def test_a_count_in_a_trend_is_a_plain_number(
    report_of: Callable[..., RunReport],
) -> None:
    assert "checks_to_join.........: count=4\n" in render(
        report_of(), trend_stats=["count"]
    )


def test_an_empty_run_still_has_a_summary() -> None:
    assert "TOTAL RESULTS" in render(RunReport(duration_s=0))


def test_a_threshold_without_values_has_neither_mark(
    report_of: Callable[..., RunReport],
) -> None:
    shown = render(report_of(ws_ping=["p(95)<200", "p(95)>200"]))
    assert (
        "ws_ping\n    - 'p(95)<200' no values\n    - 'p(95)>200' no values\n" in shown
    )
    assert re.search(r"ws_ping\.+: no values\n", shown)
    assert "0s" not in shown


def test_exceptions_of_iterations_are_shown_in_groups(
    registry: Registry,
) -> None:
    tags = TagSet.of({"scenario": "chat", "kind": "TypeError"})
    registry.series(builtin.ITERATIONS_FAILED, tags).add(3)
    groups = [
        ExceptionSummary("TypeError: x is undefined", "x.js:5", 2, 1.5),
        ExceptionSummary("oops", "", 1, 0.25),
    ]
    report = build_report(registry, duration_s=2.0, happenings=Happenings(groups))
    assert """  █ EXCEPTIONS

    iterations: 4 complete, 3 of them failed

    2 x TypeError: x is undefined
        at x.js:5, first after 1.5s
    1 x oops
        first after 250ms
""" in render(report)
    assert "{ kind:TypeError }" in render(report)
    many = [ExceptionSummary(f"E{number}", "", 1, 0.0) for number in range(12)]
    report = build_report(registry, duration_s=2.0, happenings=Happenings(many))
    assert "and 2 more kinds (--summary-mode full shows all)" in render(report)
    assert "E11" in render(report, mode=FULL)
    assert json.loads(summary_export(report))["exceptions"][0] == {
        "message": "E0",
        "place": "",
        "count": 1,
        "first_s": 0.0,
        "last_s": 0.0,
        "scenario": "",
        "stack": "",
    }
    assert summary_data(report)["exceptions"][1]["message"] == "E1"
