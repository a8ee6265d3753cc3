import errno
import socket

import pytest

from gharial.errors import ExitCode
from gharial.servers.listening import (
    address_of,
    host_and_port,
    listening_error,
    listening_problem,
    url_of,
)


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("127.0.0.1:80", ("127.0.0.1", 80)),
        ("[::1]:0", ("::1", 0)),
        (":6565", ("", 6565)),
        ("a.test:65535", ("a.test", 65_535)),
    ],
)
def test_an_address_is_host_and_port(text: str, address: tuple[str, int]) -> None:
    assert host_and_port(text) == address


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            "a",
            "80",
            "a:",
            "a:x",
            "a:65536",
            "a:-1",
            "::1:80",
            "[::1]80",
            "[::1:80",
        ),
        *("http://a:80", "a:٨", "a:" + "9" * 5_000),
    ],
)
def test_what_is_not_an_address_is_none(text: str) -> None:
    assert host_and_port(text) is None


def test_an_address_of_ipv6_is_written_in_brackets() -> None:
    assert address_of("::1", 80) == "[::1]:80"
    assert address_of("127.0.0.1", 80) == "127.0.0.1:80"
    assert url_of("::1", 80, is_secure=True, path="/a") == "wss://[::1]:80/a"


@pytest.mark.parametrize(
    ("error", "problem"),
    [
        (OSError(errno.EADDRINUSE, "x"), "in use; stop the other program or choose"),
        (OSError(errno.EACCES, "x"), "below 1024"),
        (OSError(errno.EADDRNOTAVAIL, "x"), "no such address"),
        (OSError("could not bind on any address out of []"), "no such address"),
        (socket.gaierror(socket.EAI_NONAME, "Name not known"), "Name not known"),
        (OSError("no number"), "no number"),
    ],
)
def test_why_one_cannot_listen_is_said_in_words(error: OSError, problem: str) -> None:
    assert problem in listening_problem(error, "--flag")


def test_the_error_of_a_server_names_the_address_and_what_to_do() -> None:
    error = listening_error("::1", 80, OSError(errno.EADDRINUSE, "x"))
    assert str(error) == (
        "cannot listen on [::1]:80: the port is in use; stop the other program or choose "
        "another port with --port (0 takes a free one)"
    )
    assert error.exit_code is ExitCode.INVALID_CONFIG
