"""Opens sockets and sends a hundred messages for each that comes."""

from gharial import WebSocket, env

size = int(env["SIZE"])
payload = b"x" * size if env["KIND"] == "binary" else "x" * size


def default():
    for _ in range(int(env["SOCKETS"])):
        open_one()


def open_one():
    socket = WebSocket(env["URL"])

    def send(event):
        for _ in range(100):
            socket.send(payload)

    socket.on_open = send
    socket.on_message = send
