"""Packages from `node_modules`, and CommonJS files, in scripts that run."""

import json
import shutil
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from script_runs import javascript, run

from gharial.errors import GharialError
from gharial.program.script_hosts import script_host
from gharial.scripting.archive import write_archive


def package(folder: Path, fields: dict[str, Any], **files: str) -> None:
    """Write a package; a dot in a file's name is written as two underscores."""
    folder.mkdir(parents=True)
    (folder / "package.json").write_text(json.dumps(fields))
    for name, text in files.items():
        (folder / name.replace("__", ".")).write_text(text)


@pytest.fixture
def packages(tmp_path: Path) -> Path:
    """Return a folder with packages of all kinds."""
    root = tmp_path / "node_modules"
    package(
        root / "modern",
        {"name": "modern", "exports": {"browser": "./b.js", "default": "./n.js"}},
        b__js="import old, { twice } from 'old'; import * as own from './own';\n"
        "export const four = twice(2); export { old, own }; export * from 'old';",
        n__js="throw new Error('not for browsers')",
        own__js="export default process.env.NODE_ENV;",
    )
    package(
        root / "old",
        {
            "name": "old",
            "main": "main",
            "browser": {"fs": False, "./node.js": "./w.js"},
        },
        main__js="const fs = require('fs'); const { platform } = require('./node');\n"
        "function twice(x) { return 2 * x; }\n"
        "module.exports = { twice, platform, keys: Object.keys(fs), thrice };\n"
        "function thrice(x) { return 3 * x; }",
        node__js="exports.platform = 'node';",
        w__js="exports.platform = 'web';",
    )
    return tmp_path


def test_packages_are_resolved_as_a_bundler_for_browsers_does(packages: Path) -> None:
    script = """import { four, old, own, thrice } from 'modern';
    export default () => console.log(JSON.stringify(
      [four, old.platform, old.keys, own.default, thrice(1)]));"""
    result = run(javascript(packages, script))
    assert result.console == ['[4,"web",[],"production",3]']


def test_what_is_not_installed_is_named_with_its_importer(packages: Path) -> None:
    with pytest.raises(GharialError) as caught:
        javascript(packages, "\nimport 'mordern'; export default () => {};")
    assert str(caught.value) == (
        'cannot import "mordern": there is no such package; did you mean "modern"? '
        f"(imported at {packages}/script.js:2)"
    )


def test_where_a_module_is_imported_is_said_once(tmp_path: Path) -> None:
    with pytest.raises(GharialError) as caught:
        javascript(tmp_path, "import 'k6/htp'; export default () => {};")
    assert str(caught.value) == (
        'unknown module "k6/htp"; did you mean "k6/http"? '
        f"(imported at {tmp_path}/script.js:1)"
    )


def test_packages_are_imported_by_computed_names(packages: Path) -> None:
    script = """const names = ['modern', 'old', 'old/package.json'];
    const found = await Promise.all(names.map((name) => import(name)));
    const [modern, old, json] = found;
    export default () => console.log(modern.four, 'default' in modern, old.thrice(1),
      old.default.twice(2), json.default.name);"""
    assert run(javascript(packages, script)).console == ["4 false 3 4 old"]


def test_a_package_by_a_computed_name_that_is_not_there(packages: Path) -> None:
    script = "const name = 'ol'; await import(`${name}d1`); export default () => {};"
    with pytest.raises(GharialError, match='no such package; did you mean "old"'):
        javascript(packages, script)


def test_files_that_require_each_other_see_what_is_there_so_far(tmp_path: Path) -> None:
    (tmp_path / "a.js").write_text(
        "exports.early = 1; const b = require('./b'); exports.late = b.seen;"
    )
    (tmp_path / "b.js").write_text(
        "const a = require('./a.js'); exports.seen = JSON.stringify(a);"
    )
    script = """import { early, late } from './a.js';
    export default () => console.log(early, late);"""
    assert run(javascript(tmp_path, script)).console == ['1 {"early":1}']


def test_what_is_required_by_a_computed_name(tmp_path: Path) -> None:
    (tmp_path / "one.js").write_text("module.exports = __filename.slice(-6);")
    (tmp_path / "data.json").write_text('{"a": [1]}')
    script = """const found = ['./one', './data.json'].map((name) => require(name));
    module.exports.default = () => console.log(JSON.stringify(found));"""
    assert run(javascript(tmp_path, script)).console == ['["one.js",{"a":[1]}]']


def test_an_es_module_is_required_as_bundlers_show_it(tmp_path: Path) -> None:
    (tmp_path / "m.mjs").write_text("export default 1; export let two = 2;")
    script = """const m = require('./m.mjs');
    module.exports.default = () => console.log(m.__esModule, m.default, m.two);"""
    assert run(javascript(tmp_path, script)).console == ["true 1 2"]


def test_the_default_of_what_a_compiler_made_of_a_module(tmp_path: Path) -> None:
    (tmp_path / "c.js").write_text(
        "Object.defineProperty(exports, '__esModule', { value: true });"
        "exports.default = 1; exports.two = 2;"
    )
    script = """import one, { two } from './c.js'; import * as all from './c.js';
    export default () => console.log(one, two, all.two);"""
    assert run(javascript(tmp_path, script)).console == ["1 2 2"]


def test_errors_in_a_commonjs_file_name_its_line_and_column(tmp_path: Path) -> None:
    (tmp_path / "c.js").write_text("exports.f = () => missing();")
    script = "import { f } from './c.js'; export default () => f();"
    (error,) = run(javascript(tmp_path, script)).errors
    assert "c.js:1:" in error
    column = int(error.split("c.js:1:", 1)[1].split(")", 1)[0].split()[0])
    assert column == len("exports.f = () => missing") - len("missing") + 1


def test_a_linked_package_finds_what_lies_next_to_the_real_one(tmp_path: Path) -> None:
    store = tmp_path / "store/node_modules"
    package(store / "a", {"name": "a"}, index__js="export { b } from 'b';")
    package(store / "b", {"name": "b"}, index__js="export const b = 'b';")
    (tmp_path / "node_modules").mkdir()
    (tmp_path / "node_modules/a").symlink_to(store / "a")
    script = "import { b } from 'a'; export default () => console.log(b);"
    assert run(javascript(tmp_path, script)).console == ["b"]
    assert from_archive(tmp_path) == ["b"]


def test_an_archive_carries_what_was_resolved(packages: Path) -> None:
    script = """import { four, old } from 'modern';
    export default () => console.log(four, old.platform);"""
    javascript(packages, script)
    assert from_archive(packages) == ["4 web"]


def test_a_script_that_a_compiler_made_of_a_module_exports_all_of_it(
    tmp_path: Path,
) -> None:
    script = """Object.defineProperty(exports, '__esModule', { value: true });
    exports.options = { vus: 3 };
    exports.setup = () => 1;
    exports.default = () => console.log('ran');"""
    host = javascript(tmp_path, script)
    assert host.exports == {"default", "setup"}
    assert host.options == {"vus": 3}
    assert run(host).console == ["ran"]


def from_archive(folder: Path) -> list[str]:
    """Return what the script of a folder prints, from an archive and without the folder."""
    host: Any = javascript(folder, (folder / "script.js").read_text())
    target = folder.parent / f"{folder.name}.tar"
    write_archive(
        target,
        script=str(folder / "script.js"),
        sources=host.contents(),
        options={},
        environment={},
    )
    shutil.rmtree(folder)
    with closing(script_host(str(target), {})) as found:
        found.read(lambda level, text, fields: None)
        return run(found).console
