"""The plugin for pytest, in runs of pytest as a process of its own."""

import subprocess
import sys
from textwrap import dedent

import pytest
from safety_net import LIMIT_S

pytest_plugins = ["pytester"]
pytestmark = pytest.mark.slow

ECHO = """
from gharial import WebSocket, check


def echo(url):
    async def default():
        async with WebSocket(url) as socket:
            socket.send("hello")
            check(await socket.receive(), {"is an echo": lambda it: it == "hello"})
    return default
"""
# As in this repository: nothing may be left behind, not even a warning.
STRICT = (
    "-W",
    "error",
    "--strict-markers",
    "--strict-config",
    "-p",
    "no:cacheprovider",
)


def run_pytest(pytester: pytest.Pytester, source: str) -> pytest.RunResult:
    pytester.makepyfile(ECHO + dedent(source))
    return pytester.runpytest_subprocess(*STRICT, timeout=LIMIT_S)


def test_a_test_runs_a_function_and_asserts_on_the_result(
    pytester: pytest.Pytester,
) -> None:
    result = run_pytest(
        pytester,
        """
        def test_it(gharial_run, echo_server):
            result = gharial_run(echo(echo_server), options={"vus": 2, "iterations": 4})
            assert result.passed
            assert result.metrics["ws_connecting"].count == 4
            assert result.checks["is an echo"].rate == 1
        """,
    )
    result.assert_outcomes(passed=1)
    result.stdout.no_fnmatch_line("*Gharial run*")


def test_paths_are_relative_to_the_tests_file(pytester: pytest.Pytester) -> None:
    folder = pytester.mkdir("tests")
    (folder / "load.js").write_text("export default () => console.log('here');")
    (folder / "test_load.py").write_text(
        dedent(
            """
            from pathlib import Path

            def test_it(gharial_run):
                assert "here" in gharial_run("load.js").log
                assert "here" in gharial_run(Path("load.js")).log
            """
        )
    )
    pytester.runpytest_subprocess(*STRICT, timeout=LIMIT_S).assert_outcomes(passed=1)


def test_a_failure_shows_the_summaries_of_its_own_runs(
    pytester: pytest.Pytester,
) -> None:
    result = run_pytest(
        pytester,
        """
        def test_passes(gharial_run):
            gharial_run(lambda: None, options={"iterations": 111})

        def test_fails(gharial_run, echo_server):
            gharial_run(echo(echo_server), options={"iterations": 22})
            result = gharial_run(lambda: 1 / 0, options={"iterations": 3})
            assert not result.exceptions

        def test_fails_once(gharial_run):
            assert not gharial_run(lambda: None).passed
        """,
    )
    result.assert_outcomes(passed=1, failed=2)
    result.stdout.fnmatch_lines(
        [
            "*- Gharial run 1 of 2 -*",
            "*✓ is an echo",
            "*iterations*: 22 *",
            "*- Gharial run 2 of 2 -*",
            "*iterations*: 3 *",
            "log:",
            "  ZeroDivisionError: division by zero",
            "*- Gharial run -*",
            "*iterations*: 1 *",
        ]
    )
    result.stdout.no_fnmatch_line("*iterations*: 111 *")


def test_an_assertion_shows_the_numbers(pytester: pytest.Pytester) -> None:
    result = run_pytest(
        pytester,
        """
        def test_metric(gharial_run, echo_server):
            result = gharial_run(echo(echo_server))
            assert result.metrics["ws_connecting"].p(95) < 0

        def test_passed(gharial_run):
            result = gharial_run(
                lambda: None, options={"thresholds": {"iterations": ["count>5"]}}
            )
            assert result.passed
        """,
    )
    result.assert_outcomes(failed=2)
    result.stdout.fnmatch_lines(
        [
            "E * where p = <ws_connecting: trend, 1 values, avg *ms, min *>.p",
            "E * where False = <TestResult: failed, exit code 99, 1 iterations in * s; "
            "iterations: count>5 failed (1)>.passed",
        ]
    )


def test_a_script_that_cannot_run_is_told_without_our_own_frames(
    pytester: pytest.Pytester,
) -> None:
    pytester.makefile(
        ".py", load="def default():\n    pass\n\nraise ValueError('no')\n"
    )
    result = run_pytest(
        pytester,
        """
        def test_it(gharial_run):
            gharial_run("load.py")
        """,
    )
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        ["E *ScriptError: ValueError: no", "E *at <module> (*load.py:4:1)"]
    )
    result.stdout.no_fnmatch_line("*run_thread.py*")


def test_an_async_test_has_a_fixture_of_its_own(pytester: pytest.Pytester) -> None:
    result = run_pytest(
        pytester,
        """
        import asyncio
        from gharial.testing import EchoServer

        def test_it(gharial_run, gharial_run_async):
            async def test():
                async with EchoServer() as server:
                    result = await gharial_run_async(echo(server.url))
                    assert result.passed
                assert gharial_run(lambda: None).passed
                assert result.metrics["ws_msgs_received"].count == 99
            asyncio.run(test())
        """,
    )
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        ["*- Gharial run 1 of 2 -*", "*- Gharial run 2 of 2 -*"]
    )


def test_the_echo_server_leaves_nothing_behind(pytester: pytest.Pytester) -> None:
    result = run_pytest(
        pytester,
        """
        import socket
        import threading
        from urllib.parse import urlsplit

        urls = []
        left_open = []

        def test_one(echo_server):
            urls.append(urlsplit(echo_server))
            one = socket.create_connection((urls[0].hostname, urls[0].port))
            one.sendall(
                b"GET / HTTP/1.1\\r\\nHost: a\\r\\nUpgrade: websocket\\r\\n"
                b"Connection: Upgrade\\r\\nSec-WebSocket-Version: 13\\r\\n"
                b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\\r\\n\\r\\n"
            )
            assert one.recv(12) == b"HTTP/1.1 101"
            left_open.append(one)

        def test_two():
            assert threading.enumerate() == [threading.main_thread()]
            one = left_open[0]
            while one.recv(4096):
                pass
            one.close()
            with socket.socket() as other:
                assert other.connect_ex((urls[0].hostname, urls[0].port)) != 0
        """,
    )
    result.assert_outcomes(passed=2)


def test_pytest_starts_without_what_only_runs_need() -> None:
    program = """
        import sys
        import pytest
        before = set(sys.modules)
        import gharial.testing.plugin
        print(sorted(set(sys.modules) - before))
    """
    run = subprocess.run(
        [sys.executable, "-c", dedent(program)],
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        check=True,
    )
    assert run.stdout.strip() == str(
        ["gharial", "gharial.testing", "gharial.testing.plugin"]
    )
