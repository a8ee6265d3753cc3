from typing import Any

import pytest

from gharial.python.foreign_clients import unmeasured


@pytest.mark.parametrize(
    ("imported", "named"),
    [
        (["json", "gharial", "mywebsockets"], ""),
        (["websockets.asyncio.client", "websockets"], "websockets"),
        (["websockets", "aiohttp", "os.path"], "aiohttp, websockets"),
        (["gharial.compat", "gharial.compat.install", "socketio"], ""),
        (["gharial.compat", "websockets", "gql.transport"], ""),
        (["gharial.compat", "websocket", "nats"], "websocket"),
        (["gharial.compat", "websockets.sync.client"], "websockets.sync"),
        (["gharial.compat.websockets", "websockets"], ""),
        (["gharial.compat.websockets", "websockets", "aiohttp"], "aiohttp"),
    ],
)
def test_clients_that_are_not_measured_are_named(
    imported: list[str], named: str
) -> None:
    text = unmeasured(imported)
    assert text.startswith(f"the script imports {named}: ") if named else text == ""


def test_those_that_can_be_measured_are_told_how() -> None:
    assert "gharial.compat import install" in unmeasured(["socketio"])
    assert "gharial.compat import install" not in unmeasured(["socketio", "requests"])


def test_a_script_is_told_once_of_all_that_it_imports_wherever(world: Any) -> None:
    world.host(
        """
        import helpers
        def default():
            import websockets.sync.client
        """,
        helpers="import json\ndef get():\n    from aiohttp import ClientSession\n",
    )
    [text] = world.texts()
    assert "the script imports aiohttp, websockets.sync: " in text


def test_a_module_of_the_scripts_own_is_no_client(world: Any) -> None:
    world.host(
        "from requests import ask\ndef default(): pass\n",
        requests="def ask(): pass\n",
    )
    assert world.texts() == []
