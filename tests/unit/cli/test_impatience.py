import os
import signal

import pytest

from gharial.cli.impatience import leaving_at_once


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_leaves_at_once_and_says_why(
    number: signal.Signals, capsys: pytest.CaptureFixture[str]
) -> None:
    codes: list[int] = []
    before = signal.getsignal(number)
    with leaving_at_once(codes.append):
        os.kill(os.getpid(), number)
    assert codes == [105]
    assert capsys.readouterr().err == f"gharial: stopped by {number.name}\n"
    assert signal.getsignal(number) is before
