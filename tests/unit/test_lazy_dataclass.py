"""The lazy dataclasses do what those of the standard library do."""

import copy
import dataclasses
import inspect
import pickle
import re
from dataclasses import field
from typing import Any, ClassVar

import pytest

from gharial import lazy_dataclass

lazily: Any = lazy_dataclass.dataclass
KINDS = [lazily, dataclasses.dataclass]


def point(kind: Any, **settings: Any) -> Any:
    class Point:
        """With each kind of field."""

        origin: ClassVar[int] = 0
        x: int
        y: int = 2
        names: list[str] = field(default_factory=list)
        hidden: int = field(default=7, init=False, repr=False)
        cache: dict[str, int] = field(default_factory=dict, init=False, compare=False)
        unit: str = field(default="m", kw_only=True)

    return kind(**settings)(Point)


SETTINGS = [
    {},
    {"frozen": True},
    {"slots": True},
    {"frozen": True, "slots": True},
    {"frozen": True, "slots": True, "kw_only": True},
]


@pytest.mark.parametrize("settings", SETTINGS)
def test_it_is_made_shown_and_compared_as_the_standard_one(settings: Any) -> None:
    results = []
    for kind in KINDS:
        cls = point(kind, **settings)
        one, same = cls(x=1), cls(x=1, y=2, names=[], unit="m")
        other = cls(x=1, names=["a"])
        assert one.names is not same.names
        results.append(
            (
                repr(one).rpartition(".")[2],
                one == same,
                one == other,
                one != other,
                one == 1,
                dataclasses.asdict(one),
                dataclasses.replace(one, y=5) == cls(x=1, y=5),
                cls.__match_args__,
                [each.name for each in dataclasses.fields(one)],
                one.hidden,
                one.cache,
                cls.__hash__ is None,
                hasattr(one, "__dict__"),
            )
        )
    assert results[0] == results[1]


@pytest.mark.parametrize("arguments", [(), (1, 2, [], 4)])
def test_wrong_arguments_are_refused_in_the_same_words(arguments: Any) -> None:
    said = []
    for kind in KINDS:
        with pytest.raises(TypeError) as caught:
            point(kind, frozen=True, slots=True)(*arguments)
        said.append(str(caught.value).rpartition(".Point")[2])
    assert said[0] == said[1]


def test_a_frozen_one_is_not_changed() -> None:
    one = point(lazily, frozen=True, slots=True)(1)
    with pytest.raises(dataclasses.FrozenInstanceError, match="assign to field 'x'"):
        one.x = 2
    with pytest.raises(dataclasses.FrozenInstanceError, match="delete field 'x'"):
        del one.x
    assert one.x == 1


def test_a_frozen_one_is_a_key() -> None:
    cls = lazily(frozen=True, slots=True)(
        type("Pair", (), {"__annotations__": {"a": int, "b": int}})
    )
    assert {cls(1, 2): 3}[cls(1, 2)] == 3
    single = lazily(frozen=True)(type("One", (), {"__annotations__": {"a": float}}))
    nan = float("nan")
    assert single(nan) == single(nan)
    assert hash(single(1.0)) == hash(single(1))
    empty = lazily(frozen=True, slots=True)(type("Empty", (), {}))
    assert empty() == empty()
    assert hash(empty()) == hash(empty())


def test_without_eq_it_is_compared_by_identity() -> None:
    cls = point(lazily, slots=True, eq=False)
    one = cls(1)
    assert one == one
    assert one != cls(1)
    assert hash(one) == object.__hash__(one)


def test_methods_of_the_class_itself_are_kept() -> None:
    class Mine:
        """All its own."""

        a: int

        def __init__(self) -> None:
            self.a = 3

        def __repr__(self) -> str:
            return "mine"

        def __eq__(self, other: object) -> bool:
            return True

    cls = lazily(slots=True)(Mine)
    assert (cls().a, repr(cls()), cls() == 1) == (3, "mine", True)
    frozen = lazily(frozen=True)(
        type("Eq", (), {"__annotations__": {"a": int}, "__eq__": lambda s, o: True})
    )
    assert hash(frozen(1)) == hash(frozen(1))


def test_a_subclass_takes_the_fields_of_its_parent_first() -> None:
    class Parent:
        """The parent."""

        a: int
        b: int = 2

        def __post_init__(self) -> None:
            seen.append(type(self).__name__)

    seen: list[str] = []
    parent = lazily(frozen=True, slots=True)(Parent)

    class Child(parent):  # type: ignore[misc, valid-type]
        """The child."""

        c: int = 3

    child = lazily(frozen=True, slots=True)(Child)
    assert (child(1).c, parent(1).b, child(1, 2, 4).c) == (3, 2, 4)
    assert child(1) != parent(1)
    assert seen == ["Child", "Parent", "Child", "Child", "Parent"]


@lazily(frozen=True, slots=True)
class Sent:
    """A record at the top of a module."""

    a: int
    b: tuple[int, ...] = (1,)


def test_it_is_pickled_and_copied() -> None:
    made: Any = Sent
    for protocol in range(2, pickle.HIGHEST_PROTOCOL + 1):
        assert pickle.loads(pickle.dumps(made(4), protocol)) == made(4)
    assert copy.deepcopy(made(4)) == copy.copy(made(4)) == made(4)


def test_its_signature_is_known_before_it_is_made() -> None:
    shown = [str(inspect.signature(point(kind))) for kind in KINDS]
    made = shown[1].replace("<factory>", "<MISSING>")
    assert re.sub(r"<dataclasses.\w+ object at \w+>", "<MISSING>", shown[0]) == made


def test_one_that_holds_itself_can_be_shown() -> None:
    one = point(lazily)(1)
    one.names.append(one)
    assert "..." in repr(one)
