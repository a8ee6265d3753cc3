"""The smallest test: send a message, check the answer, close.

gharial serve echo --port 9001
gharial run examples/echo.py
"""

from gharial import WebSocket, check, env

options = {"vus": 5, "iterations": 20}


async def default() -> None:
    async with WebSocket(env.get("URL", "ws://127.0.0.1:9001/")) as socket:
        socket.send("hello")
        answer = await socket.receive()
        check(answer, {"the echo is right": lambda text: text == "hello"})
