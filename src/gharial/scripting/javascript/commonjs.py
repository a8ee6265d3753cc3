"""
CommonJS files as ES modules, which is all that the engine loads.

What a file requires by literal names is imported before it runs, so that ``require`` has
it at hand; its exports are what the default export holds.
"""

import json
import re

_REQUIRE = re.compile(
    r"""\brequire\s*\(\s*(?P<quote>['"`])(?P<name>[^'"`$]+)(?P=quote)\s*\)"""
)
_NAMED_EXPORT = re.compile(r"""\bexports\.(?P<name>[A-Za-z_$][\w$]*)\s*=(?!=)""")
_RESERVED = frozenset(
    [
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


def as_module(text: str) -> str:
    """
    Return a module that behaves as the CommonJS file does.

    Lines keep their numbers; only the first line's columns move. Names that the file
    assigns as ``exports.name = …`` can be imported by name.
    """
    required = list(dict.fromkeys(match["name"] for match in _REQUIRE.finditer(text)))
    named = sorted(
        {match["name"] for match in _NAMED_EXPORT.finditer(text)} - _RESERVED
    )
    imports = "".join(
        f"import * as $required{index} from {json.dumps(name)};"
        for index, name in enumerate(required)
    )
    table = ",".join(
        f"{json.dumps(name)}:$required{index}" for index, name in enumerate(required)
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
        f"(($table)=>($name)=>{{const $found=$table[$name];if(!$found)throw new Error("
        '`require() takes the name of a module as a literal text, and "${$name}" was '
        "not found as one`);return $found.default??$found}"
        f")({{{table}}}));"
        f"{exports}export default $module.exports;export const __isCommonJs=true;"
    )
