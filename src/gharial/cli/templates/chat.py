"""
Virtual users join a room, talk for a while, and count what they hear.

    gharial serve chat          a server to try it against, in another terminal
    gharial run SCRIPT
"""

import asyncio
import json
from typing import Any

from gharial import (
    Counter,
    WebSocket,
    check,
    env,
    random_int_between,
    random_string,
    vu,
)

URL = env.get("URL", "ws://127.0.0.1:9002/")
SESSION_S = float(env.get("SESSION_MS", "5000")) / 1000

options = {
    "scenarios": {
        "talkers": {
            "executor": "ramping-vus",
            "start_vus": 1,
            "stages": [
                {"duration": "5s", "target": 10},
                {"duration": "10s", "target": 10},
                {"duration": "5s", "target": 0},
            ],
            "graceful_ramp_down": "10s",
        },
    },
    "no_data_thresholds": "fail",
    "thresholds": {
        "checks": ["rate>0.99"],
        "heard": ["count>0"],
        "ws_connecting": ["p(95)<1000"],
    },
}

heard = Counter("heard")


async def default() -> None:
    # A name for the metrics: without it, each room would be a separate series.
    async with WebSocket(f"{URL}lobby", tags={"name": "lobby"}) as socket:
        say(socket, event="SET_NAME", new_name=f"user {vu.id}")
        talking = asyncio.create_task(talk(socket))
        try:
            async with asyncio.timeout(SESSION_S):
                async for message in socket:
                    hear(json.loads(str(message)))
        except TimeoutError:
            talking.cancel()
            say(socket, event="LEAVE")


async def talk(socket: WebSocket) -> None:
    while True:
        await asyncio.sleep(random_int_between(500, 1500) / 1000)
        say(socket, event="SAY", message=f"I'm saying {random_string(5)}")


def say(socket: WebSocket, **event: str) -> None:
    socket.send(json.dumps(event))


def hear(event: dict[str, Any]) -> None:
    check(event, {"is not an error": lambda event: event["event"] != "ERROR"})
    if event["event"] == "CHAT_MSG":
        heard.add(1)
