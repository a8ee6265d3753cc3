import json

import pytest

DATA = {
    "name": {"first": "Tom", "last": "Anderson"},
    "age": 37,
    "children": ["Sara", "Alex", "Jack"],
    "fav.movie": "Deer Hunter",
    "*": "star",
    "friends": [{"first": "Dale", "nets": ["ig"]}, {"first": "Roger"}, 5],
}


@pytest.fixture
def path(realm):
    realm._load("json_path")

    def select(text):
        return realm.value(f"gharial.jsonPath({json.dumps(DATA)}, {json.dumps(text)})")

    return select


@pytest.mark.parametrize(
    ("selector", "value"),
    [
        ("name.last", "Anderson"),
        ("age", 37),
        ("children", ["Sara", "Alex", "Jack"]),
        ("children.1", "Alex"),
        ("child*.2", "Jack"),
        ("c?ildren.0", "Sara"),
        ("fav\\.movie", "Deer Hunter"),
        ("\\*", "star"),
        ("friends.#", 3),
        ("friends.#.first", ["Dale", "Roger"]),
        ("friends.#.nets.#", [1]),
        ("children.3", None),
        ("children.first", None),
        ("age.0", None),
        ("age.#", None),
        ("nobody.first", None),
        ("constructor", None),
    ],
)
def test_a_path_leads_to_its_value(path, selector, value) -> None:
    assert path(selector) == value


@pytest.mark.parametrize("selector", ["friends.#(first==a)", "age|b", "@this", "{age}"])
def test_what_is_not_supported_throws(realm, path, selector) -> None:
    realm._load("json_path")
    with pytest.raises(Exception, match="not supported"):
        realm.value(f"gharial.jsonPath({json.dumps(DATA)}, {selector!r})")
