"""
A fixed number of sessions begins each second, even if the server is slow.

    gharial serve echo          a server to try it against, in another terminal
    gharial run SCRIPT
"""

from gharial import WebSocket, check, env

URL = env.get("URL", "ws://127.0.0.1:9001/")

options = {
    "scenarios": {
        "sessions": {
            "executor": "constant-arrival-rate",
            "rate": 50,
            "time_unit": "1s",
            "duration": "10s",
            # Enough for the sessions that are open at once; more are created if
            # needed, up to max_vus.
            "pre_allocated_vus": 20,
            "max_vus": 100,
        },
    },
    "no_data_thresholds": "fail",
    "thresholds": {
        # With too few virtual users the rate would not have been kept.
        "dropped_iterations": ["count==0"],
        "checks": ["rate>0.99"],
        "ws_connecting": ["p(95)<500"],
    },
}


async def default() -> None:
    async with WebSocket(URL) as socket:
        socket.send("hello")
        answer = await socket.receive()
        check(answer, {"the echo is right": lambda text: text == "hello"})
