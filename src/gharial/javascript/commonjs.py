"""
CommonJS files as ES modules, which is all that the engine loads.

What a file requires by literal names is imported before it runs, so that ``require`` has
it at hand; its exports are what the default export holds.
"""

import json
import re
from collections.abc import Mapping

_REQUIRE = re.compile(
    r"""\brequire\s*\(\s*(?P<quote>['"`])(?P<name>[^'"`$]+)(?P=quote)\s*\)"""
)
_NAMED_EXPORT = re.compile(r"""\bexports\.(?P<name>[A-Za-z_$][\w$]*)\s*=(?!=)""")
_RESERVED = frozenset(
    [
        "__isCommonJs",
        "await",
        "break",
        "case",
        "catch",
        "class",
        "const",
        "continue",
        "debugger",
        "default",
        "delete",
        "do",
        "else",
        "enum",
        "export",
        "extends",
        "false",
        "finally",
        "for",
        "function",
        "if",
        "implements",
        "import",
        "in",
        "instanceof",
        "interface",
        "let",
        "new",
        "null",
        "package",
        "private",
        "protected",
        "public",
        "return",
        "static",
        "super",
        "switch",
        "this",
        "throw",
        "true",
        "try",
        "typeof",
        "var",
        "void",
        "while",
        "with",
        "yield",
    ]
)


def required_names(text: str) -> list[str]:
    """
    Return the names that a CommonJS file may require.

    A mention in a comment or in a text counts, too.
    """
    return list(dict.fromkeys(match["name"] for match in _REQUIRE.finditer(text)))


def as_module(text: str, problems: Mapping[str, str]) -> str:
    """
    Return a module that behaves as the CommonJS file does.

    Lines keep their numbers; only the first line's columns move, by what comes before the
    text. Names that the file assigns as ``exports.name = …`` can be imported by name.

    Args:
        text: The file.
        problems: Names that cannot be had, with what to say when they are required.

    """
    required = [name for name in required_names(text) if name not in problems]
    named = sorted(
        {match["name"] for match in _NAMED_EXPORT.finditer(text)} - _RESERVED
    )
    imports = "".join(
        f"import * as $required{index} from {json.dumps(name)};"
        for index, name in enumerate(required)
    )
    table = ",".join(
        f"[{json.dumps(name)}]:$required{index}" for index, name in enumerate(required)
    )
    exports = "".join(
        f"const $export{index}=$module.exports[{json.dumps(name)}];"
        f"export{{$export{index} as {name}}};"
        for index, name in enumerate(named)
    )
    return (
        f"{imports}const $module={{exports:{{}}}};"
        f"(function(module,exports,require){{{text}\n}}).call("
        "$module.exports,$module,$module.exports,"
        "(($table,$problems)=>($name)=>{const $found=$table[$name];"
        "if($found)return $found.default??$found;"
        "throw new Error($problems[$name]??`require() takes the name of a module as a "
        'literal text, and "${$name}" was not found as one`)}'
        f")({{__proto__:null,{table}}},"
        f"Object.assign(Object.create(null),{json.dumps(dict(problems))})));"
        f"{exports}export default $module.exports;export const __isCommonJs=true;"
    )
