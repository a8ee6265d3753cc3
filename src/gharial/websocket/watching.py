"""Chooses the lens of a socket that has opened, and puts it in its place."""

from collections.abc import Callable
from typing import Any

from gharial.lenses.catalog import chosen
from gharial.net.network import Network
from gharial.websocket.observer import ConnectionObserver
from gharial.websocket.opening_request import OpeningRequest
from gharial.websocket.watch import MessageWatch


def watch_for(
    request: OpeningRequest,
    subprotocol: str,
    network: Network,
    observer: ConnectionObserver,
    take: Callable[[Any, float], object],
    now_s: Callable[[], float],
) -> MessageWatch | None:
    """
    Return what shows the messages of a socket to its lens; None if it has none.

    Args:
        request: What was asked for; a lens that it names wins over those of the run.
        subprotocol: What was negotiated, empty for none.
        network: The settings of the run; it warns of a lens that does not fit, once.
        observer: Hears what the lens reads.
        take: Takes the messages that come.
        now_s: The monotonic clock.

    """
    named = network.settings.lenses if request.lens is None else (request.lens,)
    if not named:
        return None
    path = request.url.partition("://")[2].partition("/")[2]
    row, problem = chosen(named, f"/{path}", subprotocol)
    if problem:
        network.warn_once(problem)
    if row is None:
        return None
    name = row.name
    facts = observer.lens_facts(name)
    if facts is None:
        return None

    def warn(reason: str) -> None:
        network.warn_once(
            f"the lens {name!r} cannot read what a socket carries: {reason}; it reads "
            "nothing more there (ws_protocol_errors{code:unreadable} counts such sockets)"
        )

    return MessageWatch(row.lens(facts), take, now_s, warn)
