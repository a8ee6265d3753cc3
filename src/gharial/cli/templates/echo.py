"""
Each virtual user sends a message, checks that it comes back, and closes.

    gharial serve echo          a server to try it against, in another terminal
    gharial run SCRIPT
"""

import time

from gharial import Trend, WebSocket, check, env

URL = env.get("URL", "ws://127.0.0.1:9001/")

options = {
    "vus": 10,
    "duration": "10s",
    "no_data_thresholds": "fail",
    "thresholds": {
        "checks": ["rate>0.99"],
        "answer_time": ["p(95)<200"],
    },
}

answer_time = Trend("answer_time", is_time=True)


async def default() -> None:
    async with WebSocket(URL) as socket:
        sent_at_s = time.monotonic()
        socket.send("hello")
        answer = await socket.receive()
        answer_time.add((time.monotonic() - sent_at_s) * 1000)
        check(answer, {"the echo is right": lambda text: text == "hello"})
