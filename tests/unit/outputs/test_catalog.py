import re

import pytest

from gharial.outputs import catalog
from gharial.outputs.arguments import from_environment, parse_settings
from gharial.outputs.base import OutputError
from gharial.outputs.catalog import make_outputs


class Point:
    def __init__(self, name, make, value="gharial.outputs.prometheus:make"):
        self.name = name
        self.value = value
        self._make = make

    def load(self):
        if isinstance(self._make, ImportError):
            raise self._make
        return self._make


@pytest.fixture(autouse=True)
def announced(monkeypatch):
    points = [
        Point("json", lambda argument, environment: ("json", argument, environment)),
        Point("prometheus", ImportError("No module named 'snappy'")),
        Point("experimental-prometheus-rw", ImportError("No module named 'snappy'")),
        Point("own", ImportError("broken"), "other.package:make"),
    ]
    monkeypatch.setattr(
        catalog, "known_outputs", lambda: {point.name: point for point in points}
    )


def test_an_output_is_made_of_its_argument_and_the_environment():
    made = make_outputs(["json=a=b.json", "json"], {"X": "1"})
    assert made == {  # type: ignore[comparison-overlap]
        "json=a=b.json": ("json", "a=b.json", {"X": "1"}),
        "json": ("json", "", {"X": "1"}),
    }


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        (["jsn=x"], "--out: there is no output 'jsn'; did you mean \"json\"?"),
        (
            ["zebra"],
            "--out: there is no output 'zebra'; there are "
            "experimental-prometheus-rw, json, own, prometheus",
        ),
        (["web-dashboard"], "--out web-dashboard: use --dashboard"),
        (["json=a", "json=a"], "--out json=a was given twice"),
        (
            ["prometheus"],
            "--out prometheus: cannot be loaded: No module named 'snappy'. It needs the "
            "extra gharial[prometheus].",
        ),
        (
            ["experimental-prometheus-rw"],
            "--out experimental-prometheus-rw: cannot be loaded: No module named "
            "'snappy'. It needs the extra gharial[prometheus].",
        ),
        (["own"], "--out own: cannot be loaded: broken."),
    ],
)
def test_what_cannot_be_made_is_refused(wanted, message):
    with pytest.raises(OutputError, match=f"^{re.escape(message)}$"):
        make_outputs(wanted, {})


def test_a_password_in_a_url_is_shown_nowhere():
    made = make_outputs(["json=http://me:secret@host/a@b"], {})
    assert list(made) == ["json=http://***@host/a@b"]
    assert made["json=http://***@host/a@b"][1] == "http://me:secret@host/a@b"  # type: ignore[index]


def test_settings_are_named_and_the_main_one_need_not_be():
    known = ("fileName", "saveInterval")
    assert parse_settings("csv", "a.csv", known, main="fileName") == {
        "fileName": "a.csv"
    }
    assert parse_settings("csv", "", known, main="fileName") == {}
    assert parse_settings(
        "csv", "saveInterval=2s,fileName=x.csv", known, main="fileName"
    ) == {"fileName": "x.csv", "saveInterval": "2s"}
    assert parse_settings("rw", "http://h/a?b=c", ("url",), main="url") == {
        "url": "http://h/a?b=c"
    }


@pytest.mark.parametrize(
    ("argument", "message"),
    [
        ("x.csv,saveIntervall=1s", "no setting 'saveIntervall'; did you mean \"save"),
        ("color=red", "no setting 'color'; there are fileName, saveInterval"),
        ("x.csv,fileName=y.csv", "'fileName' was given twice"),
    ],
)
def test_wrong_settings_are_refused(argument, message):
    with pytest.raises(OutputError, match=re.escape(message)):
        parse_settings("csv", argument, ("fileName", "saveInterval"), main="fileName")


def test_our_variables_win_over_those_of_k6():
    names = {"FILENAME": "fileName", "SAVE_INTERVAL": "saveInterval"}
    environment = {
        "K6_CSV_FILENAME": "k6.csv",
        "GHARIAL_CSV_FILENAME": "ours.csv",
        "K6_CSV_SAVE_INTERVAL": "3s",
        "K6_CSV_TIME_FORMAT": "unix",
    }
    assert from_environment(environment, "CSV_", names) == {
        "fileName": "ours.csv",
        "saveInterval": "3s",
    }
