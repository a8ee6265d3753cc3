"""The number of virtual users is set from outside during the run.

gharial serve echo --port 9001
gharial run examples/externally_controlled.py
"""

import asyncio

from gharial import WebSocket, check, env

DURATION = env.get("DURATION", "10s")

options = {
    "scenarios": {
        "by_hand": {
            # gharial run --address 127.0.0.1:6565 ..., then: gharial scale --vus 20
            "executor": "externally-controlled",
            "vus": 5,
            "max_vus": 20,
            "duration": DURATION,
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
