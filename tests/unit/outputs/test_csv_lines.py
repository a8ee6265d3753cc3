import csv
import re

import pytest

from gharial.metrics import builtin
from gharial.metrics.tags import TagSet
from gharial.outputs.base import OutputError, RunFacts
from gharial.outputs.csv_lines import TIME_FORMATS, make, tag_columns
from gharial.outputs.times import rfc3339, rfc3339_nano

from .sampled import batch, block

FACTS = RunFacts(
    *("id", "s.js", 0.0, "1"), options={"systemTags": ["url", "check", "vu", "iter"]}
)


def write(tmp_path, argument="", *blocks, environment=None):
    output = make(f"fileName={tmp_path / 'a.csv'}{argument}", environment or {})
    assert output.wants_samples
    output.start(FACTS)
    output.write(batch(*blocks))
    output.stop(None)  # type: ignore[arg-type]
    return (tmp_path / "a.csv").read_text(encoding="utf-8")


def test_a_row_has_system_tags_then_all_others_then_metadata(tmp_path):
    tags = {"url": "ws://h/", "b": "2", "a": "1,5", "vu": "3", "iter": "4"}
    text = write(tmp_path, "", block(builtin.WS_PING, tags, (5.25, 1.5), (6, 1 / 3)))
    assert text == (
        "metric_name,timestamp,metric_value,check,url,extra_tags,metadata\n"
        'ws_ping,5,1.500000,,ws://h/,"a=1,5&b=2",iter=4&vu=3\n'
        'ws_ping,6,0.333333,,ws://h/,"a=1,5&b=2",iter=4&vu=3\n'
    )


@pytest.mark.parametrize("value", ['say "hi"', "a,b", "two\nlines", "", " x", "ü"])
def test_any_text_can_be_read_back(value):
    text = tag_columns(TagSet.of({"check": value}), ["check"])
    assert text.endswith("\n")
    row = next(csv.reader(text.splitlines(keepends=True)))
    assert row == [value, "", ""]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("unix", "1767312245"),
        ("unix_milli", "1767312245250"),
        ("unix_micro", "1767312245250000"),
        ("unix_nano", "1767312245250000000"),
        ("rfc3339", rfc3339(1767312245.25)),
        ("rfc3339_nano", rfc3339_nano(1767312245.25)),
    ],
)
def test_times_are_written_as_asked(name, text, tmp_path):
    assert name in TIME_FORMATS
    rows = write(
        tmp_path,
        f",timeFormat={name}",
        block(builtin.WS_PING, {}, (1767312245.25, 1)),
    ).splitlines()
    assert rows[1].split(",")[1] == text


def test_rows_are_there_for_others_after_the_interval(tmp_path):
    path = tmp_path / "a.csv"
    output = make("", {"K6_CSV_FILENAME": str(path), "GHARIAL_CSV_SAVE_INTERVAL": "3s"})
    output.start(FACTS)
    counts = []
    for end_s in (1, 2, 3, 4, 5, 6):
        sample = block(builtin.WS_PING, {}, (end_s, 1))
        output.write(batch(sample, end_s=end_s))
        counts.append(path.read_text().count("\n"))
    assert counts == [1, 1, 4, 4, 4, 7]
    output.stop(None)  # type: ignore[arg-type]
    assert path.read_text().count("\n") == 7


def test_what_follows_the_name_wins_over_variables(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    environment = {"K6_CSV_FILENAME": "k6.csv", "K6_CSV_TIME_FORMAT": "unix_milli"}
    for argument in ("", "own.csv"):
        output = make(argument, environment)
        output.start(FACTS)
        output.write(batch(block(builtin.WS_PING, {}, (5, 1))))
        output.stop(None)  # type: ignore[arg-type]
    for name in ("k6.csv", "own.csv"):
        assert "ws_ping,5000," in (tmp_path / name).read_text()


def test_the_usual_file_is_that_of_k6(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    output = make("", {})
    output.start(RunFacts("id", "s.js", 0.0, "1"))
    output.stop(None)  # type: ignore[arg-type]
    header = (tmp_path / "file.csv").read_text()
    assert header.startswith("metric_name,timestamp,metric_value,check,error,")
    assert header.endswith(",tls_version,url,extra_tags,metadata\n")


@pytest.mark.parametrize(
    ("argument", "message"),
    [
        ("a.csv,timeFormat=unixx", "there is no timeFormat 'unixx'; did you mean"),
        ("a.csv,timeFormat=9", "there is no timeFormat '9'; there are unix, unix_mi"),
        ("a.csv,saveInterval=soon", "saveInterval: 'soon' is not a duration"),
        ("a.csv,interval=1s", "there is no setting 'interval'"),
    ],
)
def test_wrong_settings_are_refused(argument, message):
    with pytest.raises(OutputError, match=f"^--out csv: {re.escape(message)}"):
        make(argument, {})
