import pytest

from gharial.websocket.extensions import (
    DeflateOffer,
    DeflateParameters,
    agreed_deflate,
    deflate_offer,
)


@pytest.mark.parametrize(
    ("header", "agreed"),
    [
        ("", None),
        ("permessage-deflate", DeflateParameters()),
        (
            "permessage-deflate; server_no_context_takeover; client_no_context_takeover",
            DeflateParameters(True, True),
        ),
        (
            'permessage-deflate ; server_max_window_bits = "9";client_max_window_bits=10',
            DeflateParameters(server_max_window_bits=9, client_max_window_bits=10),
        ),
    ],
)
def test_a_legal_answer_is_agreed_on(
    header: str, agreed: DeflateParameters | None
) -> None:
    assert agreed_deflate(header, offered=DeflateOffer()) == agreed


@pytest.mark.parametrize(
    "header",
    [
        "permessage-bzip2",
        "permessage-deflate, permessage-deflate",
        "permessage-deflate; unknown",
        "permessage-deflate; server_no_context_takeover=1",
        "permessage-deflate; server_max_window_bits",
        "permessage-deflate; server_max_window_bits=7",
        "permessage-deflate; server_max_window_bits=16",
        "permessage-deflate; client_max_window_bits=08",
        "permessage-deflate; client_max_window_bits=9; client_max_window_bits=9",
    ],
)
def test_an_illegal_answer_is_refused(header: str) -> None:
    with pytest.raises(ValueError, match=r"compression|not offered"):
        agreed_deflate(header, offered=DeflateOffer())


def test_what_was_not_offered_is_refused() -> None:
    with pytest.raises(ValueError, match="not offered"):
        agreed_deflate("permessage-deflate", offered=None)


@pytest.mark.parametrize(
    ("offer", "header"),
    [
        (DeflateOffer(), "permessage-deflate; client_max_window_bits"),
        (
            DeflateOffer(window_bits=10),
            "permessage-deflate; server_max_window_bits=10; client_max_window_bits=10",
        ),
        (
            DeflateOffer(window_bits=14),
            "permessage-deflate; server_max_window_bits=14; client_max_window_bits=14",
        ),
        (
            DeflateOffer(context_takeover=False),
            "permessage-deflate; server_no_context_takeover; "
            "client_no_context_takeover; client_max_window_bits",
        ),
    ],
)
def test_an_offer_says_what_is_wanted(offer, header):
    assert deflate_offer(offer) == header


@pytest.mark.parametrize(
    ("offer", "answer", "told"),
    [
        (
            DeflateOffer(context_takeover=False),
            "permessage-deflate",
            "server_no_context_takeover was left out",
        ),
        (
            DeflateOffer(window_bits=10),
            "permessage-deflate",
            "server_max_window_bits must be at most 10",
        ),
        (
            DeflateOffer(window_bits=14),
            "permessage-deflate; server_max_window_bits=15",
            "server_max_window_bits must be at most 14",
        ),
        (
            DeflateOffer(window_bits=10),
            "permessage-deflate; server_max_window_bits=11",
            "server_max_window_bits must be at most 10",
        ),
    ],
)
def test_an_answer_may_not_take_back_what_was_asked_for(offer, answer, told):
    with pytest.raises(ValueError, match=told):
        agreed_deflate(answer, offered=offer)


def test_what_we_offered_to_do_binds_us():
    offer = DeflateOffer(level=9, window_bits=10, context_takeover=False)
    agreed = agreed_deflate(
        "permessage-deflate; server_no_context_takeover; server_max_window_bits=9",
        offered=offer,
    )
    assert agreed == DeflateParameters(True, True, 9, 10, 9)


def test_the_largest_window_is_offered_unless_it_is_said() -> None:
    assert DeflateOffer() == DeflateOffer(level=1, window_bits=15)
