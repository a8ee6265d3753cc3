from gharial.lifecycle.log_tail import (
    EXAMPLES_MAXIMUM,
    LINES_MAXIMUM,
    LogTail,
)
from gharial.report.masking import REDACTED


def test_lines_are_passed_on_and_the_last_ones_kept():
    passed = []
    tail = LogTail(lambda *record: passed.append(record), now_epoch_s=lambda: 5.0)
    for number in range(LINES_MAXIMUM + 5):
        tail.log(20, f"line {number}", {"source": "console"})
    assert len(passed) == LINES_MAXIMUM + 5
    assert len(tail.lines) == LINES_MAXIMUM
    assert tail.lines[0].number == 6
    last = tail.lines[-1]
    assert (last.text, last.level, last.source) == ("line 204", 20, "console")
    assert last.at_epoch_s == 5.0


def test_secrets_are_not_kept():
    tail = LogTail(lambda *record: None, secrets=("hunter2",))
    tail.log(40, "the word is hunter2", {"reason": "refused"})
    assert tail.lines[0].text == f"the word is {REDACTED}"
    assert tail.examples == {"refused": [f"the word is {REDACTED}"]}


def test_a_few_different_examples_of_each_reason_are_kept():
    tail = LogTail(lambda *record: None)
    for number in range(10):
        tail.log(30, "same", {"reason": "timeout"})
        tail.log(30, f"no {number}", {"reason": "refused"})
    assert tail.examples["timeout"] == ["same"]
    assert tail.examples["refused"] == [f"no {n}" for n in range(EXAMPLES_MAXIMUM)]
