"""The names that CommonJS files export: the keys of what they leave, as in k6."""

from pathlib import Path

import pytest
from script_runs import javascript, run

from gharial.errors import GharialError

# Names that no reading of the text can find.
LOOP = """const all = { one: 1, two: 2 };
Object.keys(all).forEach((key) => { exports[key] = all[key]; });
"""
# As compilers of TypeScript write `export * from './loop'`.
COMPILED = """var bind = (o, m, k) =>
  Object.defineProperty(o, k, { enumerable: true, get: () => m[k] });
var star = (m, e) => {
  for (var p in m) if (p !== 'default' && !Object.hasOwn(e, p)) bind(e, m, p);
};
Object.defineProperty(exports, '__esModule', { value: true });
star(require('./loop'), exports);
exports.three = 3;
"""
# As bundlers write a library.
BUNDLED = """module.exports = (() => {
  var define = (e, d) => { for (var k in d) Object.defineProperty(e, k,
    { enumerable: true, get: d[k] }); };
  var made = {}; define(made, { four: () => 4, five: () => 5 });
  return made;
})();
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "loop.js").write_text(LOOP)
    (tmp_path / "compiled.js").write_text(COMPILED)
    (tmp_path / "bundled.js").write_text(BUNDLED)
    (tmp_path / "all.js").write_text(
        "export * from './compiled.js'; export * from './bundled.js';"
        "export const six = 6;"
    )
    return tmp_path


@pytest.mark.parametrize(
    ("script", "printed"),
    [
        pytest.param(
            "import * as all from './loop.js'; const names = Object.keys(all);",
            "default,one,two",
            id="a namespace",
        ),
        pytest.param(
            "import * as all from './compiled.js'; const names = [...Object.keys(all)];",
            "default,one,three,two",
            id="a namespace of what a compiler made",
        ),
        pytest.param(
            "import * as all from './all.js'; const names = Object.keys({ ...all });",
            "five,four,one,six,three,two",
            id="exported on",
        ),
        pytest.param(
            "import { one, five, six } from './all.js'; const names = [one, five, six];",
            "1,5,6",
            id="exported on, imported by name",
        ),
        pytest.param(
            "import * as all from './loop.js'; import './seen.js';"
            "const names = Object.keys(all).length ? globalThis.seen : [];",
            "default,one,two",
            id="seen through another module",
        ),
        pytest.param(
            "const names = Object.keys(await import('./loop.js'));",
            "default,one,two",
            id="imported late",
        ),
        pytest.param(
            "const names = Object.keys(await import(`./${'loop'}.js`));",
            "default,one,two",
            id="imported late by a computed name",
        ),
        pytest.param(
            "import { one, missing } from './loop.js'; const names = [one, missing + ''];",
            "1,undefined",
            id="one that is not there",
        ),
    ],
)
def test_all_keys_are_names(folder: Path, script: str, printed: str) -> None:
    (folder / "seen.js").write_text(
        "import * as all from './loop.js'; globalThis.seen = Object.keys(all);"
    )
    host = javascript(
        folder, f"{script} export default () => console.log(names.join());"
    )
    assert run(host).console == [printed]


def test_names_are_found_in_the_order_in_which_modules_run(tmp_path: Path) -> None:
    (tmp_path / "first.js").write_text("globalThis.letters = ['a', 'b'];")
    (tmp_path / "names.js").write_text("for (const a of letters) exports[a] = 1;")
    script = """import './first.js'; import * as all from './names.js';
    export default () => console.log(Object.keys(all).join());"""
    assert run(javascript(tmp_path, script)).console == ["a,b,default"]


def test_a_script_that_is_read_twice_logs_once(folder: Path) -> None:
    (folder / "loop.js").write_text(f"console.log('once'); {LOOP}")
    (folder / "script.js").write_text(
        "import * as all from './loop.js'; console.log(Object.keys(all).join());"
        "export default () => {};"
    )
    lines: list[str] = []
    host = javascript(
        folder,
        (folder / "script.js").read_text(),
        log=lambda level, text, fields: lines.append(text),
    )
    assert host.exports == {"default"}
    assert lines == ["once", "default,one,two"]


def test_an_import_that_leads_nowhere_is_an_error_all_the_same(folder: Path) -> None:
    (folder / "all.js").write_text("export const a = 1; export * from './throws.js';")
    (folder / "throws.js").write_text("throw new Error('from throws.js')")
    with pytest.raises(GharialError, match="missing"):
        javascript(
            folder, "import { missing } from './all.js'; export default () => {};"
        )


def test_no_name_of_ours_is_exported(folder: Path) -> None:
    script = """import * as all from './bundled.js';
    export default () => console.log(Object.keys(all).join());"""
    assert run(javascript(folder, script)).console == ["default,five,four"]


def test_each_file_is_looked_through_once(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []

    def look(text: str) -> bool:
        seen.append(text)
        return False

    monkeypatch.setattr("gharial.javascript.sources.may_block", look)
    for number in range(4):
        (folder / f"user{number}.js").write_text(
            f"require('./loop'); exports.n={number}"
        )
    imports = "".join(f"import './user{number}.js';" for number in range(4))
    javascript(folder, f"{imports} export default () => {{}};")
    assert len(seen) == len(set(seen)) == 6
