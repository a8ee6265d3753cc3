"""sleep() suspends this virtual user only; its events wait until it wakes up."""

from gharial import WebSocket, env, log, set_timeout, sleep, vu

options = {"vus": 10, "iterations": 10}


def default() -> None:
    socket = WebSocket(env.get("URL", "ws://127.0.0.1:9001/"))

    @socket.on("open")
    def talk(event) -> None:
        for number in range(3):
            socket.send(f"message {number}")
            sleep(0.1)
        set_timeout(socket.close, 100)

    @socket.on("message")
    def show(event) -> None:
        log(f"VU {vu.id}: {event.data}")
