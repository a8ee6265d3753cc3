from gharial import WebSocket, env

options = {
    "scenarios": {
        "all": {
            "executor": "shared-iterations",
            "vus": int(env["USERS"]),
            "iterations": int(env["SESSIONS"]),
        }
    }
}


def default():
    socket = WebSocket(env["URL"])
    socket.on_open = lambda event: socket.close()
