from gharial import WebSocket, env

options = {
    "scenarios": {"all": {"executor": "per-vu-iterations", "vus": int(env["USERS"])}}
}


def default():
    socket = WebSocket(env["URL"])
    left = int(env["ROUNDS"])

    def took(event):
        nonlocal left
        left -= 1
        if left > 0:
            socket.send(event.data)
        else:
            socket.close()

    socket.on_open = lambda event: socket.send("x" * 32)
    socket.on_message = took
