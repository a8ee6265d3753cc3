import pytest

from gharial.websocket.extensions import agreed_deflate
from gharial.websocket.model import DeflateParameters


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
    assert agreed_deflate(header, offered=True) == agreed


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
        agreed_deflate(header, offered=True)


def test_what_was_not_offered_is_refused() -> None:
    with pytest.raises(ValueError, match="not offered"):
        agreed_deflate("permessage-deflate", offered=False)
