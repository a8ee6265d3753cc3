"""Runs inside a test, over real sockets: `gharial.testing.run_test`."""

import asyncio
import gc
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from textwrap import dedent
from typing import Any

import psutil
import pytest
from safety_net import LIMIT_S

import gharial
from gharial import WebSocket, check
from gharial.errors import ConfigurationError, ExitCode
from gharial.options.merge import OptionsError
from gharial.testing import EchoServer, run_test, run_test_async, run_thread, serving
from gharial.testing.run_thread import RunStuckError
from gharial.virtual_user.script import ScriptError

# Not for coverage, which keeps a table of greenlets: when that of a thread that has ended
# goes away while Python collects garbage, the interpreter (3.11) may come back to its
# tracing without end (seen once in some twenty runs of `make check`).
pytestmark = pytest.mark.slow

FOREVER = {"duration": "1h"}

JAVASCRIPT = """
import { check } from 'k6';
import { Trend } from 'k6/metrics';
const turns = new Trend('turns');
export const options = { vus: 3, iterations: 9 };
export default function () {
  const socket = new WebSocket(__ENV.URL);
  socket.onopen = () => socket.send('hello');
  socket.onmessage = ({ data }) => {
    check(data, { 'is an echo': (text) => text === 'hello' });
    turns.add(1);
    socket.close();
  };
}
"""
PYTHON = """
from gharial import Trend, WebSocket, check, env
turns = Trend("turns")
options = {"vus": 3, "iterations": 9}
async def default():
    async with WebSocket(env["URL"]) as socket:
        socket.send("hello")
        check(await socket.receive(), {"is an echo": lambda text: text == "hello"})
        turns.add(1)
"""
SCRIPTS = {
    "echo.js": JAVASCRIPT,
    "echo.ts": JAVASCRIPT.replace("({ data })", "({ data }: MessageEvent): void"),
    "echo.py": PYTHON,
}


def left() -> tuple[set[str], set[Any]]:
    """Return this process's threads and sockets; asyncio keeps no list of loops."""
    gc.collect()
    return (
        {each.name for each in threading.enumerate()},
        {each.fd for each in psutil.Process().net_connections()},
    )


@pytest.fixture(autouse=True)
def _nothing_is_left() -> Iterator[None]:
    before = left()
    handlers = [signal.getsignal(each) for each in signal.valid_signals()]
    yield
    assert left() == before
    assert [signal.getsignal(each) for each in signal.valid_signals()] == handlers
    assert gc.get_freeze_count() == 0


@pytest.fixture
def url(_nothing_is_left: None) -> Iterator[str]:
    with serving(EchoServer()) as server:
        yield server.url


def written(folder: Path, name: str, source: str) -> Path:
    path = folder / name
    path.write_text(dedent(source), "utf-8")
    return path


def echo(url: str) -> Callable[[], Any]:
    async def default() -> None:
        async with WebSocket(url) as socket:
            socket.send("hello")
            check(await socket.receive(), {"is an echo": lambda it: it == "hello"})

    return default


# -- What can be run -------------------------------------------------------------------


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_script_runs(url: str, tmp_path: Path, name: str) -> None:
    result = run_test(written(tmp_path, name, SCRIPTS[name]), env={"URL": url})
    assert result.passed, result.account()
    assert result.exit_code == 0
    assert result.metrics["iterations"].count == 9
    assert result.metrics["ws_connecting"].count == 9
    assert result.metrics["turns{scenario:default}"].count == 9
    assert result.checks["is an echo"].passes == 9
    assert (result.errors, result.exceptions, result.problems) == ({}, (), ())


