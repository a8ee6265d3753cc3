import io
import re
from collections.abc import Callable

from gharial.report.status import Phase, RunPlan, RunStatus, ScenarioState
from gharial.views.terminal.progress import MOST_LINES_WAITING, ProgressView

StatusOf = Callable[..., RunStatus]


def _view(stream: io.StringIO, *, color: bool = False) -> ProgressView:
    # So slow a refresh that all is painted at the end, in one go.
    return ProgressView(stream, color=color, width=120, refresh_s=60)


def _without_codes(text: str) -> str:
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", text)


def test_the_last_frame_stays_below_the_header_and_the_log(
    plan: RunPlan, status_of: StatusOf
) -> None:
    stream = io.StringIO()
    view = _view(stream)
    view.start(plan)
    view.update(status_of())
    view.write_above("a line of the log\n")
    view.stop(status_of(phase=Phase.DONE))
    shown = _without_codes(stream.getvalue())
    assert shown.index("scenarios:") < shown.index("a line of the log")
    last = shown[shown.rindex("done (0m05.0s)") :]
    assert "32 open sockets, messages 500 out 2,000 in, 0 errors" in last
    assert re.search(r"chat ━+.* 50%  8/10 VUs 0m05.0s/10s 3/20 iters", last)


def test_the_cursor_is_never_left_hidden(plan: RunPlan, status_of: StatusOf) -> None:
    stream = io.StringIO()
    view = _view(stream)
    view.start(plan)
    view.stop(status_of())
    text = stream.getvalue()
    assert text.rindex("\x1b[?25h") > text.rfind("\x1b[?25l")


def test_without_colours_there_are_none(plan: RunPlan, status_of: StatusOf) -> None:
    for color in (False, True):
        stream = io.StringIO()
        view = _view(stream, color=color)
        view.start(plan)
        view.stop(status_of(errors=3))
        assert bool(re.search(r"\x1b\[[0-9;]*3[0-9]", stream.getvalue())) is color


def test_lines_are_written_directly_when_there_are_no_bars(
    plan: RunPlan, status_of: StatusOf
) -> None:
    stream = io.StringIO()
    view = _view(stream)
    view.write_above("before\n")
    assert stream.getvalue() == "before\n"
    view.start(plan)
    view.stop(status_of())
    view.write_above("after\n")
    assert stream.getvalue().endswith("after\n")


def test_a_terminal_that_is_too_slow_costs_lines_and_says_so(
    plan: RunPlan, status_of: StatusOf
) -> None:
    stream = io.StringIO()
    view = _view(stream)
    view.start(plan)
    for number in range(MOST_LINES_WAITING + 4):
        view.write_above(f"line {number}\n")
    view.stop(status_of())
    # The header is one of those that wait.
    assert "(5 lines left out: the terminal is too slow)" in stream.getvalue()
    assert f"line {MOST_LINES_WAITING - 2}\n" in stream.getvalue()


def test_a_scenario_shows_its_state(
    plan: RunPlan, status_of: StatusOf, scenario_of: Callable[..., object]
) -> None:
    stream = io.StringIO()
    view = _view(stream)
    view.start(plan)
    states = [
        ScenarioState.WAITING,
        ScenarioState.STOPPING,
        ScenarioState.DONE,
        ScenarioState.INTERRUPTED,
    ]
    view.stop(
        status_of(
            scenarios=tuple(
                scenario_of(name=f"s-{state}", state=state) for state in states
            )
        )
    )
    shown = _without_codes(stream.getvalue())
    for mark, state in zip("•↓✓✗", states, strict=True):
        assert re.search(rf"{mark} s-{state} ", shown)


def test_ending_again_changes_nothing(plan: RunPlan, status_of: StatusOf) -> None:
    stream = io.StringIO()
    view = _view(stream)
    view.start(plan)
    view.stop(status_of())
    before = stream.getvalue()
    view.end()
    view.stop(status_of())
    assert stream.getvalue() == before


def test_a_terminal_that_has_gone_does_not_end_a_run(
    plan: RunPlan, status_of: StatusOf
) -> None:
    class Gone(io.StringIO):
        def write(self, text: str) -> int:
            raise OSError(5, "Input/output error")

    view = _view(Gone())
    view.write_above("before\n")
    view.start(plan)
    view.stop(status_of())
    view.write_above("after\n")


def test_a_stopping_run_says_how_to_force_it(
    plan: RunPlan, status_of: StatusOf
) -> None:
    stream = io.StringIO()
    view = _view(stream)
    view.start(plan)
    view.stop(status_of(phase=Phase.STOPPING, crossed=("ws_errors count<5",)))
    shown = _without_codes(stream.getvalue())
    assert "stopping: press Ctrl+C again to force" in shown
    assert "✗ crossed: ws_errors count<5" in shown
