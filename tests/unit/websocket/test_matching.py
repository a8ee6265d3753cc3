import pytest

from gharial.websocket.matching import json_matcher, matcher


@pytest.mark.parametrize(
    ("match", "data", "expected"),
    [
        pytest.param(None, "anything", True, id="any message"),
        pytest.param(None, b"bytes", True, id="any bytes"),
        pytest.param(lambda data: data == "a", "a", True, id="function"),
        pytest.param(lambda data: [], "a", False, id="a false value"),
        pytest.param({"path": "$.id", "value": 7}, '{"id": 7}', True, id="value"),
        pytest.param({"path": "$.id", "value": 7}, '{"id": 8}', False, id="other"),
        pytest.param({"path": "$.id", "value": 7}, '{"id": "7"}', False, id="text"),
        pytest.param({"path": "$.id", "value": 1}, '{"id": true}', False, id="true"),
        pytest.param({"path": "$.id", "value": None}, '{"id": null}', True, id="null"),
        pytest.param({"path": "$.id", "value": None}, "{}", False, id="not there"),
        pytest.param({"path": "$.id"}, '{"id": 0}', True, id="there"),
        pytest.param({"path": "$.id"}, "{}", False, id="missing"),
        pytest.param(
            {"path": "$.a[1].b", "value": 2}, '{"a":[0,{"b":2}]}', True, id="deep"
        ),
        pytest.param(
            {"path": "$.a[*]", "value": 2}, '{"a":[1,2]}', True, id="one of many"
        ),
        pytest.param({"path": "$.id"}, "no JSON", False, id="no JSON"),
        pytest.param({"path": "$.id"}, b'{"id": 1}', False, id="binary"),
        pytest.param({"path": "$.id"}, "[" * 100_000, False, id="too deep"),
    ],
)
def test_a_match_tells_answers_from_others(
    match: object, data: object, expected: bool
) -> None:
    assert matcher(match)(data) is expected


@pytest.mark.parametrize(
    "match", [5, "text", {}, {"path": 5}, {"path": "$.["}, {"path": "$", "other": 1}]
)
def test_what_is_no_match_is_refused(match: object) -> None:
    with pytest.raises(TypeError):
        matcher(match)


def test_a_wrong_path_is_named() -> None:
    with pytest.raises(TypeError, match="is not a valid JSON path"):
        json_matcher("$.[")
