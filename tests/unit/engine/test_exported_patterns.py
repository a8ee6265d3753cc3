import pytest

from gharial.engine.exported_patterns import with_exports_named


@pytest.mark.parametrize(
    ("declaration", "names"),
    [
        ("const [a] = [1];", "a"),
        ("const [a, , b = 2, ...c] = [1];", "a, b, c"),
        ("let { a, b: [c], d: { e = f() }, ...g } = x;", "a, c, e, g"),
        ("var { [key()]: [a] } = x;", "a"),
        ("const a = 1, [b] = x;", "a, b"),
        ("const [\n  a,\n] = x;", "a"),
        ("const [π] = x;", "π"),
    ],
)
def test_all_names_that_a_pattern_binds_are_exported(declaration, names):
    source = f"f();\nexport {declaration} // done"
    assert with_exports_named(source) == (
        f"f();\n       {declaration} // done\nexport {{ {names} }};\n"
    )


@pytest.mark.parametrize(
    "source",
    [
        "export const a = 1;",
        "export const options = { vus: 1, stages: [{ target: 1 }, [2]] };",
        "const { a } = x; export { a };",
        "export default [1, { a: 2 }];",
        "// export const { a } = x;",
        "module.exports = { a: 1 };",
        "export const { a, b: { c } } = x;",
        "export const [",
    ],
)
def test_what_needs_nothing_stays_as_it_is(source):
    assert with_exports_named(source) == source
