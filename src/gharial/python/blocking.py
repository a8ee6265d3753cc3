"""Whether a script may suspend its virtual user, judged by its source text."""

import ast
import sys

_BLOCKING = "sleep"


def may_block(text: bytes) -> bool:
    """
    Return whether a module's code may call ``gharial.sleep``, the one blocking call.

    Where it cannot be told, the answer is yes: that costs time and nothing else.
    ``asyncio.sleep`` suspends a task and not the virtual user.
    """
    return any(_names_sleep(node) for node in ast.walk(ast.parse(text)))


def is_sleep_handed_out() -> bool:
    """
    Return whether any code in this process has imported ``sleep`` from the package.

    So have libraries that a script imports, whose text is not looked at.
    """
    facade = sys.modules.get("gharial")
    return facade is None or _BLOCKING in vars(facade)


def _names_sleep(node: ast.AST) -> bool:
    match node:
        case ast.Name(id=name):
            return name == _BLOCKING
        case ast.Attribute(value=ast.Name(id="asyncio")):
            return False
        case ast.Attribute(attr=name):
            return name == _BLOCKING
        case ast.ImportFrom(names=aliases):
            return any(alias.name == _BLOCKING for alias in aliases)
        case ast.Constant(value=value):
            return value == _BLOCKING
        case _:
            return False
