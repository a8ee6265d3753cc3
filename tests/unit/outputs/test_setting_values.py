import re

import pytest

from gharial.outputs.base import OutputError
from gharial.outputs.setting_values import SettingValues


def values(**settings):
    return SettingValues("own", settings)


def test_what_is_given_is_read():
    given = values(a="TRUE", b="1m30s", c="x=1, y = a=b", d="udp", e="0", f="")
    assert given.switch("a")
    assert not given.switch("e", default=True)
    assert given.switch("absent", default=True)
    assert given.seconds("b", 1) == 90
    assert given.seconds("absent", 1) == 1
    assert given.pairs("c", "=") == {"x": "1", "y": "a=b"}
    assert given.one_of("d", ("tcp", "udp")) == "udp"
    assert given.one_of("absent", ("tcp", "udp")) == "tcp"
    assert given.text("f", "default") == "default"
    assert not given.has("f")
    assert given.file("absent") is None


@pytest.mark.parametrize(
    ("read", "message"),
    [
        (lambda v: v.switch("a"), "--out own: a: 'perhaps' is neither true nor false"),
        (lambda v: v.seconds("a", 1), "--out own: a: 'perhaps' is not a duration"),
        (lambda v: v.seconds("b", 1), "--out own: b: '-1s' is negative"),
        (
            lambda v: v.one_of("a", ("x", "y")),
            "--out own: a: 'perhaps' is none of x, y",
        ),
        (lambda v: v.pairs("a", ":"), "--out own: a: 'perhaps' is not name:value"),
        (lambda v: v.pairs("httpHeaders", ":"), "httpHeaders: '***' is not name:value"),
        (lambda v: v.file("a"), "--out own: a: 'perhaps' cannot be read: No such file"),
    ],
)
def test_what_is_wrong_is_told(read, message, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(OutputError, match=re.escape(message)):
        read(values(a="perhaps", b="-1s", httpHeaders="secret"))


def test_a_file_that_can_be_read_is_returned(tmp_path):
    path = tmp_path / "a.pem"
    path.write_text("x")
    assert values(a=str(path)).file("a") == str(path)
