import sys
from typing import Any

import pytest

from gharial.virtual_user.iteration import IterationOutcome
from gharial.virtual_user.script import ScriptError

HELPER = """
count = 0
def up():
    global count
    count += 1
    return count
"""


@pytest.mark.parametrize(
    ("statement", "call"),
    [
        ("import helper", "helper.up()"),
        ("import helper as other", "other.up()"),
        ("from helper import up", "up()"),
        ("from helper import *", "up()"),
        ("from .helper import up", "up()"),
        ("from . import helper", "helper.up()"),
        ("import package.inner", "package.inner.up()"),
        ("import package.inner as other", "other.up()"),
        ("from package import inner", "inner.up()"),
        ("from package.inner import up", "up()"),
        ("from .package.inner import up", "up()"),
    ],
)
def test_each_vu_has_its_own_copy_of_the_scripts_modules(
    world: Any, statement: str, call: str
) -> None:
    world.iterate(
        f"""
        from gharial import log, vu
        {statement}
        def default(): log(vu.id, {call})
        """,
        users=2,
        times=2,
        helper=HELPER,
        package__inner=HELPER,
    )
    assert world.texts() == ["1 1", "2 1", "1 2", "2 2"]


def test_modules_import_each_other_within_one_vu(world: Any) -> None:
    world.iterate(
        """
        from gharial import log
        import package
        from package import inner
        def default(): log(inner.up(), package.up(), package.outer.up())
        """,
        package____init__="from .inner import up\nfrom . import outer",
        package__inner=HELPER,
        package__outer="from .inner import up\nfrom ..other import x",
        other="x = 1",
    )
    assert world.texts() == ["1 2 3"]


def test_modules_may_import_in_a_circle(world: Any) -> None:
    world.iterate(
        """
        from gharial import log
        import a
        name = "script"
        def default(): log(a.b.a.name, a.b.script())
        """,
        a="name = 'a'\nimport b",
        b="import a\nimport chat\ndef script(): return chat.name",
    )
    assert world.texts() == ["a script"]


def test_an_import_inside_a_function_is_the_vus_own_too(world: Any) -> None:
    world.iterate(
        """
        from gharial import log
        def default():
            import helper
            log(helper.up())
        """,
        users=2,
        helper=HELPER,
    )
    assert world.texts() == ["1", "1"]


def test_the_standard_library_is_shared(world: Any) -> None:
    world.iterate(
        """
        import collections.abc, sys
        from gharial import log
        def default(): log(collections is sys.modules["collections"])
        """
    )
    assert world.texts() == ["True"]


def test_a_module_beside_the_script_hides_an_installed_one(world: Any) -> None:
    world.iterate(
        """
        import json
        from gharial import log
        def default(): log(json.name)
        """,
        json="name = 'mine'",
    )
    assert world.texts() == ["mine"]
    import json

    assert hasattr(json, "loads")


def test_a_plain_folder_does_not_hide_an_installed_package(world: Any) -> None:
    (world.folder / "json").mkdir()
    world.iterate("import json\ndef default(): json.dumps(1)")


def test_gharial_itself_is_never_hidden(world: Any) -> None:
    world.iterate(
        "from gharial import log\ndef default(): log('ours')", gharial="log = print"
    )
    assert world.texts() == ["ours"]


def test_classes_work_with_dataclasses_typing_and_pickle(world: Any) -> None:
    outcomes = world.iterate(
        """
        from __future__ import annotations
        import pickle, typing
        from dataclasses import dataclass, field, InitVar
        from gharial import log
        @dataclass
        class Message:
            text: str
            parts: list[Message] = field(default_factory=list)
            extra: InitVar[int] = 0
        def default():
            message = Message("a", [Message("b")])
            assert pickle.loads(pickle.dumps(message)) == message
            assert typing.get_type_hints(Message)["parts"] == list[Message]
            log(message.parts[0].text)
        """,
        users=2,
    )
    assert outcomes == [IterationOutcome.COMPLETED] * 2
    assert world.texts() == ["b", "b"]


@pytest.mark.parametrize(
    ("statement", "message"),
    [
        ("import nowhere", "No module named 'nowhere'"),
        ("from . import nowhere", "No module named 'nowhere' in the script's folder"),
        ("from .nowhere import x", "No module named 'nowhere' in the script's folder"),
        ("import helper.nowhere", "No module named 'helper.nowhere'"),
        ("from helper import nowhere", "cannot import name 'nowhere'"),
        ("from .. import helper", "goes beyond the script's folder"),
        ("from gharial import nowhere", "cannot import name 'nowhere' from 'gharial'"),
    ],
)
def test_an_import_of_what_is_not_there_says_so(
    world: Any, statement: str, message: str
) -> None:
    with pytest.raises(ScriptError) as caught:
        world.host(f"{statement}\ndef default(): pass", helper="")
    assert message in caught.value.message
    assert caught.value.stack.startswith("    at <module> (chat.py:1:1)")


def test_a_module_that_throws_can_be_imported_again(world: Any) -> None:
    world.iterate(
        """
        from gharial import log
        def default():
            for _ in range(2):
                try:
                    import helper
                except ValueError as error:
                    log(error)
        """,
        helper="raise ValueError('bad')",
    )
    assert world.texts() == ["bad", "bad"]


def test_a_script_is_not_main_and_knows_its_file(world: Any) -> None:
    world.iterate(
        """
        from pathlib import Path
        from gharial import log
        is_main = __name__ == "__main__"
        def default(): log(is_main, Path(__file__).is_absolute(), Path(__file__).name)
        """
    )
    assert world.texts() == ["False True chat.py"]


def test_a_file_is_compiled_once_for_all_vus(world: Any) -> None:
    host = world.host("import helper\ndef default(): pass", helper=HELPER)
    first, second = (host.sources.find("helper") for _ in range(2))
    assert first is second
    assert sorted(host.sources.files) == ["chat.py", "helper.py"]


def test_a_name_that_is_no_identifier_does_not_matter(world: Any) -> None:
    from gharial.python.host import PythonHost

    (world.folder / "my-test 1.py").write_text("def default(): pass")
    host = PythonHost("my-test 1.py", environment={})
    host.read(world.log)
    assert host.exports == {"default"}


def test_nothing_is_left_of_a_script_that_was_read(world: Any) -> None:
    before = set(sys.modules)
    world.host("import helper\ndef default(): pass", helper=HELPER)
    assert not [name for name in set(sys.modules) - before if "helper" in name]


SOCKETS, PATHS = "gharial.virtual_user.socket_parts", "gharial.websocket.json_paths"


@pytest.mark.parametrize(
    ("helper", "loaded"),
    [
        ("def ask(ws): ws.request('hi', match={'path': '$.id'})", {PATHS}),
        ("from gharial import WebSocket", {SOCKETS}),
        ("def add(one, other): return one + other", set()),
    ],
)
def test_what_loads_slowly_is_loaded_before_the_run(
    world: Any, monkeypatch: pytest.MonkeyPatch, helper: str, loaded: set[str]
) -> None:
    for name in (SOCKETS, PATHS):
        monkeypatch.delitem(sys.modules, name, raising=False)
    world.host("import helper\ndef default(): pass", helper=helper)
    assert {SOCKETS, PATHS} & set(sys.modules) == loaded
