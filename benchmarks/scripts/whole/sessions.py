from gharial import WebSocket, env, execution

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
    own = f"/{execution.scenario.iteration_in_test}" if "OWN_URLS" in env else ""
    socket = WebSocket(env["URL"] + own)
    socket.on_open = lambda event: socket.close()
