"""The servers of the test kit, against a client that we did not write."""

import asyncio
import json
import ssl
from typing import Any

import pytest
from safety_net import LIMIT_S
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from gharial.errors import ExitCode
from gharial.servers.certificates import Certificates
from gharial.servers.chat import ChatServer
from gharial.servers.echo import EchoServer
from gharial.servers.listening import AddressInUseError


def in_loop(coroutine: Any) -> None:
    asyncio.run(asyncio.wait_for(coroutine, LIMIT_S))


async def say(client: ClientConnection, event: str, **fields: Any) -> None:
    await client.send(json.dumps({"event": event, **fields}))


async def hear(client: ClientConnection) -> dict[str, Any]:
    event: dict[str, Any] = json.loads(await client.recv())
    return event


@pytest.mark.parametrize("is_secure", [False, True])
def test_echo_server_echoes_texts_bytes_and_fragments(is_secure: bool) -> None:
    async def main() -> None:
        certificates = Certificates() if is_secure else None
        context = None
        if certificates is not None:
            context = ssl.create_default_context(cadata=certificates.ca_pem)
        async with (
            EchoServer(tls=certificates) as server,
            connect(server.url, ssl=context, subprotocols=["a", "b"]) as client,  # type: ignore[list-item]
        ):
            assert client.subprotocol == "a"
            for message in ("text", b"bytes", "", "x" * 200_000):
                await client.send(message)
                assert await client.recv() == message
            await client.send(["one ", "message"])
            assert await client.recv() == "one message"
            await (await client.ping(b"payload"))
            await client.close(3005, "why")
            assert (client.close_code, client.close_reason) == (3005, "why")
            assert server.connections == 1

    in_loop(main())


def test_echo_server_holds_little_for_a_client_that_does_not_read() -> None:
    async def main() -> None:
        async with (
            EchoServer() as server,
            connect(server.url, max_queue=1, compression=None) as client,
        ):

            async def send_for_ever() -> None:
                while True:
                    await client.send(b"x" * 1_000_000)

            # The server stops reading, so the sender has to wait.
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(send_for_ever(), 0.5)
            client.transport.abort()

    in_loop(main())


def test_a_room_hears_who_comes_speaks_and_goes() -> None:
    async def main() -> None:
        async with (
            ChatServer() as server,
            connect(server.url + "room") as ann,
            connect(server.url + "room/") as bob,
            connect(server.url + "other") as stranger,
        ):
            await say(ann, "SET_NAME", new_name="Ann")
            for client in (ann, bob):
                event = await hear(client)
                assert (event["event"], event["user"]) == ("USER_JOINED", "Ann")
            await say(ann, "SAY", message="hello")
            for client in (ann, bob):
                assert await hear(client) == {
                    "event": "CHAT_MSG",
                    "user": "Ann",
                    "message": "hello",
                }
            await say(ann, "LEAVE")
            for client in (ann, bob):
                assert (await hear(client))["event"] == "USER_LEFT"
            await say(ann, "SAY", message="still here?")
            assert (await hear(ann))["event"] == "ERROR"
            await say(ann, "SET_NAME", new_name="Ann")
            assert (await hear(bob))["event"] == "USER_JOINED"
            await ann.close()
            assert (await hear(bob))["event"] == "USER_LEFT"
            await say(stranger, "SET_NAME", new_name="Zoe")
            # The first event that the other room hears is its own.
            assert (await hear(stranger))["user"] == "Zoe"

    in_loop(main())


@pytest.mark.parametrize(
    ("message", "problem"),
    [
        pytest.param("{", "not JSON", id="broken"),
        pytest.param("[" * 60_000, "not JSON", id="deep"),
        pytest.param("[]", "unknown event", id="no object"),
        pytest.param('{"event": "SHOUT"}', "'SHOUT'", id="unknown"),
        pytest.param('{"event": "SAY", "message": "x"}', "set a name", id="no name"),
        pytest.param('{"event": "SET_NAME"}', "new_name", id="no new name"),
        pytest.param(b"x", "text", id="binary"),
    ],
)
def test_chat_server_says_what_is_wrong(message: str | bytes, problem: str) -> None:
    async def main() -> None:
        async with ChatServer() as server, connect(server.url) as client:
            await client.send(message)
            event = await hear(client)
            assert event["event"] == "ERROR"
            assert problem in event["message"]

    in_loop(main())


def test_a_client_that_does_not_read_is_dropped_and_the_others_stay() -> None:
    async def main() -> None:
        async with (
            ChatServer() as server,
            connect(server.url, compression=None) as slow,
            connect(server.url, compression=None) as fast,
        ):
            slow.transport.pause_reading()
            await say(fast, "SET_NAME", new_name="Fast")
            for _ in range(1_500):
                await hear(fast)
                await say(fast, "SAY", message="x" * 32_000)
            await hear(fast)
            slow.transport.resume_reading()
            with pytest.raises(ConnectionClosed):
                while True:
                    await slow.recv()

    in_loop(main())


@pytest.mark.parametrize("kind", [EchoServer, ChatServer])
def test_a_port_in_use_is_named(kind: Any) -> None:
    async def main() -> None:
        async with EchoServer() as server:
            with pytest.raises(AddressInUseError) as caught:
                async with kind(port=server.port):
                    pass
            assert f"127.0.0.1:{server.port}" in str(caught.value)
            assert "--port" in str(caught.value)
            assert caught.value.exit_code is ExitCode.INVALID_CONFIG

    in_loop(main())


def test_an_address_of_another_machine_is_refused() -> None:
    async def main() -> None:
        with pytest.raises(AddressInUseError, match="no such address"):
            async with EchoServer("192.0.2.1"):
                pass

    in_loop(main())
