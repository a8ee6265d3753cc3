from collections.abc import Callable

from gharial.report.status import Phase, RunPlan, RunStatus
from gharial.views.terminal.plain import PlainView

StatusOf = Callable[..., RunStatus]


def test_a_line_comes_every_few_seconds(plan: RunPlan, status_of: StatusOf) -> None:
    written: list[str] = []
    view = PlainView(written.append, interval_s=5)
    view.start(plan)
    for second in range(12):
        view.update(status_of(elapsed_s=float(second)))
    assert "scenarios: 1 scenario" in written[0]
    shown = [line.split(",")[0] for line in written[1:]]
    assert shown == ["running (0m00.0s)", "running (0m05.0s)", "running (0m10.0s)"]


def test_a_change_of_phase_is_told_at_once(status_of: StatusOf) -> None:
    written: list[str] = []
    view = PlainView(written.append)
    view.update(status_of(phase=Phase.INITIALISING, elapsed_s=0.0))
    view.update(status_of(elapsed_s=0.1))
    view.update(status_of(phase=Phase.STOPPING, elapsed_s=0.2))
    assert [line.split()[0] for line in written] == ["running", "stopping"]


def test_a_pause_is_told_at_once(status_of: StatusOf) -> None:
    written: list[str] = []
    view = PlainView(written.append)
    waiting = status_of(phase=Phase.INITIALISING, elapsed_s=0.0, is_paused=True)
    for _ in range(3):
        view.update(waiting)
    for second, is_paused in enumerate((False, True, True, False)):
        view.update(status_of(elapsed_s=second / 10, is_paused=is_paused))
    starts = [" ".join(line.split()[:3]) for line in written]
    assert starts == [
        "paused before the",
        "running (0m00.0s), 8/10",
        "paused (0m00.1s), 8/10",
        "running (0m00.3s), 8/10",
    ]


def test_the_end_is_told_once(status_of: StatusOf) -> None:
    written: list[str] = []
    view = PlainView(written.append)
    view.update(status_of(phase=Phase.DONE))
    view.stop(status_of(phase=Phase.DONE))
    assert written == [
        "done (0m05.0s), 8/10 VUs, 3 complete and 1 interrupted iterations; "
        "32 open sockets, messages 500 out 2,000 in, 0 errors\n"
    ]
