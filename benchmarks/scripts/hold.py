"""Opens sockets one after the other, and pings each every ten seconds."""

from gharial import WebSocket, env, set_interval

urls = env["URL"].split(",")


def default():
    open_next(int(env["SOCKETS"]))


def open_next(left):
    if left == 0:
        return
    socket = WebSocket(urls[left % len(urls)])

    def opened(event):
        set_interval(socket.ping, 10_000)
        open_next(left - 1)

    socket.on_open = opened