def test_a_relative_path_counts_from_the_current_directory(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written(tmp_path, "echo.py", PYTHON)
    monkeypatch.chdir(tmp_path)
    assert run_test("echo.py", env={"URL": url}).metrics["iterations"].count == 9


def test_an_async_function_runs_with_what_it_closes_over(url: str) -> None:
    result = run_test(echo(url), options={"vus": 2, "iterations": 6})
    assert result.passed, result.account()
    assert result.checks["is an echo"].passes == 6
    assert result.metrics["ws_msgs_received"].count == 6


def test_a_plain_function_runs_with_handlers_and_sleep(url: str) -> None:
    heard: list[str] = []

    def default() -> None:
        socket = WebSocket(url)

        @socket.on("open")
        def begin(event: Any) -> None:
            gharial.sleep(0.01)
            socket.send(gharial.env["WORD"])

        @socket.on("message")
        def hear(event: Any) -> None:
            heard.append(event.data)
            socket.close()

    result = run_test(default, options={"iterations": 2}, env={"WORD": "hello"})
    assert result.passed, result.account()
    assert heard == ["hello", "hello"]


def test_options_of_the_call_win_over_the_scripts(url: str, tmp_path: Path) -> None:
    result = run_test(
        written(tmp_path, "echo.js", JAVASCRIPT),
        options={
            "scenarios": {
                name: {"executor": "shared-iterations", "vus": 1, "iterations": count}
                for name, count in (("one", 1), ("two", 2))
            }
        },
        env={"URL": url},
    )
    assert result.metrics["iterations"].count == 3
    assert result.metrics["iterations{scenario:two}"].count == 2


def test_options_may_be_written_as_in_python(url: str) -> None:
    scenario = {"executor": "per_vu_iterations", "vus": 2, "iterations": 2}
    result = run_test(echo(url), options={"scenarios": {"a": scenario}})
    assert result.metrics["iterations{scenario:a}"].count == 4


def test_workers_share_the_load_of_a_script(url: str, tmp_path: Path) -> None:
    script = written(tmp_path, "echo.py", PYTHON)
    result = run_test(
        script, options={"vus": 2, "iterations": 8}, env={"URL": url}, workers=2
    )
    assert result.passed, result.account()
    assert result.metrics["iterations"].count == 8
    assert result.checks["is an echo"].passes == 8


# -- What comes of it ------------------------------------------------------------------


def test_a_threshold_that_fails_fails_the_run_and_raises_nothing(url: str) -> None:
    result = run_test(
        echo(url), options={"thresholds": {"ws_connecting": ["p(95)<0.0001"]}}
    )
    assert not result.passed
    assert result.exit_code is ExitCode.THRESHOLDS_FAILED
    [threshold] = result.thresholds
    assert threshold.value == result.metrics["ws_connecting"].p(95)
    assert "ws_connecting: p(95)<0.0001 failed" in repr(result)


def test_a_server_that_is_not_there_is_counted() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"ws://127.0.0.1:{free.getsockname()[1]}/"

        def default() -> None:
            WebSocket(url)

        result = run_test(default, options={"iterations": 3})
    assert result.errors == {"refused": 3}
    assert result.metrics["ws_errors{reason:refused}"].count == 3
    assert "ws_errors refused: 3" in repr(result)


def test_what_an_iteration_raises_is_told_with_its_line() -> None:
    def default() -> None:
        answer = gharial.vu.iteration
        assert answer == 42, "not the answer"

    result = run_test(default, options={"iterations": 2})
    text, other = result.exceptions
    assert (text != other) and other.startswith("AssertionError: not the answer")
    assert text.startswith("AssertionError: not the answer")
    assert f"default ({__file__}:" in text
    assert "AssertionError: not the answer" in repr(result)


def test_what_a_script_logs_is_kept(tmp_path: Path) -> None:
    script = written(
        tmp_path, "log.js", "export default () => console.warn('joined', __ENV.ROOM);"
    )
    result = run_test(script, env={"ROOM": "lobby"})
    assert [(str(line), line.source) for line in result.log] == [
        ("joined lobby", "console")
    ]


def test_a_script_that_ends_the_test_is_a_result() -> None:
    def default() -> None:
        gharial.execution.test.abort("enough")

    result = run_test(default, options=FOREVER)
    assert result.exit_code is ExitCode.SCRIPT_ABORTED
    assert result.problems == ("test aborted: enough",)
    assert not result.passed


def test_what_handle_summary_returns_is_not_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    written(
        tmp_path,
        "own.js",
        "export default () => {}; export const handleSummary = () => ({ 'a.txt': 'b' });",
    )
    assert run_test("own.js").texts == {"a.txt": "b"}
    assert [each.name for each in tmp_path.iterdir()] == ["own.js"]


def test_nothing_is_shown_unless_it_is_wanted(
    url: str, capfd: pytest.CaptureFixture[str]
) -> None:
    def default() -> None:
        gharial.log("a line")

    run_test(default)
    assert capfd.readouterr() == ("", "")
    run_test(default, quiet=False)
    captured = capfd.readouterr()
    assert "iterations...........: 1" in captured.out
    assert captured.err == "INFO: a line\n"


# -- The environment -------------------------------------------------------------------


def test_the_environment_has_no_say(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("K6_ITERATIONS", "5")
    monkeypatch.setenv("GHARIAL_TAGS", "no tags")
    seen: list[bool] = []
    result = run_test(lambda: seen.append("GHARIAL_TAGS" in gharial.env))
    assert result.metrics["iterations"].count == 1
    assert seen == [False]


def test_the_environment_counts_where_it_is_asked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("K6_ITERATIONS", "5")
    monkeypatch.setenv("K6_VUS", "2")
    monkeypatch.setenv("ROOM", "lobby")
    seen: list[str] = []

    def default() -> None:
        seen.append(f"{gharial.env['ROOM']} {gharial.env['NAME']} {gharial.vu.id}")

    run_test(default, options={"vus": 1}, env={"NAME": "a"}, environment=True)
    assert seen == ["lobby a 1"] * 5


# -- What cannot be run ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "source", "message"),
    [
        ("a.py", "x = 1\nraise ValueError('no')", "ValueError: no\n    at <module> "),
        ("a.js", "let a;\nthrow new TypeError('no')", "TypeError: no\n    at "),
        ("a.py", "def default(:", "SyntaxError: "),
    ],
)
def test_an_error_at_the_top_level_raises(
    tmp_path: Path, name: str, source: str, message: str
) -> None:
    with pytest.raises(ScriptError) as caught:
        run_test(written(tmp_path, name, source))
    assert str(caught.value).startswith(message)
    assert f"{name}:" in str(caught.value)


def generator() -> Iterator[None]:
    yield


@pytest.mark.parametrize(
    ("script", "settings", "message"),
    [
        (
            lambda: None,
            {"workers": 2},
            "workers=2: a function runs in this process only",
        ),
        ("none.py", {}, "there is no script 'none.py'"),
        (3, {}, "a int is not a test; give a path or a function"),
        (generator, {}, "generator is a generator"),
        (
            lambda: None,
            {"options": {"workers": 2}},
            "workers is not one of the options",
        ),
        (lambda: None, {"options": {"paused": True}}, "paused: nothing could resume"),
        (lambda: None, {"options": 3}, "options must be a dict, not int"),
    ],
)
def test_what_cannot_be_run_is_refused(
    script: Any, settings: dict[str, Any], message: str
) -> None:
    with pytest.raises(ConfigurationError) as caught:
        run_test(script, **settings)
    assert str(caught.value).startswith(message)


def test_a_run_without_end_is_refused() -> None:
    scenario = {"executor": "externally-controlled", "vus": 1, "duration": "0s"}
    with pytest.raises(
        ConfigurationError, match=r"^scenarios\.a: the run would never end"
    ):
        run_test(lambda: None, options={"scenarios": {"a": scenario}})


def test_a_misspelt_option_is_refused() -> None:
    with pytest.raises(OptionsError) as caught:
        run_test(lambda: None, options={"treshold": {}, "vus": -1})
    assert "treshold (options of the call): there is no such option" in str(
        caught.value
    )
    assert "vus (options of the call): " in str(caught.value)


# -- Beside an event loop, and when the caller is interrupted --------------------------


def test_it_runs_where_an_event_loop_is_running(url: str) -> None:
    async def test() -> None:
        assert run_test(echo(url)).passed
        # The caller's loop is as it was.
        await asyncio.sleep(0)
        assert asyncio.all_tasks() == {asyncio.current_task()}

    asyncio.run(test())


def test_beside_it_a_server_on_the_callers_loop_answers() -> None:
    async def test() -> None:
        async with EchoServer() as server:
            result = await run_test_async(echo(server.url), options={"iterations": 3})
            assert result.passed, result.account()
            assert server.connections == result.metrics["ws_sessions"].count == 3
        assert asyncio.all_tasks() == {asyncio.current_task()}

    asyncio.run(test())


def test_several_run_at_once(url: str, tmp_path: Path) -> None:
    script = written(tmp_path, "echo.js", JAVASCRIPT)

    async def test() -> None:
        results = await asyncio.gather(
            run_test_async(script, env={"URL": url}),
            run_test_async(echo(url), options={"iterations": 4}),
        )
        counts = [each.metrics["iterations"].count for each in results]
        assert counts == [9, 4]
        assert all(each.passed for each in results)

    asyncio.run(test())


def test_an_error_reaches_who_awaits_it() -> None:
    with pytest.raises(ConfigurationError, match="there is no script"):
        asyncio.run(run_test_async("none.js"))


def test_a_cancelled_wait_ends_the_run(url: str) -> None:
    async def test() -> None:
        running = asyncio.Event()
        loop = asyncio.get_running_loop()

        async def default() -> None:
            async with WebSocket(url):
                loop.call_soon_threadsafe(running.set)
                await asyncio.sleep(3600)

        task = asyncio.create_task(run_test_async(default, options=FOREVER))
        await running.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(test())


@pytest.mark.skipif(sys.platform == "win32", reason="there is no such signal")
@pytest.mark.parametrize("how", ["waits", "loops"])
def test_what_is_raised_while_the_call_waits_ends_the_run(how: str) -> None:
    """As Ctrl+C does, and plugins that limit a test's time."""

    class TooLongError(Exception): ...

    def fail(number: int, frame: Any) -> None:
        raise TooLongError

    waiting = threading.main_thread().ident
    assert waiting is not None

    def default() -> None:
        if gharial.vu.iteration == 0:
            signal.pthread_kill(waiting, signal.SIGUSR1)
        while how == "loops":
            pass
        gharial.sleep(3600)

    before = signal.signal(signal.SIGUSR1, fail)
    try:
        with pytest.raises(TooLongError):
            run_test(default, options={**FOREVER, "callbackTimeout": "500ms"})
    finally:
        signal.signal(signal.SIGUSR1, before)


def test_code_that_never_pauses_is_ended() -> None:
    def default() -> None:
        while True:
            pass

    result = run_test(default, options={"callbackTimeout": "100ms"})
    assert result.exceptions[0].startswith("RanTooLong: the script ran for more than")
    assert f"({__file__}:" in result.exceptions[0]


def test_code_that_blocks_its_thread_is_left_and_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(run_thread, "MARGIN_S", 0.1)
    monkeypatch.setattr(run_thread.RunThread, "STOP_LIMIT_S", 0.1)
    goes_on = threading.Event()
    scenario = {
        "executor": "constant-vus",
        "vus": 1,
        "duration": "1s",
        "gracefulStop": "0s",
    }
    with pytest.raises(RunStuckError) as caught:
        run_test(
            lambda: goes_on.wait(),
            options={
                "scenarios": {"a": scenario},
                "callbackTimeout": "100ms",
                "closeTimeout": "100ms",
            },
        )
    assert f"still running, at {__file__}:" in str(caught.value)
    goes_on.set()
    for thread in threading.enumerate():
        if thread.name == "gharial-run":
            thread.join(LIMIT_S)


def test_a_test_that_measured_nothing_has_not_passed():
    def default():
        WebSocket("ws://127.0.0.1:1/")

    asked = {"vus": 1, "iterations": 1, "thresholds": {"checks": ["rate>0.9"]}}
    result = run_test(default, options=asked)
    assert (result.passed, result.exit_code) == (False, 99)
    assert str(result.thresholds[0]) == "checks: rate>0.9 had no values to judge"
    lenient = run_test(default, options={**asked, "no_data_thresholds": "pass"})
    assert lenient.passed
