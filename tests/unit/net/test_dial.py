import errno
import socket

import pytest

from gharial.net.dial import dial_error
from gharial.net.dns import Address
from gharial.net.failures import FailureReason

ADDRESS = Address(socket.AF_INET6, ("::1", 80, 0, 0))


@pytest.mark.parametrize(
    ("number", "reason", "words"),
    [
        (errno.ECONNREFUSED, FailureReason.REFUSED, "connection refused"),
        (errno.ENETUNREACH, FailureReason.UNREACHABLE, "network is unreachable"),
        (errno.EHOSTUNREACH, FailureReason.UNREACHABLE, "no route to host"),
        (errno.ETIMEDOUT, FailureReason.DIAL_TIMEOUT, "connection timed out"),
        (errno.EMFILE, FailureReason.DIAL, "ulimit"),
        (errno.EADDRNOTAVAIL, FailureReason.DIAL, "local ports"),
        (errno.EPERM, FailureReason.DIAL, "Operation not permitted"),
    ],
)
def test_an_error_of_the_system_is_named(
    number: int, reason: FailureReason, words: str
) -> None:
    error = dial_error(ADDRESS, "connect", OSError(number, "x"))
    assert error.reason is reason
    assert str(error).startswith("dial tcp [::1]:80: connect: ")
    assert words in str(error)
