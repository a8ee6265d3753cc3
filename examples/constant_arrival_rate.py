"""A fixed number of iterations begins each second, even if earlier ones still run.

gharial serve echo --port 9001
gharial run examples/constant_arrival_rate.py
"""

import asyncio

from gharial import WebSocket, check, env

DURATION = env.get("DURATION", "10s")

options = {
    "scenarios": {
        "arrivals": {
            "executor": "constant-arrival-rate",
            "rate": 50,
            "time_unit": "1s",
            "duration": DURATION,
            # Enough for the iterations that run at once; more are created if needed,
            # up to max_vus.
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
