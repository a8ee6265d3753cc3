"""Modules of the kinds that k6's own library has, from a module cache, without a network."""

from pathlib import Path

import pytest
from script_runs import ENGINE, Run, javascript, run

from gharial.errors import GharialError
from gharial.javascript.host import JavaScriptHost
from gharial.scripting.origin import Origin

URL = "https://jslib.k6.io"

MODULES = {
    # As esbuild writes CommonJS, which the summary and the assertions are in.
    "summary/0.1.0": """var define = Object.defineProperty;
        var lazily = (make, made) =>
          () => (made || make((made = { exports: {} }).exports, made), made.exports);
        var list = (target, all) => {
          for (var name in all) define(target, name, { get: all[name], enumerable: true });
        };
        var copy = (to, from) => {
          for (const key of Object.getOwnPropertyNames(from)) {
            if (!Object.hasOwn(to, key)) define(to, key, { get: () => from[key],
              enumerable: Object.getOwnPropertyDescriptor(from, key).enumerable });
          }
          return to;
        };
        var text = lazily((exports) => { exports.textSummary = (data) =>
          `${Object.keys(data.metrics).length} metrics`.normalize('NFKC'); });
        var all = {};
        list(all, { textSummary: () => inner.textSummary });
        module.exports = copy(define({}, '__esModule', { value: true }), all);
        var inner = text();""",
    # As webpack writes it: the exports are copied in a loop, by names that are nowhere.
    "codes/1.0.0": """(() => { "use strict";
        var made = {}, mark = (e) => Object.defineProperty(e, '__esModule', { value: true });
        mark(made);
        function Codes(key) { this.key = key; }
        Codes.prototype.gen = async function () { return BigInt('0x' + this.key) + 1n; };
        Object.defineProperty(made, ['Co', 'des'].join(''),
          { enumerable: true, get: () => Codes });
        var target = exports;
        for (var name in made) target[name] = made[name];
        made.__esModule && Object.defineProperty(target, '__esModule', { value: true });
        })();""",
    # A script that may return at its top level, and calls its constructor itself.
    "forms/0.0.2": """if (exports.Form) { return; }
        exports.Form = Form;
        function Form() { if (!(this instanceof Form)) return new Form(); this.parts = []; }
        Form.prototype.append = function (name, value) { this.parts.push([name, value]); };
        Form.prototype.body = function () {
          return new Uint8Array([].concat(...this.parts.map(([name, value]) =>
            Array.from(`${name}=${value};`, (c) => c.charCodeAt(0) & 0xff)))).buffer;
        };""",
    # For all kinds of modules at once.
    "parse/5.1.1": """(function (root, factory) {
        if (typeof define === 'function' && define.amd) define([], factory);
        else if (typeof module === 'object' && typeof exports !== 'undefined')
          module.exports = factory();
        else root.Parse = factory();
        })(this, function f() { "use strict";
          var global = typeof self !== 'undefined' ? self
            : typeof window !== 'undefined' ? window : {};
          return { parse: (text) => text.split(','), in: typeof global.setTimeout };
        });""",
    # An ES module on those of k6, with another one next to it.
    "client/0.1.0": """import http from 'k6/http'; import { join } from './join.js';
        class Client { constructor(base) { this.base = base; }
          url(path) { return join(this.base, path) + typeof http.request; } }
        export { Client };""",
    # Says where it was called, by the outermost place of the stack.
    "expect/0.6.0": """export function where() {
          const places = new Error().stack.split('\\n').map((line) => line.trim())
            .filter((line) => line.startsWith('at ') && /:\\d+:\\d+\\)?$/.test(line));
          if (places.length < 2) throw new Error('nobody called');
          const [line] = places.at(-1).split('/').slice(-1);
          return line.replace(')', '');
        }""",
}


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    """Return a module cache."""
    for name, text in MODULES.items():
        folder = tmp_path / "cache/jslib.k6.io" / name
        folder.mkdir(parents=True)
        (folder / "index.js").write_text(text)
    (tmp_path / "cache/jslib.k6.io/client/0.1.0/join.js").write_text(
        "export const join = (one, two) => one + two;"
    )
    return tmp_path / "cache"


SCRIPT = f"""import {{ textSummary }} from '{URL}/summary/0.1.0/index.js';
import {{ Codes }} from '{URL}/codes/1.0.0/index.js';
import {{ Form }} from '{URL}/forms/0.0.2/index.js';
import parse, {{ parse as split }} from '{URL}/parse/5.1.1/index.js';
import {{ Client }} from '{URL}/client/0.1.0/index.js';
import {{ where }} from '{URL}/expect/0.6.0/index.js';
import * as summary from '{URL}/summary/0.1.0/index.js';
const names = Object.keys(summary).join();
export default async function () {{
  const form = Form(); form.append('a', 'b');
  console.log([
    textSummary({{ metrics: {{ a: 1 }} }}), await new Codes('ff').gen(),
    form.body().byteLength, split('1,2').length, parse.in, new Client('x').url('/y'),
    where(), names,
  ].join(' '));
}}
"""
PRINTED = "1 metrics 256 4 2 function x/yfunction script.js:14:10 default,textSummary"


def from_cache(script: Path, cache: Path) -> Run:
    host = JavaScriptHost(
        str(script),
        ENGINE,
        environment={},
        origin=Origin(module_cache=cache),
    )
    host.read(lambda *line: None)
    return run(host)


def test_modules_run_from_a_module_cache(tmp_path: Path, cache: Path) -> None:
    (tmp_path / "script.js").write_text(SCRIPT)
    assert from_cache(tmp_path / "script.js", cache).console == [PRINTED]


def test_pages_are_required_as_they_are(tmp_path: Path, cache: Path) -> None:
    (cache / "jslib.k6.io/one").mkdir()
    (cache / "jslib.k6.io/one/index.js").write_text(
        "module.exports = () => require('./two.js').word; exports.not = 1;"
    )
    (cache / "jslib.k6.io/one/two.js").write_text("exports.word = 'required';")
    for name, text in (
        ("es.js", "export default () => console.log(one());"),
        ("common.cjs", "exports.default = () => console.log(one());"),
    ):
        (tmp_path / name).write_text(
            f"const one = require('{URL}/one/index.js'); {text}"
        )
        assert from_cache(tmp_path / name, cache).console == ["required"]


def test_modules_run_when_they_are_next_to_the_script(
    tmp_path: Path, cache: Path
) -> None:
    script = SCRIPT.replace(URL, "./cache/jslib.k6.io")
    assert run(javascript(tmp_path, script)).console == [PRINTED]


def test_without_a_copy_and_a_network_the_ways_out_are_named(tmp_path: Path) -> None:
    # Nothing listens there.
    url = "http://127.0.0.1:1/k6-summary/0.1.0/index.js"
    with pytest.raises(GharialError) as caught:
        javascript(tmp_path, f"import '{url}'; export default () => {{}};")
    problem = str(caught.value)
    assert problem.startswith(f'cannot import "{url}": ')
    assert "--module-cache FOLDER" in problem
    assert "FOLDER/127.0.0.1+1/k6-summary/0.1.0/index.js" in problem
    assert problem.endswith(f"(imported at {tmp_path}/script.js:1)")
