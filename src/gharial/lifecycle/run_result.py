"""The result of a run."""

from collections.abc import Mapping
from typing import Any

from gharial.errors import ExitCode
from gharial.lazy_dataclass import dataclass
from gharial.report.run_report import RunReport


@dataclass(frozen=True, slots=True)
class RunResult:
    """
    What came of a run.

    Attributes:
        report: What was measured.
        exit_code: What to tell the caller of the process.
        problems: Why the code is not 0, for the user.
        texts: What the script made of the summary, by target: ``stdout``, ``stderr`` or
            a file's path; None if it left that to us.
        setup_data: What ``setup`` returned, as the only member; empty if that is nothing.
        began_at_epoch_s: When the run's time begins, in seconds since the Unix epoch.

    """

    report: RunReport
    exit_code: ExitCode
    problems: tuple[str, ...]
    texts: Mapping[str, str | bytes] | None = None
    setup_data: tuple[Any, ...] = ()
    began_at_epoch_s: float = 0.0
