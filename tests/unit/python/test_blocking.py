import sys
from types import ModuleType

import pytest

from gharial.python.blocking import is_sleep_handed_out, may_block


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("from gharial import WebSocket", False, id="never named"),
        pytest.param("from gharial import sleep", True, id="imported"),
        pytest.param("from gharial import sleep as rest", True, id="renamed"),
        pytest.param("from gharial import *\nsleep(1)", True, id="with all names"),
        pytest.param("import gharial\ngharial.sleep(1)", True, id="of the module"),
        pytest.param("import gharial as g\nf = g.sleep", True, id="of an alias"),
        pytest.param("getattr(module, 'sleep')(1)", True, id="by its name as text"),
        pytest.param("await asyncio.sleep(1)", False, id="of a task"),
        pytest.param("x = 'do not sleep here'", False, id="a word in a text"),
        pytest.param("x = 1  # sleep", False, id="a word in a comment"),
    ],
)
def test_a_module_may_block_if_it_names_sleep(text: str, expected: bool) -> None:
    assert may_block(text.encode()) is expected


def test_sleep_is_handed_out_once_the_package_was_asked_for_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    facade = ModuleType("gharial")
    monkeypatch.setitem(sys.modules, "gharial", facade)
    assert not is_sleep_handed_out()
    facade.sleep = print  # type: ignore[attr-defined]
    assert is_sleep_handed_out()
