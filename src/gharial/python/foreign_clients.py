"""Detects other client libraries in a script, whose traffic is not measured."""

from collections.abc import Iterable

CLIENTS = frozenset(
    {
        "aiohttp",
        "autobahn",
        "httpx",
        "httpx_ws",
        "picows",
        "requests",
        "socketio",
        "trio_websocket",
        "websocket",
        "websockets",
        "wsproto",
    }
)


def unmeasured(imported: Iterable[str]) -> str:
    """
    Return one sentence on the clients among the modules of these names; empty for none.

    Args:
        imported: Dotted names.

    """
    found = sorted({name.partition(".")[0] for name in imported} & CLIENTS)
    if not found:
        return ""
    return (
        f"the script imports {', '.join(found)}: what it sends and receives that way is "
        "not measured, and blocks other virtual users if it blocks; sockets that "
        "gharial.WebSocket opens are measured"
    )
