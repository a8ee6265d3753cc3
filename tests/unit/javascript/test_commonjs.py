import pytest

from gharial.javascript.commonjs import (
    as_empty,
    as_module,
    exported_names,
    required_names,
)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("exports.a = 1; module.exports.b = exports.a;", {"a", "b"}),
        ("exports.a == 1", set()),
        ("exports['a'] = 1", {"a"}),
        ('Object.defineProperty(exports, "a", { get })', {"a"}),
        ("Object.defineProperty(module.exports, 'a', {})", {"a"}),
        ("module.exports = { a, b: 1, 'c': 2, d() {} };", {"a", "b", "c", "d"}),
        ("module.exports = { a: f(1), async b() {} }", {"a", "b"}),
        ("module.exports = function () {}", set()),
    ],
)
def test_names_that_a_file_exports(text: str, names: set[str]) -> None:
    assert exported_names(text) == names


def test_names_that_a_file_requires() -> None:
    text = "require('a'); require( \"./b\" ); const c = require(name); require('a', 1);"
    assert required_names(text) == ["a", "./b"]


def test_only_names_that_can_be_exported_are() -> None:
    for module in (
        as_module("/f.js", ["a", "if", "default", "__commonJsExports", "x-y"]),
        as_empty(["a", "if", "default", "x-y"]),
    ):
        assert " as a}" in module
        assert " as if}" in module
        assert "x-y" not in module
        assert module.count("export default") == 1
