from dataclasses import replace

from selectolax.lexbor import LexborHTMLParser
from tests.unit.report.record_samples import document, points

from gharial.report.comparison import Comparison, compare
from gharial.report.comparison_cells import as_json, cells, conclusion
from gharial.report.comparison_html import comparison_page
from gharial.report.document import RunDocument
from gharial.report.fail_on import judge, parse_condition

BEFORE = document(points(30))
AFTER = document(points(30, seed=2, slower=1.5), run_id="after")


def comparison() -> Comparison:
    return compare(BEFORE, AFTER)


def test_the_page_has_each_number_and_what_it_means() -> None:
    page = LexborHTMLParser(comparison_page(comparison()))
    rows = page.css("table:not(.facts) tbody tr")
    assert len(rows) == len(comparison().changes)
    for row, change in zip(rows, comparison().changes, strict=True):
        assert [cell.text() for cell in row.css("th, td")] == list(cells(change))
    assert page.css_matches("td.verdict.worse")
    assert "5 worse" in page.body.text()


def test_the_page_needs_nothing_else() -> None:
    text = comparison_page(comparison())
    page = LexborHTMLParser(text)
    assert not page.css("script, link, img, iframe")
    for outside in ("http:", "https:", "url(", "@import"):
        assert outside not in text


def test_the_page_can_be_read_by_everybody() -> None:
    text = comparison_page(comparison())
    page = LexborHTMLParser(text)
    assert page.css_first("html").attributes["lang"] == "en"
    assert page.css_first("title").text()
    assert len(page.css("h1")) == 1
    assert len(page.css("main")) == 1
    for table in page.css("table"):
        assert all(
            head.attributes.get("scope") for head in table.css("th") if head.text()
        )
        region = table.parent
        assert region.attributes["aria-label"]
        assert region.attributes["tabindex"] == "0"
    assert "prefers-color-scheme: dark" in text


def test_what_others_wrote_is_shown_and_never_run() -> None:
    evil = "<script>alert(1)</script>"

    def with_evil(whole: RunDocument, run_id: str) -> RunDocument:
        identity = replace(whole.identity, script=evil, run_id=run_id)
        metrics = (replace(whole.metrics[0], name=evil), *whole.metrics[1:])
        return replace(whole, identity=identity, metrics=metrics, warnings=(evil,))

    found = compare(with_evil(BEFORE, evil), with_evil(AFTER, evil))
    text = comparison_page(found)
    assert "<script" not in text
    assert LexborHTMLParser(text).body.text().count(evil) > 3


def test_conditions_are_told_with_their_outcome() -> None:
    judged = [
        judge(parse_condition(text), BEFORE, AFTER)
        for text in ("ws_req_duration:avg>+5%", "ws_errors:count>+0")
    ]
    page = LexborHTMLParser(comparison_page(comparison(), judged))
    fails, passes = page.css_first("ul").css("li")
    assert fails.text().startswith("fails: ws_req_duration:avg>+5%: ws_req_duration")
    assert passes.text().startswith("passes: ws_errors:count>+0: ")


def test_cells_are_in_the_units_of_their_metrics() -> None:
    shown = {(row[0], row[1]): row for row in map(cells, comparison().changes)}
    assert shown["checks", "share"][2].endswith("%")
    assert shown["ws_req_duration", "p(95)"][2].endswith("ms")
    assert shown["ws_msgs_sent", "a second"][2].endswith("/s")
    assert shown["ws_msgs_sent", "total"][5] == ""
    assert shown["vus", "avg"][2:5] == ("5", "5", "0.0%")
    assert shown["ws_req_duration", "avg"][6] == "worse"


def test_the_conclusion_counts_all() -> None:
    found = comparison()
    assert conclusion(found).startswith("5 worse, 0 better, 0 changed, ")


def test_as_json_it_is_plain_data() -> None:
    content = as_json(comparison())
    assert content["second"]["id"] == "after"
    mean = next(
        each
        for each in content["changes"]
        if (each["metric"], each["statistic"]) == ("ws_req_duration", "avg")
    )
    assert mean["verdict"] == "worse"
    assert mean["interval"][0] < mean["relative"] < mean["interval"][1]
    assert {each["verdict"] for each in content["changes"]} == {"worse", "unclear"}


def test_a_run_without_an_end_has_no_exit_code() -> None:
    found = compare(BEFORE, replace(AFTER, is_finished=False))
    content = as_json(found)
    assert (content["first"]["exitCode"], content["second"]["exitCode"]) == (99, None)
    page = LexborHTMLParser(comparison_page(found))
    rows = [
        [cell.text() for cell in row.css("th, td")] for row in page.css(".facts tr")
    ]
    assert ["Exit code", "99", "unfinished"] in rows
