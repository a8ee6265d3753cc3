import json

import pytest
from heard_facts import heard

from gharial.lenses.graphql import GraphQlTransportWsLens, GraphQlWsLens
from gharial.lenses.lens import UnreadableError


def of(kind: str, key: str | None = None, payload: object = None) -> str:
    message: dict[str, object] = {"type": kind}
    if key is not None:
        message = {"id": key, **message}
    if payload is not None:
        message["payload"] = payload
    return json.dumps(message)


NEWS = {"query": "subscription News { posts { id } }"}
DATA = {"data": {"posts": {"id": 1}}}


def test_a_subscription_is_answered_by_its_first_result() -> None:
    assert heard(
        GraphQlTransportWsLens,
        [
            (">", of("connection_init")),
            ("<", of("connection_ack")),
            (">", of("subscribe", "1", NEWS)),
            ("<", of("next", "1", DATA)),
            ("<", of("next", "1", DATA)),
            ("<", of("next", "1", DATA)),
            ("<", of("complete", "1")),
            (">", of("ping")),
            ("<", of("pong")),
        ],
    ) == [
        ("ended", "connection_init", 10),
        ("ready", 10),
        ("ended", "News", 10),
        ("interval", "News", 10),
        ("pushed", "News"),
        ("interval", "News", 10),
        ("pushed", "News"),
        ("ended", "ping", 10),
    ]


def test_errors_are_counted_by_the_code_in_their_extensions() -> None:
    error = {"message": "no", "extensions": {"code": "UNAUTHENTICATED"}}
    assert heard(
        GraphQlTransportWsLens,
        [
            (">", of("subscribe", "1", NEWS)),
            ("<", of("error", "1", [error])),
            (">", of("subscribe", "2", NEWS)),
            ("<", of("next", "2", {"errors": [{"message": "no"}], "data": None})),
            (">", of("subscribe", "3", NEWS)),
            ("<", of("next", "3", {"errors": [], "data": {"errors": [1]}})),
            ("x", "4403"),
        ],
    ) == [
        ("failed", "News", 10),
        ("error", "UNAUTHENTICATED"),
        ("error", "error"),
        ("failed", "News", 10),
        ("ended", "News", 10),
        ("error", "4403"),
    ]


def test_what_the_client_completes_has_not_failed() -> None:
    assert (
        heard(
            GraphQlTransportWsLens,
            [
                (">", of("subscribe", "1", NEWS)),
                (">", of("complete", "1")),
                ("x", "1000"),
            ],
        )
        == []
    )


@pytest.mark.parametrize(
    ("request_", "operation"),
    [
        ({"query": "query A { a } query B { b }", "operationName": "B"}, "B"),
        ({"query": "mutation Post($a: Int) { post }"}, "Post"),
        ({"query": "{ me: user { id } }"}, "user"),
        ({"query": "subscription { posts { id } }"}, "posts"),
        ({"query": ""}, "(unnamed)"),
        ({}, "(unnamed)"),
    ],
)
def test_operations_are_called_by_their_names_or_their_first_field(
    request_: dict[str, str], operation: str
) -> None:
    assert heard(
        GraphQlTransportWsLens,
        [(">", of("subscribe", "1", request_)), ("<", of("next", "1", DATA))],
    ) == [("ended", operation, 10)]


def test_the_earlier_protocol_has_other_words_for_the_same() -> None:
    assert heard(
        GraphQlWsLens,
        [
            (">", of("connection_init", payload={})),
            ("<", of("connection_ack")),
            ("<", of("ka")),
            (">", of("start", "1", NEWS)),
            ("<", of("data", "1", DATA)),
            ("<", of("data", "1", DATA)),
            (">", of("stop", "1")),
            (">", of("start", "2", NEWS)),
            ("<", of("error", "2", {"message": "no"})),
        ],
    ) == [
        ("ended", "connection_init", 10),
        ("ready", 10),
        ("ended", "News", 10),
        ("interval", "News", 10),
        ("pushed", "News"),
        ("failed", "News", 10),
        ("error", "error"),
    ]


def test_a_refused_connection_is_an_error() -> None:
    assert heard(
        GraphQlWsLens,
        [(">", of("connection_init")), ("<", of("connection_error", payload={"a": 1}))],
    ) == [("failed", "connection_init", 10), ("error", "connection_error")]


@pytest.mark.parametrize("message", ["", "[]", "1", "{}", "{", '{"type":1}', b"\xff"])
def test_what_is_something_else_is_unreadable(message: str | bytes) -> None:
    with pytest.raises(UnreadableError):
        heard(GraphQlTransportWsLens, [("<", message)])
