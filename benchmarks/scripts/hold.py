"""Opens sockets, and pings each every ten seconds."""

from gharial import WebSocket, env, set_interval

urls = env["URL"].split(",")


def default():
    for index in range(int(env["SOCKETS"])):
        open_one(urls[index % len(urls)])


def open_one(url):
    socket = WebSocket(url)
    socket.on_open = lambda event: set_interval(socket.ping, 10_000)
