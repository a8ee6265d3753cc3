"""Opens sockets and sends back all that comes."""

from gharial import WebSocket, env

size = int(env["SIZE"])
payload = b"x" * size if env["KIND"] == "binary" else "x" * size


def default():
    for _ in range(int(env["SOCKETS"])):
        open_one()


def open_one():
    socket = WebSocket(env["URL"])
    socket.on_open = lambda event: socket.send(payload)
    socket.on_message = lambda event: socket.send(event.data)
