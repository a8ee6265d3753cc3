"""Hints at what servers do by themselves: only where what is known fits."""

import pytest

from gharial.virtual_user.known_servers import (
    MIB,
    SERVERS,
    too_big_hint,
    unanswered_ping_hint,
)


@pytest.mark.parametrize(
    ("server", "largest_bytes", "hint"),
    [
        (
            "Python/3.11 websockets/17.4",
            1.2 * MIB,
            " after messages of up to 1.2 MiB: this may be websockets' default limit of "
            "1 MiB",
        ),
        ("uvicorn", 0, ": this may be uvicorn's default limit of 16 MiB"),
        # It has another limit than the usual, then.
        ("uvicorn", 2 * MIB, ""),
        ("nginx", 1.2 * MIB, ""),
        (
            "",
            9000,
            " after messages of up to 9,000 bytes: this may be Tomcat's default limit of "
            "8 KiB",
        ),
        ("", 500, ""),
        ("", 0, ""),
    ],
)
def test_a_message_too_big_is_explained_where_facts_fit(
    server: str, largest_bytes: float, hint: str
) -> None:
    assert too_big_hint(server, largest_bytes) == hint


def test_several_servers_with_one_limit_are_all_named() -> None:
    hint = too_big_hint("", 1.2 * MIB)
    for name in ("websockets", "sanic", "NATS"):
        assert name in hint
    # It resets TCP instead.
    assert "daphne" not in hint


def test_pings_without_pong_are_explained() -> None:
    assert "sanic may stop reading" in unanswered_ping_hint("Sanic/25")
    assert unanswered_ping_hint("Python/3.11 aiohttp/3.14") == ""
    assert "uvicorn, sanic or websockets may" in unanswered_ping_hint("")


def test_each_name_is_there_once_and_each_header_leads_to_its_server() -> None:
    assert len({each.name for each in SERVERS}) == len(SERVERS)
    for each in SERVERS:
        if each.token and each.limit_bytes:
            assert each.name in too_big_hint(each.token, 0)
