"""The syntax tree of a script in JavaScript or TypeScript, for what edits its text."""

from functools import cache
from typing import Any

Node = Any


def parsed(source: bytes) -> Node:
    """Return the syntax tree of a script in UTF-8; JavaScript is TypeScript, too."""
    return _parser().parse(source).root_node


@cache
def _parser() -> Any:
    # Here, not above: scripts in JavaScript need no parser of ours.
    import tree_sitter
    import tree_sitter_typescript

    language = tree_sitter.Language(tree_sitter_typescript.language_typescript())
    return tree_sitter.Parser(language)
