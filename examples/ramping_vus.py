"""More and more virtual users, then fewer and fewer.

gharial serve echo --port 9001
gharial run examples/ramping_vus.py
"""

import asyncio

from gharial import WebSocket, check, env

STAGE = env.get("DURATION", "5s")

options = {
    "scenarios": {
        "ramp": {
            "executor": "ramping-vus",
            "start_vus": 0,
            "stages": [
                {"duration": STAGE, "target": 10},
                {"duration": STAGE, "target": 10},
                {"duration": STAGE, "target": 0},
            ],
            # How long a virtual user that is removed may take to finish its iteration.
            "graceful_ramp_down": "5s",
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
