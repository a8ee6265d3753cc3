"""Opens a socket and closes it, again and again."""

from gharial import WebSocket, env


def default():
    connect()


def connect(event=None):
    socket = WebSocket(env["URL"])
    socket.on_open = lambda event: socket.close()
    socket.on_close = connect
