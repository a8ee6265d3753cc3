"""
CommonJS files for an engine that loads ES modules only.

Each is loaded as a small module that runs the file as Node.js does
(``runtime/commonjs.js``) and exports what it left in ``module.exports``. A module's exports
must be named before it runs, so they are found in the text, and in what other modules
import from the file.
"""

import json
from collections.abc import Iterable

from gharial.lazy_pattern import lazy_pattern

EMPTY = "gharial:empty"
"""A module that stands for one that a package does not want in browsers."""
_NAME = r"[A-Za-z_$][\w$]*"
_REQUIRE = lazy_pattern(
    r"""\brequire\s*\(\s*(?P<quote>['"`])(?P<name>[^'"`$]+)(?P=quote)\s*[,)]"""
)
# A call, or the function itself handed on; `typeof require` is neither.
_REQUIRE_MENTION = lazy_pattern(r"(?<![\w$.])(?<!typeof )require\s*[(,)]")
_OWN_REQUIRE = lazy_pattern(
    r"\b(?:const|let|var|function|class|as|import)\s+require\b"
    r"|\{[^{}()]*\brequire\b[^{}()]*\}\s*(?:=|from\b)"
)
# A string that may be the name of a module that cannot be loaded while somebody waits.
_MODULE = lazy_pattern(
    r"""(?P<quote>['"`])(?P<name>k6(?:/[\w/-]+)?|\.{1,2}/[^'"`$\n]+?\.[mc]?[jt]s)(?P=quote)"""
)
_EXPORTED = lazy_pattern(
    rf"""\bexports\s*\.\s*(?P<name>{_NAME})\s*=(?!=)"""
    rf"""|\bexports\s*\[\s*(["'])(?P<key>{_NAME})\2\s*\]\s*=(?!=)"""
    rf"""|\bdefineProperty\s*\(\s*(?:module\.)?exports\s*,\s*(["'])(?P<defined>{_NAME})\4"""
)
# `module.exports = { a, b: 1, c() {} }`, as far as no brace comes between.
_EXPORTED_OBJECT = lazy_pattern(r"\bmodule\.exports\s*=\s*\{(?P<inside>[^{}]*)")
_KEY = lazy_pattern(
    rf"""(?:^|,)\s*(?:async\s+)?(["']?)(?P<key>{_NAME})\1\s*(?=[,:(]|$)"""
)
_HALF = lazy_pattern("[\ud800-\udfff]")
_LOADED = "const $gharial=globalThis[Symbol.for('gharial')];$gharial.load('commonjs');"
_HEAD = "(function(exports,require,module,__filename,__dirname){"


def required_names(text: str) -> list[str]:
    """
    Return the names that a file may require.

    A mention in a comment or in a string counts, too. If some name is computed, that may be
    any of the names of modules that the file mentions.
    """
    names = [match["name"] for match in _REQUIRE.finditer(text)]
    if len(_REQUIRE_MENTION.findall(text)) > len(names):
        names += [match["name"] for match in _MODULE.finditer(text)]
    return list(dict.fromkeys(names))


def uses_require(text: str) -> bool:
    """Return whether an ES module uses a ``require`` that it does not declare itself."""
    return (
        _REQUIRE_MENTION.search(text) is not None and _OWN_REQUIRE.search(text) is None
    )


def own_require(name: str, required: Iterable[str]) -> str:
    """
    Return the code that gives an ES module a ``require()`` as a CommonJS file has it.

    Args:
        name: The module.
        required: The ES modules, and ours, that it or a file that it requires may ask for.

    """
    imports, table = _required(required)
    return (
        f"{imports}const require=(()=>{{{_LOADED}"
        f"return $gharial.requireIn({json.dumps(name)},{table})}})();"
    )


def exported_names(text: str) -> set[str]:
    """Return the names that a CommonJS file exports, as far as its text shows them."""
    names = {
        match["name"] or match["key"] or match["defined"]
        for match in _EXPORTED.finditer(text)
    }
    for match in _EXPORTED_OBJECT.finditer(text):
        names |= {each["key"] for each in _KEY.finditer(match["inside"])}
    return names


def as_function(text: str) -> str:
    """
    Return a file as the function that Node.js makes of it.

    Lines keep their numbers; only the first line's columns move, by `columns_moved`.
    """
    return f"{_HEAD}{text}\n}})"


def columns_moved() -> int:
    """Return by how much `as_function` moves the columns of the first line."""
    return len(_HEAD)


def as_module(
    name: str,
    exported: Iterable[str],
    required: Iterable[str] = (),
    *,
    is_watched: bool = False,
) -> str:
    """
    Return a module that runs a CommonJS file and exports what that exports.

    Args:
        name: The file.
        exported: The names to export.
        required: The ES modules, and ours, that it or a file that it requires may ask for.
        is_watched: Whether the host is told the keys of what the file exports.

    """
    named = [
        f"const $export{index}=$exports[{json.dumps(each)}];"
        f"export{{$export{index} as {json.dumps(each)}}};"
        for index, each in enumerate(_exportable(exported))
    ]
    told = f"$gharial.tellKeys({json.dumps(name)},$exports);" if is_watched else ""
    imports, table = _required(required)
    return (
        f"{imports}{_LOADED}"
        f"const $file=$gharial.runCommonJs({json.dumps(name)},{table});"
        f"const $exports=Object($file);{told}"
        f"{''.join(named)}"
        "export default $exports.__esModule&&'default' in $exports"
        "?$exports.default:$file;"
    )


def as_empty(names: Iterable[str]) -> str:
    """Return a module that exports nothing of any worth by these names."""
    named = "".join(
        f"export{{$nothing as {json.dumps(each)}}};" for each in _exportable(names)
    )
    return f"const $nothing=undefined;{named}export default {{}};"


def as_look_ahead(files: Iterable[str]) -> str:
    """Return a module that runs files one after another, whatever becomes of each."""
    return "".join(
        f"await import({json.dumps(each)}).catch(()=>{{}});" for each in files
    )


def _required(modules: Iterable[str]) -> tuple[str, str]:
    """Return imports of modules, and the table of them that the runtime takes."""
    imports, table = [], []
    for index, module in enumerate(modules):
        imports.append(f"import * as $required{index} from {json.dumps(module)};")
        table.append(f"[{json.dumps(module)},$required{index}]")
    return "".join(imports), f"[{','.join(table)}]"


def _exportable(names: Iterable[str]) -> list[str]:
    # Half of a surrogate pair cannot be the name of an export.
    return sorted(name for name in set(names) - {"default"} if not _HALF.search(name))
