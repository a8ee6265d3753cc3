from gharial.errors import ExitCode
from gharial.lifecycle.control import Control
from gharial.lifecycle.repeated_logs import RepeatedLogs


def test_the_first_reason_to_stop_wins():
    control = Control()
    control.stop(ExitCode.SIGNAL, "first")
    control.stop(ExitCode.SCRIPT_ABORTED, "second")
    assert control.exit_code is ExitCode.SIGNAL
    assert control.problems == ["first"]


def test_identical_exceptions_are_counted_instead_of_logged():
    texts, now = [], [0.0]
    logs = RepeatedLogs(lambda level, text, fields: texts.append(text), lambda: now[0])
    for _ in range(8):
        logs.log(40, "Error: no\n at x", {"source": "stacktrace"})
    assert texts == ["Error: no\n at x"] * 5
    now[0] = 1.0
    logs.log(40, "other", {"source": "stacktrace"})
    assert texts[5:] == ["Error: no (and 3 more like it)", "other"]


def test_the_console_is_never_limited():
    texts = []
    logs = RepeatedLogs(lambda level, text, fields: texts.append(text), lambda: 0.0)
    for _ in range(8):
        logs.log(20, "hello", {"source": "console"})
    assert len(texts) == 8
