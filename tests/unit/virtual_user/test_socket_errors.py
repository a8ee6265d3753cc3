import pytest

from gharial.net.failures import Failure, FailureReason, HandshakeResponse
from gharial.virtual_user.socket_errors import error_tags

BOTH = frozenset({"error", "error_code"})


@pytest.mark.parametrize("reason", list(FailureReason))
def test_every_reason_has_a_number_and_a_text(reason):
    tags = error_tags(Failure(reason, "x"), BOTH)
    assert set(tags) == BOTH
    if reason is not FailureReason.HANDSHAKE_STATUS:
        assert tags["error_code"] != "1000"


def test_a_status_is_part_of_both():
    response = HandshakeResponse(503, "no", ())
    failure = Failure(FailureReason.HANDSHAKE_STATUS, "x", response)
    assert error_tags(failure, BOTH) == {
        "error": "bad handshake: status 503",
        "error_code": "1503",
    }


def test_only_what_is_wanted_is_set():
    assert error_tags(Failure(FailureReason.DNS, "x"), frozenset()) == {}


@pytest.mark.parametrize(
    ("message", "code"),
    [("lookup a: no such host", "1101"), ("lookup a: i/o timeout", "1100")],
)
def test_a_name_that_is_not_there_is_told_from_a_lookup_that_failed(message, code):
    assert error_tags(Failure(FailureReason.DNS, message), BOTH)["error_code"] == code
