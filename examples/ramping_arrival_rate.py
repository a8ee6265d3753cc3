"""The rate at which iterations begin goes up and down.

gharial serve echo --port 9001
gharial run examples/ramping_arrival_rate.py
"""

import asyncio

from gharial import WebSocket, check, env

STAGE = env.get("DURATION", "5s")

options = {
    "scenarios": {
        "arrivals": {
            "executor": "ramping-arrival-rate",
            "start_rate": 10,
            "time_unit": "1s",
            "stages": [
                {"duration": STAGE, "target": 60},
                {"duration": STAGE, "target": 60},
                {"duration": STAGE, "target": 0},
            ],
            "pre_allocated_vus": 20,
            "max_vus": 100,
        },
    },
    "no_data_thresholds": "fail",
    "thresholds": {"dropped_iterations": ["count<10"], "checks": ["rate==1"]},
}


async def default() -> None:
    async with WebSocket(env.get("URL", "ws://127.0.0.1:9001/")) as socket:
        socket.send("hello")
        answer = await socket.receive()
        check(answer, {"the echo is right": lambda text: text == "hello"})
        await asyncio.sleep(0.1)
