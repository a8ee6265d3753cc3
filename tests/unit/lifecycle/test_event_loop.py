import asyncio
import logging
import ssl
from typing import Any

import pytest

from gharial.lifecycle.event_loop import KINDS_MAXIMUM, LoopErrors, new_event_loop


class OddError(Exception):
    def __repr__(self) -> str:
        raise AttributeError("made by compiled code")


def lines(caplog: pytest.LogCaptureFixture, level: int = logging.INFO) -> list[str]:
    return [each.getMessage() for each in caplog.records if each.levelno >= level]


def report(errors: LoopErrors, times: int = 1, **context: Any) -> None:
    loop: Any = None
    for _ in range(times):
        errors(loop, context)


@pytest.mark.parametrize(
    "error", [ssl.SSLError(1, "x"), ConnectionResetError(), ConnectionResetError]
)
def test_a_connection_that_broke_is_told_to_its_protocol_alone(
    caplog: pytest.LogCaptureFixture, error: object
) -> None:
    caplog.set_level(logging.DEBUG)
    report(LoopErrors(), message="SSL handshake failed", exception=error, transport=1)
    assert lines(caplog) == []
    assert lines(caplog, logging.DEBUG)[0].startswith("SSL handshake failed: ")


def test_an_error_is_one_line_and_a_flood_of_it_a_few(
    caplog: pytest.LogCaptureFixture,
) -> None:
    error = ValueError("no")
    report(
        LoopErrors(), 250, message="Fatal\nprotocol: x", exception=error, transport=1
    )
    line = "Fatal: ValueError('no')"
    assert lines(caplog) == [line, f"{line} (10 times)", f"{line} (100 times)"]


def test_errors_of_many_kinds_do_not_fill_the_memory(
    caplog: pytest.LogCaptureFixture,
) -> None:
    errors = LoopErrors()
    for number in range(KINDS_MAXIMUM + 5):
        report(errors, message=f"kind {number}")
    assert len(lines(caplog)) == KINDS_MAXIMUM + 1
    assert lines(caplog)[-1] == "further errors in the event loop"


def test_an_error_that_cannot_be_shown_is_named(
    caplog: pytest.LogCaptureFixture,
) -> None:
    report(LoopErrors(), message="odd", exception=OddError())
    report(LoopErrors())
    assert lines(caplog) == ["odd: OddError", "an error in the event loop"]


def test_every_loop_of_a_run_has_it(caplog: pytest.LogCaptureFixture) -> None:
    async def forget() -> None:
        def fail() -> None:
            raise ValueError("in a callback")

        asyncio.get_running_loop().call_soon(fail)
        await asyncio.sleep(0)

    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        runner.run(forget())
    assert len(lines(caplog)) == 1
    assert lines(caplog)[0].endswith("ValueError('in a callback')")
