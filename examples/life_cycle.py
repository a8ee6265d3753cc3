"""What a script can do once per run, once per virtual user, and once per iteration.

gharial serve echo --port 9001
gharial run examples/life_cycle.py
"""

from typing import Any

from gharial import WebSocket, check, env, log, vu

options = {
    "scenarios": {
        "talk": {"executor": "per-vu-iterations", "vus": 3, "iterations": 5},
    },
    "no_data_thresholds": "fail",
    "thresholds": {"checks": ["rate==1"]},
}

# Each virtual user has its own globals.
socket: WebSocket


def setup() -> dict[str, Any]:
    """Once, at the start. Its return value is passed to every other function, as a copy."""
    return {"greeting": "hello"}


async def vu_setup(data: dict[str, Any]) -> None:
    """Once in each virtual user. Its socket stays open across iterations."""
    global socket
    socket = await WebSocket(env.get("URL", "ws://127.0.0.1:9001/")).opened()
    log(f"virtual user {vu.id} is there to say {data['greeting']}")


async def default(data: dict[str, Any]) -> None:
    """Once per iteration."""
    text = f"{data['greeting']} {vu.iteration}"
    socket.send(text)
    answer = await socket.receive()
    check(answer, {"the echo is right": lambda echo: echo == text})


def vu_teardown() -> None:
    """Once in each virtual user that was set up; its socket is closed afterwards."""
    socket.close(1000, "done")


def teardown(data: dict[str, Any]) -> None:
    """Once, at the end."""
    log(f"nobody says {data['greeting']} any more")


def handle_summary(data: dict[str, Any]) -> dict[str, str]:
    """At the very end: returns what the summary shows, and files to write."""
    count = data["metrics"]["iterations"]["values"]["count"]
    return {"stdout": f"{count} iterations\n"}
