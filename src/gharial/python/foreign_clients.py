"""Detects other client libraries in a script, whose traffic is not measured."""

from collections.abc import Iterable

# ``websockets`` and aiohttp, and libraries that open their sockets through them.
ON_COMPAT = frozenset(
    {
        "aiohttp",
        "centrifuge",
        "engineio",
        "gql",
        "nats",
        "pysignalr",
        "socketio",
        "websockets",
    }
)
CLIENTS = ON_COMPAT | {
    "aiomqtt",
    "autobahn",
    "httpx",
    "httpx_ws",
    "paho",
    "picows",
    "requests",
    "signalrcore",
    "stomp",
    "trio_websocket",
    "websocket",
    "wsproto",
}
COMPAT = "gharial.compat"
# Its sockets block; ours cannot stand in for them.
SYNC = "websockets.sync"


def unmeasured(imported: Iterable[str]) -> str:
    """
    Return one sentence on the clients among the modules of these names; empty for none.

    Args:
        imported: Dotted names.

    """
    names = set(imported)
    measured = {name for name in ON_COMPAT if f"{COMPAT}.{name}" in names}
    if f"{COMPAT}.install" in names or (COMPAT in names and not measured):
        measured = set(ON_COMPAT)
    roots = {_client(name) for name in names}
    found = sorted(roots & (CLIENTS | {SYNC}) - measured)
    if not found:
        return ""
    text = (
        f"the script imports {', '.join(found)}: what it sends and receives that way is "
        "not measured, and blocks other virtual users if it blocks; "
    )
    if ON_COMPAT.issuperset(found):
        return (
            f"{text}write 'from gharial.compat import install' and 'install()' before "
            "that import, and it is measured"
        )
    return f"{text}sockets that gharial.WebSocket opens are measured"


def _client(name: str) -> str:
    return SYNC if name.startswith(SYNC) else name.partition(".")[0]
