import pytest

from gharial.javascript.commonjs import (
    as_empty,
    as_module,
    exported_names,
    required_names,
    uses_require,
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


def test_a_computed_name_may_be_that_of_any_module_mentioned() -> None:
    text = "for (const a of ['k6', './b.js', './c.txt', 'd']) require(a);"
    assert required_names(text) == ["k6", "./b.js"]
    assert required_names("['k6/http'].map(require)") == ["k6/http"]
    assert required_names("f('k6'); typeof require; require('a')") == ["a"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("require('a')", True),
        ("f(require)", True),
        ("a.require('a')", False),
        ("typeof require", False),
        ("let require = f; require('a')", False),
        ("import { a as require } from 'b'; require('a')", False),
        ("const { require } = b; require('a')", False),
        ("f({ require }); require('a')", True),
    ],
)
def test_whether_a_module_needs_a_require(text: str, expected: bool) -> None:
    assert uses_require(text) is expected


def test_all_names_are_exported_that_a_module_can_export() -> None:
    names = ["a", "if", "default", "x-y", "\ud800"]
    for module in (as_module("/f.js", names), as_empty(names)):
        assert ' as "a"}' in module
        assert ' as "if"}' in module
        assert ' as "x-y"}' in module
        assert "ud800" not in module
        assert module.count("export default") == 1


def test_the_host_is_told_of_keys_while_a_script_is_read() -> None:
    assert "tellKeys" not in as_module("/f.js", [])
    assert 'tellKeys("/f.js",$exports)' in as_module("/f.js", [], is_watched=True)
