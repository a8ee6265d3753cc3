"""What belongs to the module that asks: open(), require(), import.meta."""

import os
from pathlib import Path

import pytest
from script_runs import javascript, run

from gharial.errors import GharialError


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with a space in its name, and a library in it."""
    folder = tmp_path / "my (new) test"
    (folder / "lib").mkdir(parents=True)
    (folder / "data.txt").write_text("of the script")
    (folder / "lib/data.txt").write_text("of the library")
    return folder


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("lib/es.js", "export const read = () => open('./data.txt');"),
        ("lib/common.js", "exports.read = () => open('data.txt');"),
        ("lib/handed.js", "export const read = () => ['data.txt'].map(open)[0];"),
        ("lib/typed.ts", "export const read = (): string => open('./data.txt');"),
    ],
)
def test_a_file_is_looked_up_next_to_the_module_that_opens_it(
    folder: Path, name: str, text: str
) -> None:
    (folder / name).write_text(text)
    script = f"""import {{ read }} from './{name}';
    const found = [read(), open('data.txt'), open('./lib/data.txt')];
    export default () => console.log(found.join());"""
    assert run(javascript(folder, script)).console == [
        "of the library,of the script,of the library"
    ]


def test_a_file_that_is_only_next_to_the_script_is_used_with_a_warning(
    folder: Path,
) -> None:
    (folder / "lib/a.js").write_text("export const read = () => open('./only.txt');")
    (folder / "only.txt").write_text("there")
    lines: list[str] = []
    script = """import { read } from './lib/a.js'; const found = read() + read();
    export default () => console.log(found);"""
    host = javascript(
        folder, script, log=lambda level, text, fields: lines.append(text)
    )
    assert lines == [
        f"open('./only.txt'): there is no {folder}/lib/only.txt, next to the module that "
        f"opens it; {folder}/only.txt is used instead"
    ]
    assert run(host).console == ["therethere"]


def test_a_file_that_is_nowhere_is_named_in_full(folder: Path) -> None:
    (folder / "lib/a.js").write_text("export default open('./no.txt');")
    with pytest.raises(GharialError) as caught:
        javascript(folder, "import './lib/a.js'; export default () => {};")
    assert f"open('./no.txt'): there is no file {folder}/lib/no.txt" in str(
        caught.value
    )


def test_modules_know_their_address(folder: Path) -> None:
    (folder / "lib/a.js").write_text(
        "export const url = import.meta.url;"
        "export const text = open(import.meta.resolve('./data.txt'));"
    )
    script = """import { url, text } from './lib/a.js';
    const { resolve } = import.meta;
    const found = [url, text, resolve('./a b'), resolve('k6/http'), resolve('https://a/')];
    export default () => console.log(found.join('\\n'));"""
    base = folder.as_uri()
    assert run(javascript(folder, script)).console == [
        f"{base}/lib/a.js\nof the library\n{base}/a%20b\nk6/http\nhttps://a/"
    ]


def test_what_is_not_installed_cannot_be_resolved(folder: Path) -> None:
    script = "import.meta.resolve('mising'); export default () => {};"
    with pytest.raises(GharialError, match="npm install mising"):
        javascript(folder, script)


def test_places_in_a_module_that_knows_its_address_are_its_own(folder: Path) -> None:
    text = "export const url = import.meta.url; export default () => missing();"
    (error,) = run(javascript(folder, text)).errors
    assert f"script.js:1:{text.index('missing()') + 1}" in error


def test_require_in_a_module_belongs_to_it(folder: Path) -> None:
    (folder / "lib/one.js").write_text("exports.a = 1;")
    (folder / "lib/es.mjs").write_text("export const b = 2;")
    (folder / "lib/numbers.json").write_text('{"c": 3}')
    (folder / "lib/m.js").write_text(
        "export const { a } = require('./one');"
        "export const { b } = require('./es.mjs');"
        "export const { c } = require('./numbers.json');"
    )
    script = """import { a, b, c } from './lib/m.js';
    const names = ['one', 'm'];
    const [one] = names.map((name) => require(`./lib/${name}.js`));
    const sleeps = typeof require('k6').sleep;
    const computed = ['k6/encoding'].map(require)[0].b64encode('a');
    export default () => console.log(a, b, c, one.a, sleeps, computed);"""
    assert run(javascript(folder, script)).console == ["1 2 3 1 function YQ=="]


def test_an_es_module_cannot_be_required_by_a_name_that_is_nowhere(
    folder: Path,
) -> None:
    (folder / "lib/es.mjs").write_text("export const b = 2;")
    script = """const name = 'es'; require(`./lib/${name}.mjs`);
    export default () => {};"""
    with pytest.raises(GharialError, match="is an ES module, which require"):
        javascript(folder, script)


@pytest.mark.parametrize(
    "text",
    [
        "const require = (name) => name;",
        "import require from './own.js';",
        "import { own as require } from './own.js';",
        "const { require } = { require: (name) => name };",
        "function require(name) { return name; }",
    ],
)
def test_a_require_of_the_script_itself_stays(folder: Path, text: str) -> None:
    (folder / "own.js").write_text(
        "export const own = (name) => name; export default own;"
    )
    script = f"{text} export default () => console.log(require('x'));"
    assert run(javascript(folder, script)).console == ["x"]


def test_packages_get_no_require_as_in_a_bundle(folder: Path) -> None:
    package = folder / "node_modules/p"
    package.mkdir(parents=True)
    (package / "index.mjs").write_text(
        "export const kind = typeof require; if (kind !== 'undefined') require('x');"
    )
    script = """import { kind } from 'p/index.mjs';
    export default () => console.log(kind);"""
    assert run(javascript(folder, script)).console == ["undefined"]


def test_an_absolute_path_is_that_file_from_everywhere(folder: Path) -> None:
    (folder / "lib/a.js").write_text(
        f"export const text = open({os.fspath(folder / 'data.txt')!r});"
    )
    script = """import { text } from './lib/a.js';
    export default () => console.log(text);"""
    assert run(javascript(folder, script)).console == ["of the script"]
