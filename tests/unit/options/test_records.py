"""Records are read from their annotations, with all mistakes at once."""

import pickle
from abc import ABC, abstractmethod
from dataclasses import field
from typing import Annotated, Any, Literal

import pytest

from gharial.options.records import (
    NOT_SHOWN,
    After,
    Before,
    InvalidRecordError,
    Mistake,
    OptionRecord,
    ShownAs,
)


def _even(value: int) -> int:
    if value % 2:
        raise ValueError("is odd")
    return value


class Part(OptionRecord):
    size_bytes: Annotated[int, After(_even)]
    kind: Literal["thin", "thick"] = "thin"


class Whole(OptionRecord):
    name: str
    parts: tuple[Part, ...] = ()
    by_name: dict[str, Part] = field(default_factory=dict)
    limit_s: Annotated[
        float | None, Before(lambda given: 2 * given), ShownAs(lambda s: f"{s}s")
    ] = None
    words: frozenset[str] = frozenset()
    is_new: bool = False
    private: dict[str, Any] = field(default_factory=dict, metadata=NOT_SHOWN)

    def check(self) -> None:
        if self.name == "misfit":
            raise ValueError("does not fit")


class Open(OptionRecord, ABC):
    @abstractmethod
    def act(self) -> None: ...


class Holder(OptionRecord):
    held: Open | None = None


def mistakes(kind: type[OptionRecord], given: Any) -> list[Mistake]:
    with pytest.raises(InvalidRecordError) as caught:
        kind.read(given)
    assert str(caught.value)
    return list(caught.value.mistakes)


def test_a_record_is_read_with_all_that_is_in_it() -> None:
    whole = Whole.read(
        {
            "name": "n",
            "parts": [{"size": "4"}, Part(size_bytes=3)],
            "byName": {"a": {"sizeBytes": None, "size": 2.0, "kind": "thick"}},
            "LIMIT": 1.5,
            "words": ["b", "a"],
            "is_new": "yes",
        }
    )
    assert whole.parts == (Part(size_bytes=4), Part(size_bytes=3))
    assert whole.by_name == {"a": Part(size_bytes=2, kind="thick")}
    assert whole.limit_s == 3.0
    assert whole.words == frozenset(("a", "b"))
    assert whole.is_new
    assert pickle.loads(pickle.dumps(whole)) == whole
    assert whole.with_(name="m").name == "m"


def test_all_mistakes_are_found_at_once() -> None:
    given = {
        "parts": [{"size": 3}, {"kind": "thinn", "size": 2}, 7],
        "byName": {"a": {}},
        "words": "a",
        "isNew": "perhaps",
        "nam": 1,
    }
    assert mistakes(Whole, given) == [
        Mistake(("name",), "is required"),
        Mistake(("parts", 0, "size"), "is odd"),
        Mistake(
            ("parts", 1, "kind"),
            "'thinn' is not valid; did you mean \"thin\"? (one of thin, thick)",
        ),
        Mistake(("parts", 2), "7 is not a map of names to values"),
        Mistake(("byName", "a", "size"), "is required"),
        Mistake(("words",), "'a' is not a list"),
        Mistake(("isNew",), "'perhaps' is neither true nor false"),
        Mistake(("nam",), 'there is no such field; did you mean "name"?'),
    ]


@pytest.mark.parametrize(
    ("kind", "given", "message"),
    [
        (Whole, 5, "5 is not a map of names to values"),
        (Whole, {"name": "misfit"}, "does not fit"),
        (Whole, {"name": 5}, "5 is not a string"),
        (Whole, {"name": "n", "byName": {1: {"size": 2}}}, "1 is not a string"),
        (Part, {"size": 2.5}, "2.5 is not a whole number"),
        (Part, {"size": 1e30}, "1e+30 is too large"),
        (Part, {"size": "1" * 5000}, f"'{'1' * 5000}' is too large"),
        (Holder, {"held": {}}, "{} is not a map of names to values"),
    ],
)
def test_what_is_wrong_is_said(
    kind: type[OptionRecord], given: Any, message: str
) -> None:
    assert [each.message for each in mistakes(kind, given)] == [message]


def test_data_is_what_users_would_write() -> None:
    whole = Whole(
        name="n",
        parts=(Part(size_bytes=2),),
        limit_s=3.0,
        words=frozenset("a"),
        private={"a": 1},
    )
    assert whole.as_data() == {
        "name": "n",
        "parts": [{"size": 2, "kind": "thin"}],
        "byName": {},
        "limit": "3.0s",
        "words": ["a"],
        "isNew": False,
    }
    assert whole.as_data(without_defaults=True, leaving_out=frozenset({"words"})) == {
        "name": "n",
        "parts": [{"size": 2}],
        "limit": "3.0s",
    }
    assert "limit" not in whole.with_(limit_s=None).as_data(without_none=True)
