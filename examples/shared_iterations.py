"""Virtual users share a number of iterations: faster ones do more.

gharial serve echo --port 9001
gharial run examples/shared_iterations.py
"""

import asyncio

from gharial import WebSocket, check, env

options = {
    "scenarios": {
        "shared": {
            "executor": "shared-iterations",
            "vus": 5,
            "iterations": 20,
            "max_duration": "1m",
        },
    },
    "no_data_thresholds": "fail",
    "thresholds": {"iterations": ["count==20"], "checks": ["rate==1"]},
}


async def default() -> None:
    async with WebSocket(env.get("URL", "ws://127.0.0.1:9001/")) as socket:
        socket.send("hello")
        answer = await socket.receive()
        check(answer, {"the echo is right": lambda text: text == "hello"})
        await asyncio.sleep(0.1)
