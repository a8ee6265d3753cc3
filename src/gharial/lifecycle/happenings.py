"""What failed in a run, masked and dated for its report; and since when."""

import math
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import Final

from gharial.lifecycle.run_result import RunResult
from gharial.metrics.batch import Batch
from gharial.metrics.exceptions import ThrownGroup
from gharial.metrics.failures import GROUPS_MAXIMUM, FailedGroup
from gharial.metrics.thresholds.evaluate import Verdict
from gharial.report.masking import masked, masked_url, without_known
from gharial.report.moments import BREACH, Moments
from gharial.report.run_report import ExceptionSummary, FailureSummary

BODY_SHOWN: Final = 200


class SecondsListener:
    """Passes each second of a run on."""

    def __init__(self, on_second: Callable[[Batch], None]) -> None:
        self._on_second = on_second

    def heard(self, batch: Batch) -> None:
        """Pass it on."""
        self._on_second(batch)

    def ended(self, result: RunResult) -> None:
        """Do nothing."""


class Crossings:
    """Since when thresholds have been crossed."""

    def __init__(self, moments: Moments) -> None:
        self._since_s: dict[tuple[str, str], float] = {}
        self._moments = moments

    @property
    def since_s(self) -> dict[tuple[str, str], float]:
        """Since when each has been crossed that is crossed now, by metric and text."""
        return dict(self._since_s)

    @property
    def now(self) -> tuple[str, ...]:
        """What was crossed when it was judged last: ``ws_errors count<5``."""
        return tuple(f"{metric} {text}" for metric, text in self._since_s)

    def see(self, verdicts: Iterable[Verdict], at_s: float) -> None:
        """Take what was judged now."""
        for each in verdicts:
            threshold = each.threshold
            key = (threshold.selector.text, threshold.expression.text)
            if each.has_passed:
                self._since_s.pop(key, None)
            elif each.has_values and key not in self._since_s:
                self._since_s[key] = at_s
                self._moments.note(at_s, BREACH, f"{key[0]}: '{key[1]}' is crossed")


def exception_summaries(
    groups: Iterable[ThrownGroup], began_at_epoch_s: float, secrets: Sequence[str]
) -> tuple[ExceptionSummary, ...]:
    """
    Return what ended iterations, fit to be shown.

    Args:
        groups: What was thrown.
        began_at_epoch_s: When the run began.
        secrets: What must not be shown.

    """
    return tuple(
        ExceptionSummary(
            without_known(group.message, secrets),
            group.place,
            group.count,
            _since(group.first_at_epoch_s, began_at_epoch_s),
            _since(group.last_at_epoch_s, began_at_epoch_s),
            group.scenario,
            without_known(group.stack, secrets),
        )
        for group in groups
    )


def failure_summaries(
    groups: Iterable[FailedGroup], began_at_epoch_s: float, secrets: Sequence[str]
) -> tuple[FailureSummary, ...]:
    """
    Return what failed, fit to be shown.

    Args:
        groups: What failed.
        began_at_epoch_s: When the run began.
        secrets: What must not be shown.

    """
    return tuple(
        FailureSummary(
            group.example.what,
            group.example.reason,
            group.example.status,
            without_known(masked_url(group.example.name), secrets),
            group.example.scenario,
            group.count,
            _since(group.first_at_epoch_s, began_at_epoch_s),
            _since(group.last_at_epoch_s, began_at_epoch_s),
            without_known(masked_url(group.example.url), secrets),
            without_known(group.example.text, secrets),
            _shown(group.example.body, tuple(secrets)),
        )
        for group in groups
    )


def _since(at_epoch_s: float, began_at_epoch_s: float) -> float:
    since_s = at_epoch_s - began_at_epoch_s
    return max(0.0, since_s) if math.isfinite(since_s) else 0.0


# An example stays, and a dashboard asks for it each second.
@lru_cache(maxsize=GROUPS_MAXIMUM)
def _shown(body: bytes, secrets: tuple[str, ...]) -> str:
    return masked(_decoded(body), secrets)[:BODY_SHOWN]


def _decoded(body: bytes) -> str:
    text = body.decode("utf-8", "replace")
    return "".join(
        each if each.isprintable() or each in "\n\t" else "·" for each in text
    )
