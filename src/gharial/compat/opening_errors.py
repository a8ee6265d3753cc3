"""The errors that Python's clients raise when a socket cannot be opened."""

import errno
import socket
import ssl

from gharial.compat import package
from gharial.net.failures import Failure, FailureReason

_OF_SYSTEM = {
    FailureReason.REFUSED: (ConnectionRefusedError, errno.ECONNREFUSED),
    FailureReason.RESET: (ConnectionResetError, errno.ECONNRESET),
    FailureReason.EOF: (ConnectionResetError, errno.ECONNRESET),
    FailureReason.UNREACHABLE: (OSError, errno.EHOSTUNREACH),
    FailureReason.BLOCKED: (PermissionError, errno.EACCES),
    FailureReason.DIAL: (OSError, errno.ECONNABORTED),
    FailureReason.PROXY: (OSError, errno.ECONNABORTED),
    FailureReason.CANCELLED: (ConnectionAbortedError, errno.ECONNABORTED),
}
_TIMEOUTS = (
    FailureReason.DIAL_TIMEOUT,
    FailureReason.HANDSHAKE_TIMEOUT,
)


def opening_error(failure: Failure) -> Exception:
    """Return the error that ``websockets`` would raise, with our words."""
    reason, message = failure.reason, failure.message
    errors = package.errors()
    if reason is FailureReason.HANDSHAKE_STATUS:
        error: Exception = errors.InvalidStatus(package.response(failure.response))
    elif reason in _OF_SYSTEM:
        kind, number = _OF_SYSTEM[reason]
        error = kind(number, message)
    elif reason in _TIMEOUTS:
        error = TimeoutError(message)
    elif reason is FailureReason.DNS:
        error = socket.gaierror(socket.EAI_NONAME, message)
    elif reason is FailureReason.CERTIFICATE:
        error = ssl.SSLCertVerificationError(1, message)
    elif reason is FailureReason.TLS:
        error = ssl.SSLError(1, message)
    else:
        error = errors.InvalidHandshake(message)
    return error
