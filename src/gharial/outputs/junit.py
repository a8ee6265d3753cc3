"""
``--out junit=FILE``: thresholds and checks as test cases, for CI systems to show.

The file is written with ``junitparser``, when the run ends. It has three suites: the run
itself, with one case that is an error if the run broke off; thresholds, of which
one without values is skipped unless it fails the run; and checks, of which one is a failure
if it failed once.
"""

from collections.abc import Iterable, Mapping
from typing import Final

from junitparser import Error, Failure, JUnitXml, Skipped, TestCase, TestSuite

from gharial.lazy_pattern import lazy_pattern
from gharial.metrics.batch import Batch
from gharial.outputs.arguments import parse_settings
from gharial.outputs.base import Output, OutputError, RunEnd, RunFacts
from gharial.outputs.end_file import check_writable
from gharial.outputs.ending import (
    all_checks,
    all_judged,
    group_of,
    sentence_of,
    troubles,
)

SETTINGS: Final = ("fileName",)
# XML has no way to write these.
_UNWRITABLE = lazy_pattern("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def make(argument: str, environment: Mapping[str, str]) -> Output:
    """
    Return what writes a file in JUnit's format.

    Args:
        argument: The file.
        environment: Not used.

    Raises:
        OutputError: If no file is named.

    """
    path = parse_settings("junit", argument, SETTINGS, main="fileName").get("fileName")
    if not path:
        raise OutputError("--out junit: name a file: --out junit=results.xml")
    return JunitOutput(path)


class JunitOutput:
    """
    Writes a file when the run ends.

    Attributes:
        wants_samples: No.

    """

    wants_samples = False

    def __init__(self, path: str) -> None:
        """Take a file's path."""
        self._path = path

    def start(self, run: RunFacts) -> None:
        """
        See whether the file can be written.

        Raises:
            OutputError: If not.

        """
        check_writable("junit", self._path)
        self._script = run.script

    def write(self, batch: Batch) -> None:
        """Do nothing: the end has it all."""

    def stop(self, end: RunEnd) -> None:
        """Write the file."""
        xml = JUnitXml("gharial")
        suites = (
            _suite("run", [_run_case(self._script, end)]),
            _suite("thresholds", _threshold_cases(end)),
            _suite("checks", _check_cases(end)),
        )
        for suite in suites:
            if len(suite):
                xml.add_testsuite(suite)
        xml.update_statistics()  # type: ignore[no-untyped-call]
        xml.write(self._path, pretty=True)


def _suite(name: str, cases: Iterable[TestCase]) -> TestSuite:
    suite = TestSuite(f"gharial {name}")
    suite.add_testcases(list(cases))
    return suite


def _run_case(script: str, end: RunEnd) -> TestCase:
    case = TestCase(_writable(script), "run", end.report.duration_s)
    problems = troubles(end)
    if problems:
        error = Error(_writable(problems[0]), f"exit code {end.exit_code}")
        error.text = _writable("\n".join(problems))
        case.result = [error]
    return case


def _threshold_cases(end: RunEnd) -> Iterable[TestCase]:
    for judged in all_judged(end.report):
        name = f"{judged.metric}: {judged.expression}"
        case = TestCase(_writable(name), "thresholds")
        if judged.has_passed and not judged.has_values:
            case.result = [Skipped(_writable(judged.sentence), "threshold")]
        elif not judged.has_passed:
            case.result = [Failure(_writable(judged.sentence), "threshold")]
        yield case


def _check_cases(end: RunEnd) -> Iterable[TestCase]:
    for check in all_checks(end.report):
        group = group_of(check)
        place = f"checks.{group.replace('::', '.')}" if group else "checks"
        case = TestCase(_writable(check.name), _writable(place))
        if check.fails:
            case.result = [Failure(_writable(sentence_of(check)), "check")]
        yield case


def _writable(text: str) -> str:
    return _UNWRITABLE.sub("\ufffd", text)
