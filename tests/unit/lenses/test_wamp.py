import pytest
from heard_facts import heard

from gharial.lenses.lens import UnreadableError
from gharial.lenses.wamp import WampLens


def test_a_session() -> None:
    assert heard(
        WampLens,
        [
            (">", '[1,"realm1",{"roles":{}}]'),
            ("<", '[2,9129137332,{"roles":{}}]'),
            (">", '[32,1,{},"com.news.17"]'),
            ("<", "[33,1,5512]"),
            ("<", '[36,5512,99,{},["hi"]]'),
            (">", '[48,2,{},"com.add2",[1,2]]'),
            ("<", "[50,2,{},[3]]"),
            (">", '[16,3,{"acknowledge":true},"com.news.17",["x"]]'),
            ("<", "[17,3,12]"),
            (">", '[16,4,{},"com.news.17",["x"]]'),
            (">", "[34,5,5512]"),
            ("<", "[35,5]"),
            (">", '[6,{},"wamp.close.normal"]'),
            ("<", '[6,{},"wamp.close.goodbye_and_out"]'),
        ],
    ) == [
        ("ended", "HELLO", 10),
        ("ready", 10),
        ("ended", "SUBSCRIBE com.news.*", 10),
        ("pushed", "EVENT com.news.*"),
        ("ended", "CALL com.add2", 10),
        ("ended", "PUBLISH com.news.*", 10),
        ("ended", "UNSUBSCRIBE", 10),
    ]


def test_errors_and_aborts_are_counted_by_their_uris() -> None:
    assert heard(
        WampLens,
        [
            (">", '[48,2,{},"com.add2"]'),
            ("<", '[8,48,2,{},"wamp.error.no_such_procedure"]'),
            (">", '[1,"realm1",{}]'),
            ("<", '[3,{},"wamp.error.no_such_realm"]'),
        ],
    ) == [
        ("failed", "CALL com.add2", 10),
        ("error", "wamp.error.no_such_procedure"),
        ("failed", "HELLO", 10),
        ("error", "wamp.error.no_such_realm"),
    ]


def test_the_first_part_of_a_result_is_the_answer() -> None:
    assert heard(
        WampLens,
        [
            (">", '[48,2,{"receive_progress":true},"com.count"]'),
            ("<", '[50,2,{"progress":true},[1]]'),
            ("<", '[50,2,{"progress":true},[2]]'),
            ("<", "[50,2,{},[3]]"),
        ],
    ) == [("ended", "CALL com.count", 10), ("pushed", "RESULT")]


@pytest.mark.parametrize("message", ["", "{}", "[]", '["a"]', "[99]", "[36]", "[2.5]"])
def test_what_is_something_else_is_unreadable(message: str) -> None:
    with pytest.raises(UnreadableError):
        heard(WampLens, [("<", message)])
