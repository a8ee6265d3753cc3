"""What a module imports: which names, of which modules, and where in its text."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from gharial.engine.syntax_tree import parsed
from gharial.lazy_dataclass import dataclass
from gharial.lazy_pattern import lazy_pattern

# Whatever may be the name of a module; finds some too many, in comments and strings.
_SPECIFIER = lazy_pattern(
    r"""\bfrom\s*(["'])(?P<from>[^"'\n]+)\1"""
    r"""|\bimport\s*(["'])(?P<bare>[^"'\n]+)\3"""
    r"""|\bimport\s*\(\s*(["'`])(?P<late>[^"'`$\n]+)\5\s*[,)]"""
)
_WORD = r"[A-Za-z_$][\w$]*"
_COMPUTED_IMPORT = lazy_pattern(
    r"""\bimport\s*\(\s*(?:[^\s"'`]|`[^`$]*\$|"[^"\n]*"\s*\+|'[^'\n]*'\s*\+)"""
)

Node = Any


@dataclass(frozen=True, slots=True)
class Import:
    """
    One import, or one export from another module.

    Attributes:
        module: The module's name as it is written.
        start: Where that begins in the text as UTF-8, behind its quote.
        end: Where it ends.
        names: What is imported by name.
        members: What is read of a namespace that is imported whole.
        is_star: Whether all names are exported on.
        is_whole: Whether all names can be seen.

    """

    module: str
    start: int
    end: int
    names: frozenset[str] = frozenset()
    members: frozenset[str] = frozenset()
    is_star: bool = False
    is_whole: bool = False


@dataclass(frozen=True, slots=True)
class Move:
    """
    How far the rest of a module's line was moved, for the engine.

    Attributes:
        line: From 1.
        column: Where the rest begins now, from 1.
        by: By how many characters it was moved, all in all.

    """

    line: int
    column: int
    by: int

    def is_before(self, line: int, column: int) -> bool:
        """Return whether a place is in that rest."""
        return line == self.line and column >= self.column


def mentioned_modules(source: str) -> set[str]:
    """Return what may be names of imported modules, and perhaps some more."""
    return {
        match["from"] or match["bare"] or match["late"]
        for match in _SPECIFIER.finditer(source)
    }


def has_computed_import(source: str) -> bool:
    """Return whether a module imports what it names by an expression."""
    # Nearly all modules are spared the search.
    return ("import(" in source or "import (" in source) and _COMPUTED_IMPORT.search(
        source
    ) is not None


def imports_of(source: str) -> list[Import]:
    """Return all imports of a module whose module is named by a string."""
    data = source.encode("utf-8", "surrogatepass")
    root = parsed(data)
    statements = [
        each
        for each in root.children
        if each.type in ("import_statement", "export_statement")
        and each.child_by_field_name("source") is not None
    ]
    namespaces = _Namespaces(source, filter(None, map(_namespace, statements)))
    found = [_of_statement(each, namespaces) for each in statements]
    if re.search(r"\bimport\s*\(", source):
        found += _late_imports(root)
    return found


def with_modules_renamed(source: str, names: Mapping[Import, str]) -> str:
    """Return a module that imports the same from modules of other names."""
    data = bytearray(source.encode("utf-8", "surrogatepass"))
    for each in sorted(names, key=lambda one: one.start, reverse=True):
        data[each.start : each.end] = _written(names[each]).encode()
    return data.decode("utf-8", "surrogatepass")


def moves_by_renaming(source: str, names: Mapping[Import, str]) -> list[Move]:
    """Return what `with_modules_renamed` moves in the lines of a module."""
    data = source.encode("utf-8", "surrogatepass")
    moves: list[Move] = []
    by = line_start = 0
    for each in sorted(names, key=lambda one: one.start):
        start = data.rfind(b"\n", 0, each.start) + 1
        if start != line_start:
            by, line_start = 0, start
        by += len(_written(names[each])) - _length(data[each.start : each.end])
        moves.append(
            Move(
                line=data.count(b"\n", 0, start) + 1,
                column=_length(data[start : each.end]) + by + 1,
                by=by,
            )
        )
    return moves


def moved_by_head(moves: Sequence[Move], length: int) -> list[Move]:
    """Return what is moved in a module that has so many characters more in front of it."""
    first = [
        Move(line=1, column=each.column + length, by=each.by + length)
        for each in moves
        if each.line == 1
    ]
    others = [each for each in moves if each.line != 1]
    return [Move(line=1, column=length + 1, by=length), *first, *others]


def _written(name: str) -> str:
    name = name.replace("\\", "\\\\").replace("'", "\\'")
    return name.replace('"', '\\"').replace("`", "\\`")


def _length(text: bytes) -> int:
    return len(text.decode("utf-8", "surrogatepass"))


class _Namespaces:
    """What a module reads of those that it imports whole."""

    def __init__(self, text: str, names: Iterable[str]) -> None:
        self.members: dict[str, set[str]] = {name: set() for name in names}
        # One mention of each is its import.
        self._others = dict.fromkeys(self.members, -1)
        if self.members:
            self._look(text)

    def _look(self, text: str) -> None:
        either = "|".join(map(re.escape, self.members))
        mention = re.compile(
            # Not a property, but what is spread.
            rf"(?<![\w$])(?:(?<!\.)|(?<=\.\.\.))({either})(?![\w$])"
            rf"(?:\s*(?:\?\.|\.)\s*({_WORD}))?"
        )
        for match in mention.finditer(text):
            if match[2] is None:
                self._others[match[1]] += 1
            else:
                self.members[match[1]].add(match[2])

    def is_whole(self, name: str) -> bool:
        """Return whether a namespace may be used but for one member at a time."""
        return self._others[name] > 0


def _namespace(statement: Node) -> str:
    for clause in statement.named_children:
        if clause.type == "import_clause":
            for child in clause.named_children:
                if child.type == "namespace_import":
                    return _text(child.named_children[0])
    return ""


def _of_statement(statement: Node, namespaces: _Namespaces) -> Import:
    names: set[str] = set()
    is_star = is_whole = False
    for child in statement.children:
        match child.type:
            case "import_clause":
                names |= _imported(child)
            case "export_clause":
                names |= _specified(child, "export_specifier")
            case "namespace_export":
                is_whole = True
            case "*":
                is_star = is_whole = True
    namespace = _namespace(statement)
    return _import(
        statement.child_by_field_name("source"),
        frozenset(names),
        members=frozenset(namespaces.members.get(namespace, ())),
        is_star=is_star,
        is_whole=is_whole or (namespace != "" and namespaces.is_whole(namespace)),
    )


def _imported(clause: Node) -> set[str]:
    names: set[str] = set()
    for child in clause.named_children:
        match child.type:
            case "named_imports":
                names |= _specified(child, "import_specifier")
            case "identifier":
                names.add("default")
    return names


def _specified(clause: Node, kind: str) -> set[str]:
    return {
        _text(each.child_by_field_name("name"))
        for each in clause.named_children
        if each.type == kind
    }


def _late_imports(root: Node) -> Iterator[Import]:
    stack = [root]
    while stack:
        node = stack.pop()
        if node.type == "call_expression" and node.child(0).type == "import":
            arguments = node.child_by_field_name("arguments").named_children
            if arguments and arguments[0].type in ("string", "template_string"):
                yield _import(arguments[0], is_whole=True)
        stack.extend(node.children)


def _import(literal: Node, names: frozenset[str] = frozenset(), **facts: Any) -> Import:
    text = literal.text.decode("utf-8", "replace")[1:-1]
    return Import(text, literal.start_byte + 1, literal.end_byte - 1, names, **facts)


def _text(node: Node) -> str:
    text: str = node.text.decode("utf-8", "replace")
    return text.strip("\"'")
