"""A comparison as a page that needs nothing else: no script, no font, no network."""

from collections.abc import Sequence
from datetime import UTC, datetime
from html import escape
from typing import Final

from gharial.report.comparison import Comparison
from gharial.report.comparison_cells import COLUMNS, cells, conclusion
from gharial.report.document import RunIdentity
from gharial.report.fail_on import Judgement
from gharial.report.numbers import format_time
from gharial.report.resampling import CONFIDENCE

_STYLE: Final = """
:root { color-scheme: light dark; --text: #1b1b1b; --page: #fff; --line: #d5d5d5;
  --faint: #595959; --worse: #b00020; --better: #1a6b2a; --changed: #7a4b00; }
@media (prefers-color-scheme: dark) {
  :root { --text: #ececec; --page: #161616; --line: #3d3d3d; --faint: #b0b0b0;
    --worse: #ff8a80; --better: #81d68f; --changed: #f5c26b; }
}
body { margin: 0 auto; max-width: 72rem; padding: 1.5rem; background: var(--page);
  color: var(--text); font: 1rem/1.5 system-ui, sans-serif; }
h1 { font-size: 1.5rem; }
h2 { font-size: 1.15rem; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
caption { text-align: left; color: var(--faint); padding-bottom: .5rem; }
th, td { padding: .3rem .6rem; text-align: right; border-bottom: 1px solid var(--line);
  white-space: nowrap; }
thead th { position: sticky; top: 0; background: var(--page); }
th:first-child, .name, td.verdict, .facts th, .facts td { text-align: left; }
tbody th { font-weight: 600; }
tbody th.again { font-weight: 400; color: var(--faint); }
td.verdict, li.fails { font-weight: 700; }
.worse, .fails { color: var(--worse); }
.better { color: var(--better); }
.changed { color: var(--changed); }
:focus-visible { outline: 3px solid currentColor; outline-offset: 2px; }
"""


def comparison_page(
    comparison: Comparison, judgements: Sequence[Judgement] = ()
) -> str:
    """
    Return a page in HTML.

    Args:
        comparison: What it shows.
        judgements: Conditions, judged.

    """
    before, after = comparison.before, comparison.after
    title = escape(f"{before.run_id} and {after.run_id}")
    parts = [
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{title}: two runs compared</title>",
        f"<style>{_STYLE}</style>\n</head>\n<body>\n<main>",
        f"<h1>Two runs compared</h1>\n<p>{escape(conclusion(comparison))}.</p>",
        *_conditions(judgements),
        "<h2>The runs</h2>",
        _facts(comparison),
        *_list("What else to know", comparison.notes),
        "<h2>Metrics</h2>",
        _table(comparison),
        "</main>\n</body>\n</html>\n",
    ]
    return "\n".join(parts)


def _conditions(judgements: Sequence[Judgement]) -> list[str]:
    if not judgements:
        return []
    lines = []
    for judged in judgements:
        outcome = "fails" if judged.holds else "passes"
        lines.append(
            f'<li class="{outcome}">{outcome}: <code>{escape(judged.condition.text)}'
            f"</code>: {escape(judged.reason)}</li>"
        )
    return ["<h2>Conditions</h2>", "<ul>", *lines, "</ul>"]


def _list(heading: str, texts: Sequence[str]) -> list[str]:
    if not texts:
        return []
    items = [f"<li>{escape(text)}</li>" for text in texts]
    return [f"<h2>{escape(heading)}</h2>", "<ul>", *items, "</ul>"]


def _facts(comparison: Comparison) -> str:
    before, after = comparison.before, comparison.after
    codes = [
        str(identity.exit_code) if is_finished else "unfinished"
        for identity, is_finished in zip(
            (before, after), comparison.are_finished, strict=True
        )
    ]
    durations = [format_time(run.duration_s * 1000) for run in (before, after)]
    rows = [
        ("Run", before.run_id, after.run_id),
        ("Script", before.script, after.script),
        ("Began", _when(before), _when(after)),
        ("Duration", *durations),
        ("Exit code", *codes),
        ("Version", before.version, after.version),
    ]
    body = "\n".join(
        f'<tr><th scope="row">{escape(name)}</th><td>{escape(first)}</td>'
        f"<td>{escape(second)}</td></tr>"
        for name, first, second in rows
    )
    head = (
        '<th scope="col">What</th><th scope="col">First</th><th scope="col">Second</th>'
    )
    return (
        f'<div class="wide" tabindex="0" role="region" aria-label="The runs">'
        f'<table class="facts"><thead><tr>{head}</tr></thead>\n<tbody>\n{body}\n'
        "</tbody></table></div>"
    )


def _when(identity: RunIdentity) -> str:
    at = datetime.fromtimestamp(identity.began_at_epoch_s, UTC)
    return f"{at:%Y-%m-%d %H:%M:%S} UTC"


def _table(comparison: Comparison) -> str:
    names = ["Metric", "Number", *COLUMNS[2:-1], "Verdict"]
    words = {"Number": ' class="name"', "Verdict": ' class="name"'}
    head = "".join(
        f'<th scope="col"{words.get(name, "")}>{escape(name)}</th>' for name in names
    )
    rows, last = [], ""
    for change in comparison.changes:
        metric, statistic, *numbers, verdict = cells(change)
        first = f'<th scope="row">{escape(metric)}</th>'
        if metric == last:
            # A screen reader still needs the name; the eye does not.
            first = f'<th scope="row" class="again">{escape(metric)}</th>'
        last = metric
        middle = "".join(f"<td>{escape(number)}</td>" for number in numbers)
        look = f" {verdict}" if verdict else ""
        rows.append(
            f'<tr>{first}<td class="name">{escape(statistic)}</td>{middle}'
            f'<td class="verdict{look}">{escape(verdict)}</td></tr>'
        )
    body = "\n".join(rows)
    caption = (
        f"The change lies between the bounds with {CONFIDENCE:.0%} confidence, as far as "
        "the runs' own seconds can tell. Where there is no verdict, it may be chance."
    )
    return (
        '<div class="wide" tabindex="0" role="region" aria-label="Metrics"><table>'
        f"<caption>{escape(caption)}</caption>\n<thead><tr>{head}</tr></thead>\n"
        f"<tbody>\n{body}\n</tbody></table></div>"
    )
