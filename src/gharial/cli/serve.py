"""``gharial serve``: a chat or echo server to try scripts against."""

import asyncio
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import click

from gharial.cli.command_group import CommandGroup
from gharial.errors import ConfigurationError
from gharial.process.interruption import Reaction, interruption

# Loaded by the commands that use them: `gharial run` would wait a quarter of a second.
if TYPE_CHECKING:
    from gharial.servers.certificates import Certificates

ECHO_PORT = 9001
CHAT_PORT = 9002
HOSTILE_PORT = 9003

_Command = TypeVar("_Command", bound=Callable[..., Any])


class Server(Protocol):
    """What the servers of the test kit have in common."""

    @property
    def url(self) -> str:
        """Where to connect to."""
        ...

    async def __aenter__(self) -> Any:
        """Listen."""
        ...

    async def __aexit__(self, *error: object) -> None:
        """Close all connections and listen no more."""
        ...


@click.group(cls=CommandGroup)
def serve() -> None:
    """Start a server to try scripts against; Ctrl+C ends it."""


def _server_options(port: int) -> Callable[[_Command], _Command]:
    def add(command: _Command) -> _Command:
        for option in (
            click.option(
                "--ca-file",
                metavar="FILE",
                help="Where --tls writes the CA certificate to.",
            ),
            click.option(
                "--tls", is_flag=True, help="Use TLS, with a new certificate."
            ),
            click.option(
                "--port",
                metavar="PORT",
                type=click.IntRange(0, 65535),
                default=port,
                show_default=True,
                help="Port to listen on; 0 takes a free one.",
            ),
            click.option(
                "--host",
                metavar="HOST",
                default="127.0.0.1",
                show_default=True,
                help="Address to listen on.",
            ),
        ):
            command = option(command)
        return command

    return add


@serve.command()
@_server_options(CHAT_PORT)
def chat(host: str, port: int, *, tls: bool, ca_file: str | None) -> None:
    """
    Start a chat server: one room for each path, events as JSON.

    Send SET_NAME, SAY and LEAVE; receive CHAT_MSG, USER_JOINED, USER_LEFT and ERROR.
    """
    from gharial.servers.chat import ChatServer

    _serve(lambda by: ChatServer(host, port, tls=by), host, ca_file, tls=tls)


@serve.command()
@_server_options(ECHO_PORT)
def echo(host: str, port: int, *, tls: bool, ca_file: str | None) -> None:
    """Start a server that sends every message back."""
    from gharial.servers.echo import EchoServer

    _serve(lambda by: EchoServer(host, port, tls=by), host, ca_file, tls=tls)


@serve.command(short_help="Start a server that misbehaves in one way.")
@click.argument("scenario")
@_server_options(HOSTILE_PORT)
def hostile(
    scenario: str, host: str, port: int, *, tls: bool, ca_file: str | None
) -> None:
    """
    Start a server that misbehaves in one way, to see how a client handles it.

    SCENARIO is for example flood, silent, drops, deflate-bomb; an unknown one lists
    all.
    """
    from gharial.servers.hostile import HostileServer

    def make(by: "Certificates | None") -> Server:
        return HostileServer(scenario, host, port, tls=by)

    _serve(make, host, ca_file, tls=tls)


def _serve(
    make: "Callable[[Certificates | None], Server]",
    host: str,
    ca_file: str | None,
    *,
    tls: bool,
) -> None:
    with ExitStack() as stack:
        certificates = None
        if tls:
            from gharial.servers.certificates import Certificates

            certificates = Certificates([host])
            if ca_file is None:
                folder = stack.enter_context(tempfile.TemporaryDirectory())
                ca_file = str(Path(folder) / "gharial-ca.pem")
            _write_ca(certificates, ca_file)
        asyncio.run(_until_stopped(make(certificates), ca_file if tls else None))


async def _until_stopped(server: Server, ca_file: str | None) -> None:
    is_over = asyncio.Event()
    loop = asyncio.get_running_loop()

    def stop(name: str) -> None:
        loop.call_soon_threadsafe(is_over.set)

    with interruption.handled(Reaction(stop)):
        async with server:
            click.echo(f"listening at {server.url}")
            if ca_file is not None:
                click.echo(
                    f"to trust its certificate: gharial run --ca-cert {ca_file} …"
                )
            click.echo("Ctrl+C ends it")
            await is_over.wait()


def _write_ca(certificates: "Certificates", path: str) -> None:
    try:
        certificates.write_ca(Path(path))
    except OSError as error:
        reason = error.strerror or str(error)
        raise ConfigurationError(
            f"--ca-file: cannot write {path!r}: {reason}"
        ) from error
