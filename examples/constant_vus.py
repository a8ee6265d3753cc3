"""A fixed number of virtual users, for a fixed time.

gharial serve echo --port 9001
gharial run examples/constant_vus.py
"""

import asyncio

from gharial import WebSocket, check, env

DURATION = env.get("DURATION", "10s")

options = {
    "scenarios": {
        "steady": {
            "executor": "constant-vus",
            "vus": 5,
            "duration": DURATION,
            "graceful_stop": "5s",
        },
    },
    "no_data_thresholds": "fail",
    "thresholds": {"checks": ["rate==1"]},
}


async def default() -> None:
    async with WebSocket(env.get("URL", "ws://127.0.0.1:9001/")) as socket:
        socket.send("hello")
        answer = await socket.receive()
        check(answer, {"the echo is right": lambda text: text == "hello"})
        await asyncio.sleep(0.1)
