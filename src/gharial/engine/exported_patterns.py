"""
Rewrites exports by an array pattern, ``export const [a, b] = …``, for the engine.

QuickJS (2025-09) declares the names and forgets to export them. Here they are exported by
a statement of their own at the end of the module, which means the same; all places stay.

Source:
    ECMA-262 section 16.2.3.4, *ExportedNames* of a declaration: its *BoundNames*.
"""

from collections.abc import Iterator

from gharial.engine.syntax_tree import Node, parsed
from gharial.lazy_pattern import lazy_pattern

# Says no to nearly all modules at once, and yes to a few too many.
_MAY_HAVE = lazy_pattern(r"\bexport\s+(?:const|let|var)\b(?:[^;\n]*,)?\s*[\[{]")
_NAMES = frozenset({"identifier", "shorthand_property_identifier_pattern"})
# Of these only one part binds names: the rest are keys and defaults.
_BINDING_FIELDS = {
    "assignment_pattern": "left",
    "object_assignment_pattern": "left",
    "pair_pattern": "value",
}


def with_exports_named(source: str) -> str:
    """Return a module whose declarations by an array pattern export all of their names."""
    if _MAY_HAVE.search(source) is None:
        return source
    data = bytearray(source.encode("utf-8", "surrogatepass"))
    names: list[str] = []
    for statement in parsed(bytes(data)).children:
        found = statement.child_by_field_name("declaration")
        if statement.type != "export_statement" or found is None:
            continue
        bound = [each.child_by_field_name("name") for each in found.named_children]
        if any(each is not None and _has_array(each) for each in bound):
            names += [name for each in bound if each for name in _bound_names(each)]
            start = statement.start_byte
            data[start : start + len("export")] = b" " * len("export")
    if not names:
        return source
    text = data.decode("utf-8", "surrogatepass")
    return f"{text}\nexport {{ {', '.join(names)} }};\n"


def _has_array(node: Node) -> bool:
    return node.type == "array_pattern" or any(map(_has_array, node.named_children))


def _bound_names(node: Node) -> Iterator[str]:
    if node.type in _NAMES:
        yield node.text.decode()
        return
    field = _BINDING_FIELDS.get(node.type)
    inside = node.named_children if field is None else [node.child_by_field_name(field)]
    for each in inside:
        yield from _bound_names(each)
