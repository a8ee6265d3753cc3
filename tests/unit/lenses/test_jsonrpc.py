import pytest
from heard_facts import heard

from gharial.lenses.jsonrpc import JsonRpcLens
from gharial.lenses.lens import UnreadableError


def test_answers_are_paired_by_their_ids_and_may_come_in_any_order() -> None:
    assert heard(
        JsonRpcLens,
        [
            (">", '{"jsonrpc":"2.0","method":"add","params":[1,2],"id":1}'),
            (">", '{"jsonrpc":"2.0","id":"x","method":"slow"}'),
            (">", '{"jsonrpc":"2.0","method":"note"}'),
            ("<", '{"jsonrpc":"2.0","id":"x","result":null}'),
            ("<", '{"jsonrpc":"2.0","result":3,"id":1}'),
            ("<", '{"jsonrpc":"2.0","method":"tick","params":{"id":5}}'),
            ("x", "1000"),
        ],
    ) == [("ended", "slow", 20), ("ended", "add", 40), ("pushed", "tick")]


def test_errors_fail_their_calls_and_are_counted_by_their_codes() -> None:
    assert heard(
        JsonRpcLens,
        [
            (">", '{"method":"add","id":1}'),
            ("<", '{"error":{"code":-32601,"message":"no"},"id":1}'),
            ("<", '{"error":{"code":-32700,"message":"?"},"id":null}'),
        ],
    ) == [("failed", "add", 10), ("error", "-32601"), ("error", "-32700")]


def test_a_batch_is_as_many_calls() -> None:
    assert heard(
        JsonRpcLens,
        [
            (">", '[{"method":"a","id":1},{"method":"b","id":2}]'),
            ("<", '[{"id":2,"result":{}},{"id":1,"result":[]}]'),
        ],
    ) == [("ended", "b", 10), ("ended", "a", 10)]


def test_calls_that_are_never_answered_have_failed_at_the_end() -> None:
    assert heard(JsonRpcLens, [(">", '{"method":"a","id":1}'), ("x", "1006")]) == [
        ("failed", "a", None)
    ]


@pytest.mark.parametrize("message", ["", "1", "{}", "[1]", '{"method":1}', b"\xff\xfe"])
def test_what_is_something_else_is_unreadable(message: str | bytes) -> None:
    with pytest.raises(UnreadableError):
        heard(JsonRpcLens, [("<", message)])
