"""Two kinds of virtual users at once; the second kind starts after one second."""

from gharial import WebSocket, env, execution, set_timeout

options = {
    "scenarios": {
        "talkers": {
            "executor": "constant-vus",
            "vus": 3,
            "duration": "3s",
            "exec": "talk",
        },
        "visitors": {
            "executor": "per-vu-iterations",
            "vus": 2,
            "iterations": 3,
            "start_time": "1s",
            "exec": "visit",
            "tags": {"kind": "visitor"},
            "env": {"GREETING": "just looking"},
        },
    },
    "no_data_thresholds": "fail",
    "thresholds": {"ws_sessions{kind:visitor}": ["count==6"]},
}

url = env.get("URL", "ws://127.0.0.1:9001/")


def talk() -> None:
    socket = WebSocket(url)
    heard = 0
    socket.on_open = lambda event: socket.send(f"from {execution.scenario.name}")

    def hear(event) -> None:
        nonlocal heard
        heard += 1
        if heard == 20:
            socket.close()
        else:
            set_timeout(lambda: socket.send("and on"), 20)

    socket.on_message = hear


async def visit() -> None:
    async with WebSocket(url) as socket:
        socket.send(env["GREETING"])
        await socket.receive()
