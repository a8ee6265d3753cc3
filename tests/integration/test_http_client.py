"""The options of connections, as HTTP keeps to them."""

import asyncio
import socket
import sys

import pytest
from default_settings import limits_with, network_with, tls_with
from safety_net import LIMIT_S
from web_server import WebServer, web_server

from gharial.http.client import HttpClient
from gharial.http.exchange import HttpExchange, HttpRequest
from gharial.net.cookies import CookieJar
from gharial.net.network import Network
from gharial.net.settings import NetworkSettings
from gharial.servers.certificates import Certificates
from gharial.timing import system_clock


def ask(
    path: str,
    settings: NetworkSettings | None = None,
    *,
    host: str = "127.0.0.1",
    tls: Certificates | None = None,
    local_address: str = "",
    owners: tuple[int, ...] = (1,),
    server: WebServer | None = None,
) -> list[HttpExchange]:
    """Make a request for each owner and return what was exchanged."""
    exchanges: list[HttpExchange] = []

    async def main() -> None:
        context = None if tls is None else tls.server_context()
        client = HttpClient(Network(settings or network_with()), system_clock())
        async with web_server(server or WebServer(), context) as url:
            request = HttpRequest(
                "GET",
                url.replace("127.0.0.1", host) + path,
                local_address=local_address,
            )
            for owner in owners:
                await client.perform(
                    request,
                    owner=owner,
                    cookies=CookieJar(),
                    on_exchange=exchanges.append,
                    warn=lambda text: None,
                )
            await client.close()

    asyncio.run(asyncio.wait_for(main(), LIMIT_S))
    return exchanges


def test_tls_trusts_an_authority_that_was_named() -> None:
    certificates = Certificates()
    settings = network_with(tls=tls_with(ca_certificates=(certificates.ca_pem,)))
    first, second = ask("/echo", settings, tls=certificates, owners=(1, 1))
    assert (first.status, second.status) == (200, 200)
    assert first.tls_version == second.tls_version == "tls1.3"
    assert first.tls_cipher.startswith("TLS_")
    assert first.timings.tls_s > 0
    assert second.timings.tls_s == 0


def test_tls_with_a_certificate_of_another_name_fails() -> None:
    certificates = Certificates()
    settings = network_with(
        tls=tls_with(ca_certificates=(certificates.ca_pem,)),
        hosts={"other.test": "127.0.0.1"},
    )
    (exchange,) = ask("/echo", settings, host="other.test", tls=certificates)
    assert exchange.error_code == 1311


def test_tls_with_settings_that_cannot_be_used_fails() -> None:
    settings = network_with(tls=tls_with(ca_certificates=("/not/there.pem",)))
    (exchange,) = ask("/echo", settings, tls=Certificates())
    assert exchange.failure is not None
    assert "/not/there.pem" in exchange.failure.detail


def test_the_hosts_map_counts() -> None:
    settings = network_with(hosts={"*.test": "127.0.0.1"})
    (exchange,) = ask("/echo", settings, host="a.test")
    assert exchange.status == 200
    assert exchange.remote_ip == "127.0.0.1"


def test_blocked_names_and_addresses_are_refused() -> None:
    (exchange,) = ask("/echo", network_with(block_hostnames=("*.test",)), host="a.test")
    assert exchange.error_code == 1111


@pytest.mark.skipif(
    sys.platform != "linux", reason="elsewhere 127.0.0.1 is the only loopback address"
)
def test_connections_begin_at_the_local_address() -> None:
    server = WebServer()
    ask("/echo", local_address="127.0.0.3", server=server)
    assert {peer[0] for peer in server.connections} == {"127.0.0.3"}


def test_virtual_users_share_no_connection() -> None:
    server = WebServer()
    ask("/echo", owners=(1, 2, 1, 2), server=server)
    assert len(server.connections) == 2


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_server_that_accepts_and_says_nothing_times_out(scheme: str) -> None:
    # Far from the limit of TLS, which a busy machine is late to notice.
    timeout_s = 0.1 if scheme == "http" else 10.0

    async def main() -> HttpExchange:
        with socket.create_server(("127.0.0.1", 0)) as listening:
            port = listening.getsockname()[1]
            client = HttpClient(
                Network(network_with(limits=limits_with(tls_timeout_s=0.02))),
                system_clock(),
            )
            exchange = await client.perform(
                HttpRequest(
                    "GET", f"{scheme}://127.0.0.1:{port}/", timeout_s=timeout_s
                ),
                owner=1,
                cookies=CookieJar(),
                on_exchange=lambda exchange: None,
                warn=lambda text: None,
            )
            await client.close()
            return exchange

    exchange = asyncio.run(asyncio.wait_for(main(), LIMIT_S))
    assert exchange.error_code == (1050 if scheme == "http" else 1300)
