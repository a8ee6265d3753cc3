"""
Records of options: read from what users wrote, with all mistakes found at once.

A record's fields are annotated with their types and with what is to be done to a value
before and after it is one (`Before`, `After`), as a row of a table. Reading interprets
these annotations, and only those of fields that were given. Building models of all of
them beforehand, as a library for it does, took 0.15 s and 19 MB of every process.
"""

from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, field, fields
from types import NoneType, UnionType
from typing import (
    Annotated,
    Any,
    ClassVar,
    Literal,
    Self,
    Union,
    dataclass_transform,
    get_args,
    get_origin,
)

from gharial.errors import GharialError, did_you_mean
from gharial.lazy_dataclass import dataclass
from gharial.options.names import alias_of, folded
from gharial.options.plain_values import PLAIN

Location = tuple[int | str, ...]
_LISTS = (list, tuple, set, frozenset)


@dataclass(frozen=True, slots=True)
class Before:
    """
    Turns what was given into what the type takes; the last of several comes first.

    Attributes:
        change: Returns it; raises ``ValueError`` with what is wrong.

    """

    change: Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class After:
    """
    Checks or changes a value of the type.

    Attributes:
        change: Returns it; raises ``ValueError`` with what is wrong.

    """

    change: Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class ShownAs:
    """
    How a value is written as data.

    Attributes:
        shown: Returns plain data.

    """

    shown: Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class Mistake:
    """
    What is wrong with a value.

    Attributes:
        location: Where it is in what was given: names and places in lists.
        message: What is wrong, and what would be right.

    """

    location: Location
    message: str


class InvalidRecordError(GharialError):
    """
    A record cannot be made of what was given.

    Attributes:
        mistakes: All that is wrong.

    """

    def __init__(self, mistakes: tuple[Mistake, ...]) -> None:
        super().__init__(mistakes)
        self.mistakes = mistakes

    def __str__(self) -> str:
        return "\n".join(
            f"{'.'.join(map(str, each.location))}: {each.message}"
            for each in self.mistakes
        )


@dataclass_transform(
    frozen_default=True, kw_only_default=True, field_specifiers=(field,)
)
class OptionRecord:
    """A frozen record; names in camelCase or snake_case, unknown ones are errors."""

    _fields: ClassVar[Mapping[str, Field[Any]]]
    _aliases: ClassVar[Mapping[str, str]]

    def __init_subclass__(cls, **settings: Any) -> None:
        super().__init_subclass__(**settings)
        # Of each class itself: fields that it adds would be forgotten otherwise.
        made: Any = dataclass(frozen=True, kw_only=True)(cls)
        cls._fields = {alias_of(each.name): each for each in fields(made)}
        cls._aliases = {folded(name): name for name in cls._fields}

    @classmethod
    def names(cls) -> tuple[str, ...]:
        """Return the names that users write, in the order of the fields."""
        return tuple(cls._fields)

    @classmethod
    def read(cls, given: Mapping[str, Any]) -> Self:
        """
        Return the record that was written down; None is the same as nothing said.

        Args:
            given: By the names of the fields in any spelling.

        Raises:
            InvalidRecordError: If anything is wrong, with all that is.

        """
        reader = _Reader()
        record: Self | None = reader.record(cls, given, ())
        if record is None or reader.mistakes:
            raise InvalidRecordError(tuple(reader.mistakes))
        return record

    def check(self) -> None:
        """
        Return if the values fit together.

        Raises:
            ValueError: If they do not, with what is wrong.

        """

    def with_(self, **changed: Any) -> Self:
        """Return a copy with other values, which are not checked."""
        return type(self)(**{**vars(self), **changed})

    def as_data(
        self,
        *,
        leaving_out: frozenset[str] = frozenset(),
        without_none: bool = False,
        without_defaults: bool = False,
    ) -> dict[str, Any]:
        """
        Return plain data as of JSON, by the names that users write.

        Args:
            leaving_out: Attributes that are not wanted.
            without_none: Whether those are left out that are None, in all depths.
            without_defaults: Whether those are left out that have their default, in all
                depths.

        """
        shown = {}
        for name, each in self._fields.items():
            value = getattr(self, each.name)
            is_left_out = (
                each.name in leaving_out
                or each.metadata.get(_NOT_SHOWN)
                or (without_none and value is None)
                or (without_defaults and value == default_of(each))
            )
            if not is_left_out:
                shown[name] = _data(each.type, value, (without_none, without_defaults))
        return shown


_NOT_SHOWN = "not shown"
NOT_SHOWN: Mapping[str, bool] = {_NOT_SHOWN: True}
"""As the ``metadata`` of a field that is accepted, and no part of its record's data."""


def default_of(each: Field[Any]) -> Any:
    """Return the default of a record's field; ``MISSING`` if it has none."""
    if each.default_factory is not MISSING:
        return each.default_factory()
    return each.default


def fields_of(record: type[OptionRecord]) -> Mapping[str, Field[Any]]:
    """Return the fields of a record by the names that users write."""
    return record._fields


