"""Each virtual user has the same number of iterations.

gharial serve echo --port 9001
gharial run examples/per_vu_iterations.py
"""

import asyncio

from gharial import WebSocket, check, env

options = {
    "scenarios": {
        "each": {
            "executor": "per-vu-iterations",
            "vus": 5,
            "iterations": 4,
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
