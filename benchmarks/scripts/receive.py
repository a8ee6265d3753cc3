"""Opens sockets and takes what comes."""

from gharial import WebSocket, env


def default():
    for _ in range(int(env["SOCKETS"])):
        socket = WebSocket(env["URL"])
        socket.on_message = lambda event: event.data
