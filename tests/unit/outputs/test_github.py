import re
from dataclasses import replace

import pytest

from gharial.outputs import github
from gharial.outputs.base import OutputError
from gharial.outputs.github import annotations, make, summary
from gharial.report.run_report import ExceptionSummary


def test_control_characters_are_shown_in_markdown():
    assert github._text("a\x1b[2J\u202e\nb|") == "a\\\\x1b\\[2J\\\\u202e b\\|"


def test_failures_are_annotated_and_escaped(end_of):
    end = end_of(
        99,
        checks={"::a: b,\r\n 100%": (0, 1), "::fine": (1,)},
        spent=["p(95)<2", "max<5"],
    )
    assert list(annotations(end)) == [
        "::error title=Threshold of spent::spent: 'p(95)<2' does not hold: p(95) is 2.9ms",
        "::warning title=Check::a: b,%0D%0A 100%25: failed 1 of 2 times (50.00%25 held)",
    ]
    assert list(annotations(end_of(105, ["stopped by SIGINT"]))) == [
        "::error title=Load test::stopped by SIGINT"
    ]
    assert list(annotations(end_of())) == []


def test_what_stands_in_a_title_is_escaped_further():
    [line] = github._commands("error", [("m{a:b,c}", "x")])
    assert line == "::error title=m{a%3Ab%2Cc}::x"


def test_no_more_is_annotated_than_is_shown(end_of):
    end = end_of(checks={f"::check {number}": (0,) for number in range(12)})
    lines = list(annotations(end))
    assert len(lines) == 10
    assert lines[-1] == "::warning title=Load test::3 more are in the job's summary"
    end = end_of(checks={f"::check {number}": (0,) for number in range(10)})
    assert "check 9" in list(annotations(end))[-1]


def test_the_summary_tells_it_all(end_of):
    end = end_of(
        99,
        checks={"::room::a|b\n`<x>` @me": (1, 0, 1), "::fine": (1,)},
        spent=["p(95)<2", "max<5"],
        warnings=["the machine was busy"],
    )
    text = summary("talk_1.js", end)
    assert text.startswith("## ❌ Load test talk\\_1.js\n\n")
    assert (
        "1 of 2 thresholds held, 1 of 2 checks always held in 2s; exit code 99." in text
    )
    assert "> ⚠️ the machine was busy\n" in text
    assert "| ❌ | spent | p(95)&lt;2 | p(95) = 2.9ms |" in text
    assert "| ✅ | spent | max&lt;5 | max = 3ms |" in text
    name = "room\\:\\:a\\|b \\`&lt;x&gt;\\` \\@me"
    assert f"| ❌ | {name} | 2 | 1 | 66.66% |" in text
    assert (
        "| spent | avg 2ms, min 1ms, med 2ms, max 3ms, p(90) 2.8ms, p(95) 2.9ms |"
        in (text.replace("\\", ""))
    )
    for table in re.findall(r"(?:^\|.*\n)+", text, re.MULTILINE):
        assert (
            len({len(re.findall(r"(?<!\\)\|", row)) for row in table.splitlines()}) == 1
        )
    assert summary("x", end_of()).startswith("## ✅ Load test x\n")


def test_a_long_table_is_cut(end_of, monkeypatch):
    monkeypatch.setattr(github, "ROWS_MAXIMUM", 3)
    text = summary("x", end_of(checks={f"::check {i}": (1,) for i in range(5)}))
    assert "check 2" in text
    assert "check 3" not in text
    assert "Only the first 3 are shown." in text


def test_the_end_is_written_where_the_runner_reads(tmp_path, facts, end_of, capsys):
    path = tmp_path / "summary.md"
    path.write_text("before\n")
    variables = {"GITHUB_STEP_SUMMARY": str(path), "GITHUB_ACTIONS": "true"}
    output = make("", variables)
    assert not output.wants_samples
    output.start(facts)
    output.stop(end_of(99, spent=["p(95)<2"]))
    assert path.read_text().startswith("before\n## ❌ Load test talk.js\n")
    assert capsys.readouterr().out.startswith("::error title=Threshold of spent::")


def test_a_file_will_do_outside_of_a_job(tmp_path, facts, end_of, capsys):
    path = tmp_path / "own.md"
    output = make(str(path), {"GITHUB_STEP_SUMMARY": str(tmp_path / "other.md")})
    output.start(facts)
    output.stop(end_of(99, spent=["p(95)<2"]))
    assert [each.name for each in tmp_path.iterdir()] == ["own.md"]
    assert capsys.readouterr().out == ""


def test_nowhere_to_write_is_told(facts):
    with pytest.raises(OutputError, match="this is not a job of GitHub Actions"):
        make("", {})
    with pytest.raises(OutputError, match=r"--out github: cannot write '/no/x.md'"):
        make("/no/x.md", {}).start(facts)


@pytest.mark.parametrize(("exit_code", "kind"), [(0, "warning"), (99, "error")])
def test_a_threshold_without_values_has_neither_mark(end_of, exit_code, kind):
    end = end_of(exit_code, never=["rate>0.99"], spent=["max<5"])
    assert list(annotations(end)) == [
        f"::{kind} title=Threshold of never::never: 'rate>0.99' had no values to judge"
    ]
    text = summary("talk.js", end)
    assert "1 of 2 thresholds held (1 had no values)" in text
    assert "| \N{HEAVY MINUS SIGN} | never | rate&gt;0.99 | no values |" in text
    assert "| never | no values |" in text


def test_exceptions_of_iterations_are_in_the_summary(end_of):
    end = end_of()
    group = ExceptionSummary("TypeError: a|b", "s.js:5", 1500, 0.25)
    report = replace(end.report, exceptions=(group,))
    text = summary("talk.js", replace(end, report=report))
    assert "### Exceptions" in text
    assert "| TypeError\\: a\\|b | s.js\\:5 | 1,500 | 250ms |" in text
