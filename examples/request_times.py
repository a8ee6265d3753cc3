"""Measures how long each answer takes, with a custom trend and a threshold."""

import time

from gharial import Rate, Trend, WebSocket, check, env, group

options = {
    "vus": 4,
    "iterations": 8,
    "no_data_thresholds": "fail",
    "thresholds": {"answer_time": ["p(95)<1000"], "answered": ["rate>0.99"]},
}

answer_time = Trend("answer_time", is_time=True)
answered = Rate("answered")


async def default() -> None:
    with group("asking"):
        async with WebSocket(env.get("URL", "ws://127.0.0.1:9001/")) as socket:
            for question in ("one", "two", "three"):
                asked_at_s = time.monotonic()
                socket.send(question)
                answer = await socket.receive()
                answer_time.add(
                    (time.monotonic() - asked_at_s) * 1000, {"question": question}
                )
                is_right = check(answer, {"is what was asked": answer == question})
                answered.add(is_right)
