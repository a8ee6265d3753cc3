"""Opens sockets, or none, and stays."""

from gharial import WebSocket, env, set_interval


def default():
    for _ in range(int(env["SOCKETS"])):
        WebSocket(env["URL"])
    set_interval(lambda: None, 3_600_000)
