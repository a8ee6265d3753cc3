from collections.abc import Callable

import pytest

from gharial.report.status import RunPlan, RunStatus
from gharial.views.terminal.quiet import QuietView


def test_nothing_is_shown(
    plan: RunPlan,
    status_of: Callable[..., RunStatus],
    capfd: pytest.CaptureFixture[str],
) -> None:
    view = QuietView()
    view.start(plan)
    view.update(status_of())
    view.stop(status_of())
    assert capfd.readouterr() == ("", "")
