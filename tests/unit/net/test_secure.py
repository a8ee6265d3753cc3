import asyncio
import ssl

import pytest
from virtual_time import VirtualLoop

from gharial.net.failures import FailureReason, PhaseError
from gharial.net.secure import tls_handshake

HINT = "; is it TLS?"


def failure_of(error: Exception | None) -> PhaseError:
    """Return what becomes of a handshake that raises this; one that hangs for None."""

    async def main() -> None:
        async with tls_handshake("a.test", 2.0, lambda: HINT) as later_s:
            assert later_s > 2.0
            if error is None:
                await asyncio.sleep(later_s)
            else:
                raise error

    with (
        asyncio.Runner(loop_factory=VirtualLoop) as runner,
        pytest.raises(PhaseError) as caught,
    ):
        runner.run(main())
    return caught.value


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (
            None,
            "tls: handshake with a.test: timeout, not finished after 2s; is it TLS?",
        ),
        (ConnectionResetError(), "connection closed by the server; is it TLS?"),
        (ValueError("no name"), "tls: handshake with a.test: no name"),
    ],
)
def test_a_handshake_that_fails_says_so(error: Exception | None, text: str) -> None:
    failure = failure_of(error)
    assert failure.reason is FailureReason.TLS
    assert text in str(failure)


def test_a_certificate_that_is_not_accepted_is_a_reason_of_its_own() -> None:
    failure = failure_of(ssl.SSLCertVerificationError("self-signed"))
    assert failure.reason is FailureReason.CERTIFICATE


def test_what_is_not_a_failure_of_tls_passes() -> None:
    async def main() -> None:
        async with tls_handshake("a.test", 2.0, lambda: HINT):
            raise KeyError

    with asyncio.Runner(loop_factory=VirtualLoop) as runner, pytest.raises(KeyError):
        runner.run(main())