class _Reader:
    """Reads values by the annotations of their fields, and collects what is wrong."""

    def __init__(self) -> None:
        self.mistakes: list[Mistake] = []

    def record(self, kind: type[OptionRecord], given: Any, location: Location) -> Any:
        if isinstance(given, kind):
            return given
        # One that is abstract is read by whoever knows which one it is.
        if not isinstance(given, Mapping) or getattr(kind, "__abstractmethods__", None):
            return self._wrong(location, f"{given!r} is not a map of names to values")
        aliases, before = kind._aliases, len(self.mistakes)
        said = {
            aliases.get(folded(str(name)), str(name)): value
            for name, value in given.items()
            if value is not None
        }
        values = {}
        for name, each in kind._fields.items():
            if name in said:
                place = (*location, name)
                values[each.name] = self.value(each.type, said.pop(name), place)
            elif default_of(each) is MISSING:
                self._wrong((*location, name), "is required")
        for name in said:
            self._unknown(kind, name, location)
        if len(self.mistakes) > before:
            return None
        record = kind(**values)
        try:
            record.check()
        except ValueError as error:
            return self._wrong(location, str(error))
        return record

    def value(self, annotation: Any, given: Any, location: Location) -> Any:
        """Return a value; None, with a mistake taken down, if it cannot be had."""
        steps: tuple[Any, ...] = ()
        if get_origin(annotation) is Annotated:
            annotation, *rest = get_args(annotation)
            steps = tuple(rest)
        before = len(self.mistakes)
        try:
            for step in reversed(steps):
                if isinstance(step, Before):
                    given = step.change(given)
            value = self._of_type(annotation, given, location)
            if len(self.mistakes) > before:
                return None
            for step in steps:
                if isinstance(step, After):
                    value = step.change(value)
        except ValueError as error:
            return self._wrong(location, str(error))
        return value

    def _of_type(self, kind: Any, given: Any, location: Location) -> Any:
        origin = get_origin(kind)
        if kind is Any:
            return given
        if origin is Literal:
            return self._one_of(get_args(kind), given, location)
        if origin in (Union, UnionType):
            return self._either(get_args(kind), given, location)
        if origin in (tuple, frozenset):
            return self._list(origin, get_args(kind)[0], given, location)
        if origin is dict:
            return self._map(get_args(kind), given, location)
        if issubclass(kind, OptionRecord):
            return self.record(kind, given, location)
        if kind in PLAIN:
            return PLAIN[kind](given)
        if not isinstance(given, kind):
            raise ValueError(f"{given!r} is not valid here")
        return given

    def _either(self, kinds: tuple[Any, ...], given: Any, location: Location) -> Any:
        if given is None and NoneType in kinds:
            return None
        kinds = tuple(each for each in kinds if each is not NoneType)
        if len(kinds) == 1:
            return self.value(kinds[0], given, location)
        if not isinstance(given, kinds):
            raise ValueError(f"{given!r} is not valid here")
        return given

    def _one_of(self, choices: tuple[Any, ...], given: Any, location: Location) -> Any:
        if isinstance(given, str) and given in choices:
            return given
        names = [str(each) for each in choices]
        raise ValueError(
            f"{given!r} is not valid{did_you_mean(str(given), names)} "
            f"(one of {', '.join(names)})"
        )

    def _list(self, make: type[Any], kind: Any, given: Any, location: Location) -> Any:
        if not isinstance(given, _LISTS):
            raise ValueError(f"{given!r} is not a list")
        return make(
            [
                self.value(kind, each, (*location, place))
                for place, each in enumerate(given)
            ]
        )

    def _map(
        self, kinds: tuple[Any, ...], given: Any, location: Location
    ) -> dict[str, Any]:
        if not isinstance(given, Mapping):
            raise ValueError(f"{given!r} is not a map of names to values")
        for name in given:
            if not isinstance(name, str):
                self._wrong((*location, str(name)), f"{name!r} is not a string")
        return {
            name: self.value(kinds[1], each, (*location, str(name)))
            for name, each in given.items()
        }

    def _unknown(
        self, kind: type[OptionRecord], written: str, location: Location
    ) -> None:
        names = kind.names()
        hint = did_you_mean(written, names)
        known = f" (there are {', '.join(names)})" if location or not hint else ""
        self._wrong((*location, written), f"there is no such field{hint}{known}")

    def _wrong(self, location: Location, message: str) -> None:
        self.mistakes.append(Mistake(location, message))


def _data(annotation: Any, value: Any, without: tuple[bool, bool]) -> Any:
    """Return a value as plain data."""
    if isinstance(value, OptionRecord):
        return value.as_data(without_none=without[0], without_defaults=without[1])
    arguments = get_args(annotation)
    if get_origin(annotation) is Annotated:
        for step in arguments[1:]:
            if isinstance(step, ShownAs):
                return step.shown(value)
        return _data(arguments[0], value, without)
    if get_origin(annotation) in (Union, UnionType):
        kind = next(each for each in arguments if each is not NoneType)
        return None if value is None else _data(kind, value, without)
    if isinstance(value, Mapping):
        kind = arguments[1] if arguments else Any
        return {str(name): _data(kind, each, without) for name, each in value.items()}
    if isinstance(value, _LISTS):
        kind = arguments[0] if arguments else Any
        return [_data(kind, each, without) for each in value]
    if value is None or isinstance(value, (str, int, float)):
        return value
    return str(value)
