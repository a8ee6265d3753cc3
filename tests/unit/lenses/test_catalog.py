import pytest

from gharial.lenses.catalog import (
    AUTO,
    LENSES,
    OFF,
    check_name,
    chosen,
    decoders_in,
    recognised,
)
from gharial.lenses.lens import Facts


@pytest.mark.parametrize("name", LENSES)
def test_each_row_leads_to_a_lens_of_its_name(name: str) -> None:
    assert LENSES[name].lens(Facts()).name == name


@pytest.mark.parametrize(
    ("path", "subprotocol", "name"),
    [
        ("/socket.io/?EIO=4&transport=websocket", "", "socketio"),
        ("/live/?transport=websocket&EIO=4", "", "socketio"),
        ("/engine.io/?EIO=4&transport=websocket", "", None),
        ("/socket.io/?EIO=3&transport=websocket", "", None),
        ("/graphql", "graphql-transport-ws", "graphql-transport-ws"),
        ("/graphql", "graphql-ws", "graphql-ws"),
        ("/", "mqtt", "mqtt"),
        ("/ws", "v12.stomp", "stomp"),
        ("/socket/websocket?token=x&vsn=2.0.0", "", "phoenix"),
        ("/socket/websocket?vsn=1.0.0", "", None),
        ("/connection/websocket", "", "centrifugo"),
        ("/connection/websocket?cf_protocol=protobuf", "", None),
        ("/connection/websocket", "centrifuge-protobuf", None),
        ("/ws", "wamp.2.json", "wamp"),
        ("/ws", "wamp.2.msgpack", None),
        ("/ws", "", None),
        ("/ws", "chat", None),
    ],
)
def test_a_socket_is_recognised_by_what_only_its_protocol_has(
    path: str, subprotocol: str, name: str | None
) -> None:
    found = recognised(path, subprotocol)
    assert (found and found.name) == name


@pytest.mark.parametrize(
    ("named", "path", "subprotocol", "name"),
    [
        ((AUTO,), "/", "mqtt", "mqtt"),
        ((AUTO,), "/", "", None),
        ((OFF,), "/", "mqtt", None),
        ((), "/", "mqtt", None),
        (("jsonrpc",), "/", "", "jsonrpc"),
        (("jsonrpc",), "/", "my-rpc", "jsonrpc"),
        (("mqtt",), "/", "", "mqtt"),
        (("mqtt", "stomp"), "/", "v11.stomp", "stomp"),
        (("mqtt", "jsonrpc"), "/", "", "jsonrpc"),
        (("mqtt", "stomp"), "/", "", None),
    ],
)
def test_a_lens_that_is_named_is_taken_where_nothing_speaks_against_it(
    named: tuple[str, ...], path: str, subprotocol: str, name: str | None
) -> None:
    row, problem = chosen(named, path, subprotocol)
    assert (row and row.name) == name
    assert problem == ""


def test_a_lens_that_is_named_for_another_protocol_is_told_of() -> None:
    row, problem = chosen(("jsonrpc",), "/", "graphql-ws")
    assert row is None
    assert problem == (
        "the lens 'jsonrpc' was named for a socket that speaks graphql-ws; nothing is "
        "read there"
    )
    row, problem = chosen(("stomp",), "/", "chat")
    assert row is None
    assert problem == (
        "the lens 'stomp' was named for a socket with the subprotocol 'chat', which is not "
        "'v10.stomp' or 'v11.stomp' or 'v12.stomp'; nothing is read there"
    )


def test_an_unknown_lens_names_the_nearest() -> None:
    check_name("mqtt")
    with pytest.raises(
        ValueError, match=r"""unknown lens 'mqqt'; did you mean "mqtt"\?"""
    ):
        check_name("mqqt")


def test_a_script_needs_the_decoders_that_it_may_use() -> None:
    assert list(decoders_in("new WebSocket(url, [], { lens: 'jsonrpc' })")) == [
        "gharial.lenses.jsonrpc"
    ]
    assert list(decoders_in("import { io } from 'socket.io-client'")) == [
        "gharial.lenses.socketio"
    ]
    assert list(decoders_in("new WebSocket('ws://localhost')")) == []
