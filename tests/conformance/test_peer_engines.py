"""
RFC 6455, RFC 7692 and the WHATWG's interface against peers that others wrote.

All cases of a peer are played in one run for each language, many connections at a time;
each test looks at what one of them came to.
"""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from itertools import product
from pathlib import Path
from typing import Any
from unittest.mock import ANY

import pytest
from peer_cases import PEERS, all_cases, echo
from peer_engines import WebsocketsEngine, WsprotoEngine
from peer_scripts import Case, Played, play
from peer_servers import Seen, aiohttp_peer, engine_peer, node_peer
from peers import node_modules

from gharial.servers.certificates import Certificates

Play = Callable[[str, str, list[Case]], Played]
CASES = {peer: {case.name: case for case in all_cases(peer)} for peer in PEERS}
BITS = range(9, 16)


@pytest.fixture(scope="module")
def play_cases(
    tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Play:
    """Return what plays cases against a peer, in a run of their own."""
    certificates = Certificates()

    def server(peer: str, seen: Seen) -> AbstractAsyncContextManager[str]:
        if peer == "websockets":
            return engine_peer(WebsocketsEngine, seen, certificates)
        if peer == "wsproto":
            return engine_peer(WsprotoEngine, seen, certificates)
        if peer == "aiohttp":
            return aiohttp_peer(seen, certificates)
        return node_peer(request.getfixturevalue("node_folder"), seen, certificates)

    def run(peer: str, language: str, cases: list[Case]) -> Played:
        seen: Seen = {}
        folder = tmp_path_factory.mktemp("peers")
        return play(folder, language, cases, server(peer, seen), seen, certificates)

    return run


@pytest.fixture(scope="module")
def node_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where npm's ws is installed."""
    return node_modules(tmp_path_factory.mktemp("node"))


@pytest.fixture(scope="module")
def play_all(play_cases: Play) -> Callable[[str, str], Played]:
    """Return what all cases of a peer came to, played once for each language."""
    known: dict[tuple[str, str], Played | str] = {}

    def played(peer: str, language: str) -> Played:
        if (peer, language) not in known:
            cases = list(CASES[peer].values())
            try:
                known[peer, language] = play_cases(peer, language, cases)
            except Exception as error:
                # Not to be tried again for each of the cases.
                known[peer, language] = repr(error)
                raise
        result = known[peer, language]
        if isinstance(result, str):
            pytest.fail(result, pytrace=False)
        return result

    return played


@pytest.mark.parametrize(
    ("peer", "name"),
    [
        pytest.param(peer, name, id=f"{peer}-{name}")
        for peer in PEERS
        for name in CASES[peer]
    ],
)
def test_case(
    play_all: Callable[[str, str], Played], language: str, peer: str, name: str
) -> None:
    played, case = play_all(peer, language), CASES[peer][name]
    assert name in played.heard, "the socket was never closed"
    assert played.heard[name] == case.hears
    if case.sees is not None:
        assert played.seen[name][1:] == case.sees


@pytest.mark.parametrize("peer", PEERS)
class TestHeaders:
    def test_6455_4_1_headers_of_ones_own(self, play_all, language, peer):
        headers = play_all(peer, language).headers("6455 4.1 headers of one's own")
        assert headers["x-test"] == "one, two"
        assert headers["origin"] == "https://shop.test"
        assert headers["cookie"] == "a=1; b=2"
        assert headers["authorization"] == "Bearer abc"

    def test_6455_4_1_headers_that_nobody_asked_for(self, play_all, language, peer):
        headers = play_all(peer, language).headers("6455 4.1 no headers of one's own")
        assert headers["host"].startswith("127.0.0.1:")
        assert headers["user-agent"].startswith("Gharial")
        assert "origin" not in headers
        assert "sec-websocket-protocol" not in headers
        assert "sec-websocket-extensions" not in headers

    def test_6455_4_1_subprotocols_in_their_order(self, play_all, language, peer):
        case = "6455 4.1 the peer chooses the first of the subprotocols"
        headers = play_all(peer, language).headers(case)
        assert headers["sec-websocket-protocol"] == "a, b"

    def test_6265_5_4_a_cookie_comes_back(self, play_all, language, peer):
        case = "6265 5.4 the cookie goes back to the peer"
        assert play_all(peer, language).headers(case)["cookie"] == "session=abc"


# Repeats itself beyond any window, so that contexts and windows matter.
MESSAGES = [
    ["text", "repeat ", 3_000],
    ["text", "", 0],
    ["text", "é", 500],
    ["text", "repeat ", 3_000],
    ["binary", 7, 40_000],
]


def agreed(played: Played, case: str) -> dict[str, str]:
    """Return the parameters of a connection's permessage-deflate."""
    opened, *_, closed = played.heard[case]
    assert closed == ["close", 1000, "", True]
    name, *parameters = opened[2].split("; ")
    assert name == "permessage-deflate"
    return {
        key: value for key, _, value in (each.partition("=") for each in parameters)
    }


def compressed(name: str, compression: Any, deflate: dict[str, Any]) -> Case:
    params = {"compression": compression}
    return echo(name, MESSAGES, peer={"deflate": deflate}, params=params)


@pytest.mark.parametrize("peer", ["websockets", "wsproto", "ws"])
def test_7692_7_1_what_a_peer_asks_for(
    play_cases: Play, language: str, peer: str
) -> None:
    """aiohttp asks for nothing."""
    asked = {}
    for no_server, no_client, server, client in product(
        (False, True), (False, True), BITS, BITS
    ):
        asked[f"{no_server} {no_client} {server} {client}"] = {
            "serverNoContextTakeover": no_server,
            "clientNoContextTakeover": no_client,
            "serverMaxWindowBits": server,
            "clientMaxWindowBits": client,
        }
    cases = [compressed(name, "deflate", given) for name, given in asked.items()]
    played = play_cases(peer, language, cases)
    for case in cases:
        assert played.heard[case.name] == case.hears, case.name
        given, said = asked[case.name], agreed(played, case.name)
        assert ("server_no_context_takeover" in said) == given[
            "serverNoContextTakeover"
        ]
        assert ("client_no_context_takeover" in said) == given[
            "clientNoContextTakeover"
        ]
        assert int(said["client_max_window_bits"]) == given["clientMaxWindowBits"]
        # wsproto keeps to a window of its own choice without a word.
        if peer != "wsproto":
            assert int(said["server_max_window_bits"]) == given["serverMaxWindowBits"]


@pytest.mark.parametrize("peer", PEERS)
def test_7692_7_1_what_we_ask_for(play_cases: Play, language: str, peer: str) -> None:
    wanted = {
        f"{level} {bits} {takeover}": {
            "level": level,
            "windowBits": bits,
            "contextTakeover": takeover,
        }
        for level, bits, takeover in product((0, 1, 9), BITS, (True, False))
    }
    cases = [compressed(name, given, {}) for name, given in wanted.items()]
    played = play_cases(peer, language, cases)
    for case in cases:
        assert played.heard[case.name] == case.hears, case.name
        given, said = wanted[case.name], agreed(played, case.name)
        assert ("server_no_context_takeover" in said) != given["contextTakeover"]
        assert int(said.get("server_max_window_bits", 15)) == given["windowBits"]


@pytest.mark.parametrize("peer", PEERS)
def test_7692_5_1_a_peer_that_does_not_compress(
    play_cases: Play, language: str, peer: str
) -> None:
    case = echo("plain", MESSAGES, params={"compression": "deflate"})
    [opened, *rest] = play_cases(peer, language, [case]).heard["plain"]
    assert opened == ["open", "", ""]
    assert rest == case.hears[1:]


@pytest.mark.slow
@pytest.mark.parametrize("peer", PEERS)
def test_6455_5_2_sixteen_mebibytes(play_cases: Play, language: str, peer: str) -> None:
    case = echo("large", [["binary", 7, 2**24], ["text", "x", 2**24]])
    assert play_cases(peer, language, [case]).heard["large"] == [
        ["open", "", ANY],
        ["echo"],
        ["echo"],
        ["close", 1000, "", True],
    ]
