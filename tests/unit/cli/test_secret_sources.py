from pathlib import Path

import pytest

from gharial.cli.secret_sources import read_secrets
from gharial.errors import ConfigurationError
from gharial.report.masking import secret_texts


def test_a_single_source_is_the_default_one():
    assert read_secrets(["mock=a=1,b=2=3"]) == {
        "": {"a": "1", "b": "2=3"},
        "mock1": {"a": "1", "b": "2=3"},
    }


def test_sources_have_names_and_one_may_be_the_default(tmp_path: Path):
    file = tmp_path / "s.txt"
    file.write_text("# mine\nkey = top secret\n\n")
    found = read_secrets(
        ["mock=default,a=1", f"file=name=vault,filename={file}", f"file={file}"]
    )
    assert found[""] == {"a": "1"}
    assert found["vault"] == found["file3"] == {"key": "top secret"}


def test_without_a_default_there_is_none():
    assert "" not in read_secrets(["mock=name=x,a=1", "mock=name=y,a=2"])


@pytest.mark.parametrize(
    ("given", "told"),
    [
        pytest.param(["vault=a"], "expected a source", id="no such kind"),
        pytest.param(["mock"], "expected a source", id="nothing in it"),
        pytest.param(["mock=default,a=1", "mock=default,b=1"], "default", id="two"),
        pytest.param(["file=/nowhere/x"], "cannot read '/nowhere/x'", id="no file"),
        pytest.param(["mock==1"], "has no name", id="no name"),
    ],
)
def test_what_is_no_source_is_refused(given, told):
    with pytest.raises(ConfigurationError) as caught:
        read_secrets(given)
    assert told in str(caught.value)


def test_a_line_that_is_none_is_not_shown(tmp_path: Path):
    file = tmp_path / "s.txt"
    file.write_text("a=1\nhunter2\n")
    with pytest.raises(ConfigurationError) as caught:
        read_secrets([f"file={file}"])
    assert "line 2" in str(caught.value)
    assert "hunter2" not in str(caught.value)


def test_longer_secrets_are_hidden_first():
    found = read_secrets(["mock=a=abc,b=abcdef,c="])
    assert secret_texts(found) == ("abcdef", "abc")
