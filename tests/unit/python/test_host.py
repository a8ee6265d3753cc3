from datetime import timedelta
from typing import Any

import pytest

from gharial.errors import ConfigurationError, ExitCode
from gharial.python.host import PythonHost
from gharial.scripting.reading import NothingToRunError
from gharial.virtual_user.iteration import IterationOutcome
from gharial.virtual_user.script import ScriptError, TestAbortedError
from gharial.virtual_user.virtual_user import VirtualUser


def test_exports_are_the_public_functions(world: Any) -> None:
    host = world.host(
        """
        from functools import wraps
        from os.path import join
        from gharial import Counter, log, sleep, vu
        from helper import shared

        def default(): pass
        async def other(): pass
        def _private(): pass
        class Thing: pass
        number = 1
        """,
        helper="def shared(): pass",
    )
    assert host.exports == {"default", "other", "shared"}


def test_options_are_the_scripts_dict(world: Any) -> None:
    host = world.host("options = {'vus': 3}\ndef default(): pass")
    assert host.options == {"vus": 3}


def test_a_script_without_options_has_none(world: Any) -> None:
    assert world.host("def default(): pass").options == {}


def test_custom_metrics_are_known_after_reading(world: Any) -> None:
    host = world.host(
        """
        from gharial import Counter, Trend
        errors = Counter("chat_errors")
        waits = Trend("waits", True)
        def default(): pass
        """
    )
    assert [(m.name, m.type, m.contains) for m in host.metrics] == [
        ("chat_errors", "counter", "default"),
        ("waits", "trend", "time"),
    ]


def test_handle_summary_goes_by_both_its_names(world: Any) -> None:
    host = world.host("def default(): pass\ndef handle_summary(data): pass")
    assert host.exports == {"default", "handle_summary", "handleSummary"}


def test_a_missing_file_is_named(world: Any) -> None:
    with pytest.raises(ConfigurationError, match=r"there is no script 'nowhere\.py'"):
        PythonHost("nowhere.py", environment={})


def test_a_folder_is_no_script(world: Any) -> None:
    with pytest.raises(ConfigurationError, match="cannot read"):
        PythonHost(".", environment={})


def test_a_syntax_error_shows_the_line_and_the_place(world: Any) -> None:
    with pytest.raises(ScriptError) as caught:
        world.host("def default():\n    x = = 1\n")
    assert str(caught.value) == (
        "SyntaxError: invalid syntax\n"
        "    at chat.py:2:9\n"
        "        x = = 1\n"
        "            ^"
    )
    assert caught.value.exit_code is ExitCode.SCRIPT_EXCEPTION


def test_a_syntax_error_in_a_module_names_the_module(world: Any) -> None:
    with pytest.raises(ScriptError) as caught:
        world.host("import helper\ndef default(): pass", helper="def (:")
    assert str(caught.value).startswith(
        "SyntaxError: invalid syntax\n    at helper.py:1"
    )
    assert "at <module> (chat.py:1:1)" in str(caught.value)


@pytest.mark.parametrize("content", [b"\x00", b"x = '\xff'"])
def test_a_file_that_is_no_text_is_a_script_error(world: Any, content: bytes) -> None:
    (world.folder / "chat.py").write_bytes(content)
    with pytest.raises(ScriptError) as caught:
        PythonHost("chat.py", environment={})
    assert "\n    at chat.py:1" in str(caught.value)


def test_a_script_without_a_public_function_is_told_what_is_missing(world: Any) -> None:
    with pytest.raises(
        NothingToRunError, match=r"chat\.py: the script defines no public function"
    ) as caught:
        world.host("x = 1\ndef _hidden(): pass")
    assert caught.value.exit_code is ExitCode.SCRIPT_EXCEPTION


def test_an_exception_at_the_top_level_has_its_place(world: Any) -> None:
    with pytest.raises(ScriptError) as caught:
        world.host("def make():\n    return {}['x']\n\nmake()\n")
    assert str(caught.value) == (
        "KeyError: 'x'\n    at make (chat.py:2:12)\n    at <module> (chat.py:4:1)"
    )


