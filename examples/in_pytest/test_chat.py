"""A chat server under load, as pytest tests.

pytest examples/in_pytest
"""

import asyncio
import json

import pytest

from gharial import WebSocket, check
from gharial.testing import ChatServer, serving


@pytest.fixture
def chat_url():
    with serving(ChatServer()) as server:
        yield server.url


def test_what_one_says_the_others_in_the_room_hear(gharial_run, chat_url):
    async def default():
        room = f"{chat_url}lobby"
        async with (
            asyncio.timeout(5),
            WebSocket(room) as talker,
            WebSocket(room) as listener,
        ):
            for name, socket in (("talker", talker), ("listener", listener)):
                socket.send(json.dumps({"event": "SET_NAME", "new_name": name}))
            async for message in listener:
                said = json.loads(message)
                if said["event"] == "USER_JOINED" and said["user"] == "listener":
                    talker.send(json.dumps({"event": "SAY", "message": "hello"}))
                if said["event"] == "CHAT_MSG":
                    break
            check(said, {"is what was said": lambda it: it["message"] == "hello"})

    result = gharial_run(default, options={"vus": 3, "iterations": 6})

    assert result.passed
    assert not result.exceptions
    assert result.checks["is what was said"].rate == 1
    assert result.metrics["ws_sessions"].count == 12
    assert result.metrics["ws_session_duration"].med < 5000


@pytest.mark.parametrize("script", ["../chat.js", "../chat.py"])
def test_our_load_tests_still_run(gharial_run, chat_url, script):
    result = gharial_run(script, env={"URL": chat_url, "SESSION_MS": "1000"})

    assert result.passed
    assert result.metrics["heard"].count > 12


def test_a_server_that_is_gone_is_noticed(gharial_run):
    def default():
        WebSocket("ws://127.0.0.1:9/lobby")

    result = gharial_run(default, options={"iterations": 3})

    assert result.errors == {"refused": 3}
