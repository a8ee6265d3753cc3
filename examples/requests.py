"""Measures response times: requests over a socket, timed on the wire."""

import json

from gharial import WebSocket, env, log, random_int_between, vu

options = {
    "vus": 2,
    "iterations": 4,
    "no_data_thresholds": "fail",
    "thresholds": {
        "ws_req_duration{name:greet}": ["p(95)<1000"],
        "ws_req_failed": ["rate<0.01"],
    },
}


async def default():
    async with WebSocket(env.get("URL", "ws://localhost:8080")) as socket:
        # The next message is the answer.
        await socket.request("hello", name="greet")
        # The message with the same number is the answer, even if other messages come first.
        number = random_int_between(0, 1000)
        answer = await socket.request(
            json.dumps({"id": number, "question": "time"}),
            name="ask",
            match={"path": "$.id", "value": number},
            timeout="5s",
        )
        log(f"VU {vu.id}: {answer}")
