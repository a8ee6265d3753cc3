from pathlib import Path

import pytest

from gharial.errors import ConfigurationError
from gharial.program.config_file import config_file


def test_without_a_file_there_is_nothing(tmp_path: Path):
    assert config_file(None, {}, str(tmp_path)) is None


@pytest.mark.parametrize(
    ("name", "text"),
    [
        pytest.param("config.json", '{"vus": 3}', id="JSON"),
        pytest.param("config.toml", "vus = 3", id="TOML"),
    ],
)
def test_the_users_own_file_is_read(tmp_path: Path, name: str, text: str):
    (tmp_path / name).write_text(text)
    found = config_file(None, {}, str(tmp_path))
    assert found is not None
    assert found.values == {"vus": 3}
    assert found.source == f"config file {tmp_path / name}"


@pytest.mark.parametrize(
    ("name", "text"), [("a.json", '{"vus": 3}'), ("a.toml", "vus = 3")]
)
def test_a_byte_order_mark_is_no_part_of_a_file(tmp_path: Path, name: str, text: str):
    (tmp_path / name).write_text(text, "utf-8-sig")
    found = config_file(str(tmp_path / name), {}, str(tmp_path))
    assert found is not None
    assert found.values == {"vus": 3}


def test_a_file_that_is_not_text_says_where(tmp_path: Path):
    (tmp_path / "a.json").write_bytes(b'{"\xd3": 1}')
    with pytest.raises(ConfigurationError, match=r"it is not UTF-8 \(byte 2\)$"):
        config_file(str(tmp_path / "a.json"), {}, str(tmp_path))


def test_a_flag_wins_over_variables_and_ours_over_k6s(tmp_path: Path):
    for name in ("flag", "ours", "k6s"):
        (tmp_path / name).write_text(f'{{"userAgent": "{name}"}}')
    variables = {
        "GHARIAL_CONFIG": str(tmp_path / "ours"),
        "K6_CONFIG": str(tmp_path / "k6s"),
    }

    def chosen(given, environment):
        found = config_file(given, environment, str(tmp_path))
        assert found is not None
        return found.values["userAgent"]

    assert chosen(str(tmp_path / "flag"), variables) == "flag"
    assert chosen(None, variables) == "ours"
    assert chosen(None, {"K6_CONFIG": variables["K6_CONFIG"]}) == "k6s"


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        pytest.param("none.json", None, "No such file", id="no file"),
        pytest.param("a.json", '{"vus": }', "line 1, column 9", id="no JSON"),
        pytest.param("a.json", "[" * 100_000, "nested too deeply", id="deep JSON"),
        pytest.param(
            "a.toml", "a = " + "[" * 10_000, "nested too deeply", id="deep TOML"
        ),
        pytest.param(
            "a.json", '{"vus": ' + "9" * 5000 + "}", "too many digits", id="long number"
        ),
        pytest.param("a.toml", "vus =", "is not valid TOML", id="no TOML"),
        pytest.param("a.json", "[1]", "must hold an object", id="a list"),
    ],
)
def test_a_file_that_cannot_be_used_is_named(tmp_path: Path, name, text, told):
    path = tmp_path / name
    if text is not None:
        path.write_text(text)
    with pytest.raises(ConfigurationError) as caught:
        config_file(str(path), {}, str(tmp_path))
    assert "--config" in str(caught.value)
    assert str(path) in str(caught.value)
    assert told in str(caught.value)
