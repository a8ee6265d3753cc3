"""``gharial status|pause|resume|scale|stop``: watch and control a run from outside."""

import json
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import Any, TypeVar

import click

from gharial.cli.command import Command
from gharial.cli.k6_flags import global_flags_of_k6, refused_flag
from gharial.companions.addresses import DEFAULT_ADDRESS, parse_address
from gharial.errors import ConfigurationError, GharialError
from gharial.servers.listening import address_of

LIMIT_S = 10.0
_Command = TypeVar("_Command", bound=Callable[..., Any])


class NotSteeredError(GharialError):
    """
    The run could not be reached, or refused.

    Attributes:
        problem: The whole message.

    """

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem

    def __str__(self) -> str:
        return self.problem


def _address_option(command: _Command) -> _Command:
    return click.option(
        "-a",
        "--address",
        metavar="HOST:PORT",
        default=DEFAULT_ADDRESS,
        envvar=["GHARIAL_ADDRESS", "K6_ADDRESS"],
        show_default=True,
        help="The --address of the run.",
    )(command)


@click.command(cls=Command)
@global_flags_of_k6
@_address_option
def status(address: str) -> None:
    """Show the progress of a run that was started with --address."""
    _show(_call(address, None))


@click.command(cls=Command)
@global_flags_of_k6
@_address_option
def pause(address: str) -> None:
    """
    Pause a run that was started with --address.

    Running iterations finish, no new one begins, and the scenarios' clock stops.
    """
    _show(_call(address, {"paused": True}))


@click.command(cls=Command)
@global_flags_of_k6
@_address_option
def resume(address: str) -> None:
    """Resume a paused run."""
    _show(_call(address, {"paused": False}))


@click.command(cls=Command, short_help="Set the number of virtual users.")
@global_flags_of_k6
@refused_flag(
    "-m",
    "--max",
    reason="a run cannot change its maximum; set maxVUs in the scenario",
)
@_address_option
@click.option(
    "-u", "--vus", type=int, required=True, metavar="COUNT", help="Virtual users."
)
def scale(address: str, vus: int) -> None:
    """Set the number of virtual users of externally-controlled scenarios."""
    _show(_call(address, {"vus": vus}))


@click.command(cls=Command)
@global_flags_of_k6
@_address_option
def stop(address: str) -> None:
    """End a run gracefully; its exit code is 103."""
    _show(_call(address, {"stopped": True}))


def _call(address: str, attributes: dict[str, object] | None) -> dict[str, Any]:
    host, port = parse_address(address)
    body = None
    if attributes is not None:
        body = json.dumps({"data": {"attributes": attributes}}).encode()
    request = urllib.request.Request(
        f"http://{address_of(host, port)}/v1/status",
        data=body,
        headers={"Content-Type": "application/json"},
        method="GET" if body is None else "PATCH",
    )
    # Straight to the run: a proxy has no business with it.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=LIMIT_S) as response:
            answer = json.load(response)
            attributes_now: dict[str, Any] = answer["data"]["attributes"]
    except urllib.error.HTTPError as error:
        raise ConfigurationError(_reason(error)) from None
    except (OSError, ValueError, KeyError, TypeError) as error:
        cause = getattr(error, "reason", error)
        raise NotSteeredError(
            f"no run answers at {address}: {getattr(cause, 'strerror', None) or cause}; "
            f"start it with 'gharial run --address {address}'"
        ) from None
    return attributes_now


def _reason(error: urllib.error.HTTPError) -> str:
    with error:
        try:
            return str(json.load(error)["errors"][0]["title"])
        except (OSError, ValueError, KeyError, IndexError, TypeError):
            return f"the server answered with status {error.code}"


def _show(attributes: dict[str, Any]) -> None:
    for name, value in attributes.items():
        shown = str(value).lower() if isinstance(value, bool) else value
        click.echo(f"{name}: {shown}")