def test_an_abort_at_the_top_level_ends_the_test(world: Any) -> None:
    with pytest.raises(TestAbortedError, match="no server"):
        world.host("from gharial import execution\nexecution.test.abort('no server')")


def test_timers_of_the_top_level_run_before_the_options_are_read(world: Any) -> None:
    host = world.host(
        """
        from gharial import set_timeout
        options = {"vus": 1}
        set_timeout(lambda: options.update(vus=2), 1)
        def default(): pass
        """
    )
    assert host.options == {"vus": 2}


def test_a_module_level_task_is_waited_for(world: Any) -> None:
    host = world.host(
        """
        import asyncio
        options = {}
        async def load():
            await asyncio.sleep(0)
            options["vus"] = 5
        task = asyncio.get_running_loop().create_task(load())
        def default(): pass
        """
    )
    assert host.options == {"vus": 5}


def test_the_environment_is_there_while_the_script_is_read(world: Any) -> None:
    world.environment["VUS"] = "4"
    host = world.host(
        """
        from gharial import env, vu
        options = {"vus": int(env["VUS"]), "id": vu.id}
        def default(): pass
        """
    )
    assert host.options == {"vus": 4, "id": 0}


@pytest.mark.parametrize(
    "call",
    ["check(1, {})", "group('x').__enter__()", "vu.iteration", "vu.tags['a']"],
)
def test_the_top_level_is_told_what_needs_a_running_vu(world: Any, call: str) -> None:
    with pytest.raises(ScriptError, match="cannot be used at the top level"):
        world.host(f"from gharial import *\n{call}\ndef default(): pass")


def test_a_function_gets_as_many_arguments_as_it_takes(world: Any) -> None:
    host = world.host(
        """
        from gharial import log
        def none(): log("none")
        def one(data): log("one", data)
        def some(*data): log("some", *data)
        def named(data=None, *, other=2): log("named", data, other)
        """
    )

    async def main() -> None:
        user = VirtualUser(1, host, world.services())
        await user.start()
        for export in ("none", "one", "some", "named"):
            await user.call(export, ("a", "b"))
        user.close()

    world.run(main)
    assert world.texts() == ["none", "one a", "some a b", "named a 2"]


def test_module_state_outlives_iterations_and_is_each_vus_own(world: Any) -> None:
    outcomes = world.iterate(
        """
        from gharial import log, vu
        count = 0
        def default():
            global count
            count += 1
            log(vu.id, vu.iteration, count)
        """,
        users=2,
        times=2,
    )
    assert outcomes == [IterationOutcome.COMPLETED] * 4
    assert world.texts() == ["1 0 1", "2 0 1", "1 1 2", "2 1 2"]


def test_a_failed_iteration_logs_the_scripts_frames_only(world: Any) -> None:
    outcomes = world.iterate(
        """
        import json
        def parse(text):
            return json.loads(text)
        def default():
            parse("{")
        """
    )
    assert outcomes == [IterationOutcome.FAILED]
    [(level, text, fields)] = world.logged
    assert text == (
        "JSONDecodeError: Expecting property name enclosed in double quotes: "
        "line 1 column 2 (char 1)\n"
        "    at parse (chat.py:4:12)\n"
        "    at default (chat.py:6:5)"
    )
    assert (level, fields["source"], fields["scenario"]) == (
        40,
        "stacktrace",
        "default",
    )


def test_timedeltas_in_options_become_milliseconds(world: Any) -> None:
    host = world.host(
        "from datetime import timedelta\n"
        "options = {'duration': timedelta(seconds=90)}\ndef default(): pass"
    )
    assert host.options == {
        "duration": timedelta(seconds=90) / timedelta(milliseconds=1)
    }


def test_bad_options_are_a_configuration_error(world: Any) -> None:
    with pytest.raises(ConfigurationError, match="options must be a dict, not list"):
        world.host("options = []\ndef default(): pass")
