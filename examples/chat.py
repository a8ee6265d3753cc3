"""Several people talk in one room, each over their own socket.

gharial serve chat --port 9002
gharial run examples/chat.py
"""

import json

from gharial import (
    Counter,
    WebSocket,
    check,
    clear_interval,
    env,
    random_int_between,
    random_string,
    set_interval,
    set_timeout,
    vu,
)

options = {
    "vus": 3,
    "iterations": 3,
    "no_data_thresholds": "fail",
    "thresholds": {"heard": ["count>0"], "checks": ["rate==1"]},
}

url = env.get("URL", "ws://127.0.0.1:9002/")
session_ms = int(env.get("SESSION_MS", "3000"))
heard = Counter("heard")


def default() -> None:
    for number in range(4):
        join(f"{vu.id}:{number}")


def join(name: str) -> None:
    socket = WebSocket(f"{url}lobby", tags={"name": "lobby"})

    def send(**event: str) -> None:
        socket.send(json.dumps(event))

    @socket.on("open")
    def begin(event) -> None:
        send(event="SET_NAME", new_name=name)
        talking = set_interval(
            lambda: send(event="SAY", message=f"I'm saying {random_string(5)}"),
            random_int_between(300, 900),
        )

        def leave() -> None:
            clear_interval(talking)
            send(event="LEAVE")
            socket.close(1000, "goodbye")

        set_timeout(leave, session_ms)

    @socket.on("message")
    def hear(event) -> None:
        said = json.loads(event.data)
        check(said, {"is not an error": lambda it: it["event"] != "ERROR"})
        if said["event"] == "CHAT_MSG":
            heard.add(1)
