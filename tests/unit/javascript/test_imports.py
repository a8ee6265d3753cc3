import pytest

from gharial.javascript.imports import (
    has_computed_import,
    imports_of,
    mentioned_modules,
    moves_by_renaming,
    with_modules_renamed,
)


@pytest.mark.parametrize(
    ("statement", "names"),
    [
        ("import 'm'", set()),
        ("import a from 'm'", {"default"}),
        ("import { a, b as c } from 'm'", {"a", "b"}),
        ("import a, { default as b } from 'm'", {"default"}),
        ("import a, { b } from 'm'", {"default", "b"}),
        ("import * as a from 'm'; a.b", set()),
        ("export { a, b as c } from 'm'", {"a", "b"}),
        ("export { /* one */ default as a } from 'm'", {"default"}),
        ("export * as a from 'm'", set()),
        ("export * from 'm'", set()),
        ("await import('m')", set()),
        ("await import(`m`, {})", set()),
    ],
)
def test_what_is_imported_by_name(statement: str, names: set[str]) -> None:
    (found,) = imports_of(f"const é = 1; {statement};")
    assert (found.module, found.names) == ("m", frozenset(names))
    assert found.is_star == statement.startswith("export * from")
    assert "m" in mentioned_modules(statement)


@pytest.mark.parametrize(
    ("statement", "members", "is_whole"),
    [
        ("import * as a from 'm'; a.b; a?.c.d; xa.no; a.e()", {"b", "c", "e"}, False),
        ("import x, * as a from 'm'; a.b", {"b"}, False),
        ("import * as a from 'm'; f(a)", set(), True),
        ("import * as a from 'm'; f({ ...a })", set(), True),
        ("import * as a from 'm'; x.a; a$; a.b", {"b"}, False),
        ("import * as a from 'm'; a['b']", set(), True),
        ("import { a } from 'm'; f(a)", set(), False),
        ("export * from 'm'", set(), True),
        ("export * as a from 'm'", set(), True),
        ("export { a } from 'm'", set(), False),
        ("await import('m')", set(), True),
    ],
)
def test_what_is_seen_of_a_namespace(
    statement: str,
    members: set[str],
    is_whole: bool,
) -> None:
    (found,) = imports_of(f"const é = 1; {statement};")
    assert (set(found.members), found.is_whole) == (members, is_whole)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("import('m')", False),
        ("import(`m`)", False),
        ("import(name)", True),
        ("import(`./${name}.js`)", True),
        ("import('./' + name)", True),
        ("import.meta.url", False),
    ],
)
def test_whether_an_import_is_computed(text: str, expected: bool) -> None:
    assert has_computed_import(text) is expected


def test_mentions_are_no_imports() -> None:
    source = "// import 'a'\nconst s = \"import 'b'\"; import(name); export { s };"
    assert imports_of(source) == []


def test_modules_are_renamed_where_they_are_imported() -> None:
    source = "const é = 'm'; import a from 'm';\nexport * from \"n\"; import(`m`);"
    names = {each: f"/it's/{each.module}.js" for each in imports_of(source)}
    assert with_modules_renamed(source, names) == (
        "const é = 'm'; import a from '/it\\'s/m.js';\n"
        "export * from \"/it\\'s/n.js\"; import(`/it\\'s/m.js`);"
    )


def test_places_behind_a_renamed_module_are_moved_by_so_much() -> None:
    source = (
        "// é\n"
        "let 😀 = 1; import a from './a'; one(); import b from './much/longer'; two();\n"
        "three(); import('./\\u0063'); four();"
    )
    names = ["/somewhere/a.js", "/b", "/it's/c"]
    renamed = dict(zip(imports_of(source), names, strict=True))
    loaded = with_modules_renamed(source, renamed)
    moves = moves_by_renaming(source, renamed)
    own, theirs = source.split("\n"), loaded.split("\n")
    for call in ("one", "two", "three", "four"):
        (line,) = [at for at, text in enumerate(theirs) if call in text]
        column = theirs[line].index(call) + 1
        by = [each.by for each in moves if each.is_before(line + 1, column)]
        assert column - sum(by[-1:]) == own[line].index(call) + 1
