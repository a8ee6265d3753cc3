import xml.etree.ElementTree as ElementTree

import pytest

from gharial.outputs.base import OutputError
from gharial.outputs.junit import make


def written(path, facts, end):
    output = make(str(path), {})
    assert not output.wants_samples
    output.start(facts)
    output.stop(end)
    return ElementTree.parse(path).getroot()


def cases(root):
    return {
        (case.get("classname"), case.get("name")): [
            (kind.tag, kind.get("message")) for kind in case
        ]
        for case in root.iter("testcase")
    }


def test_each_threshold_and_check_is_a_case(tmp_path, facts, end_of):
    end = end_of(
        99,
        checks={"::a::b::says \x00 <&>": (1, 0), "::is open": (1,)},
        spent=["p(95)<2", "max<5"],
    )
    root = written(tmp_path / "x.xml", facts, end)
    assert cases(root) == {
        ("run", "talk.js"): [],
        ("thresholds", "spent: p(95)<2"): [
            ("failure", "spent: 'p(95)<2' does not hold: p(95) is 2.9ms")
        ],
        ("thresholds", "spent: max<5"): [],
        ("checks.a.b", "says \ufffd <&>"): [
            ("failure", "says \ufffd <&>: failed 1 of 2 times (50.00% held)")
        ],
        ("checks", "is open"): [],
    }
    counts = {
        suite.get("name"): (suite.get("tests"), suite.get("failures"))
        for suite in root.iter("testsuite")
    }
    assert counts == {
        "gharial run": ("1", "0"),
        "gharial thresholds": ("2", "1"),
        "gharial checks": ("2", "1"),
    }


def test_a_run_that_broke_off_is_an_error(tmp_path, facts, end_of):
    root = written(tmp_path / "x.xml", facts, end_of(107, ["line 3: no", "and more"]))
    assert cases(root) == {("run", "talk.js"): [("error", "line 3: no")]}
    [error] = root.iter("error")
    assert (error.text, error.get("type")) == ("line 3: no\nand more", "exit code 107")


def test_a_file_is_needed_and_must_be_writable(tmp_path, facts):
    with pytest.raises(OutputError, match=r"name a file: --out junit=results\.xml"):
        make("", {})
    path = tmp_path / "none" / "x.xml"
    output = make(str(path), {})
    with pytest.raises(
        OutputError, match=r"cannot write .*: No such file or directory$"
    ):
        output.start(facts)


def test_looking_leaves_no_trace(tmp_path, facts):
    make(str(tmp_path / "x.xml"), {}).start(facts)
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "y.xml").write_text("before")
    make(str(tmp_path / "y.xml"), {}).start(facts)
    assert (tmp_path / "y.xml").read_text() == "before"


@pytest.mark.parametrize(("exit_code", "kind"), [(0, "skipped"), (99, "failure")])
def test_a_threshold_without_values_is_skipped_unless_it_fails_the_run(
    tmp_path, facts, end_of, exit_code, kind
):
    end = end_of(exit_code, never=["rate>0.99"])
    root = written(tmp_path / "x.xml", facts, end)
    assert cases(root)["thresholds", "never: rate>0.99"] == [
        (kind, "never: 'rate>0.99' had no values to judge")
    ]
