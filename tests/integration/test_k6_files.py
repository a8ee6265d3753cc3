"""``k6/experimental/fs``, ``csv``, ``streams`` and ``k6/crypto/x509``, as scripts use them."""

from pathlib import Path

import pytest
import trustme
from script_runs import ENGINE
from whole_runs import run_whole

from gharial.executors.base import ScenarioPlan
from gharial.executors.per_vu_iterations import PerVuIterations
from gharial.javascript.host import JavaScriptHost
from gharial.scripting.resolve import ModuleNotFoundInScriptError


def console(folder: Path, source: str, vus: int = 1) -> list[str]:
    executors = [PerVuIterations(ScenarioPlan(), vus, 1, 600.0)]
    ran = run_whole(folder, "s.js", source, executors)
    assert ran.errors == []
    return ran.console


READS = """
import { open, SeekMode, FSError } from 'k6/experimental/fs';
const file = await open('data.txt');
const failure = async (promise) => {
  try { await promise; return 'none'; } catch (error) {
    return error instanceof FSError ? error.name : `${error}`;
  }
};
"""


def test_a_file_is_read_piece_by_piece(tmp_path: Path):
    (tmp_path / "data.txt").write_text("abcdefghijé")
    source = (
        READS
        + """
    export default async function () {
      const into = new Uint8Array(8);
      const part = into.subarray(4);
      const text = () => String.fromCharCode(...part);
      console.log(JSON.stringify(await file.stat()), file.path.endsWith('/data.txt'));
      console.log(await file.read(part), text(), await file.read(part), text());
      console.log(await file.read(part), await file.read(part), into[0]);
      console.log(await file.seek(3, SeekMode.Start), await file.seek(-1, SeekMode.Current));
      console.log(await file.read(part), text());
      console.log(await file.seek(0, SeekMode.End), await file.read(part), part[0]);
      console.log(await file.seek(12, SeekMode.Start), await file.read(new Uint8Array(0)));
    }"""
    )
    assert console(tmp_path, source) == [
        '{"name":"data.txt","size":12} true',
        "4 abcd 4 efgh",
        "4 null 0",
        "3 2",
        "4 cdef",
        # As in k6, 0 from the end is the last byte.
        "11 1 169",
        "12 null",
    ]


def test_each_virtual_user_has_a_place_of_its_own_in_a_file(tmp_path: Path):
    (tmp_path / "data.txt").write_text("abcdef")
    source = (
        READS
        + """
    export default async function () {
      const into = new Uint8Array(4);
      console.log(await file.read(into), String.fromCharCode(...into));
    }"""
    )
    assert console(tmp_path, source, vus=3) == ["4 abcd"] * 3


@pytest.mark.parametrize(
    ("call", "name"),
    [
        ("open('none.txt')", "NotFoundError"),
        ("open('.')", "InvalidResourceError"),
        ("open('')", "TypeError"),
        ("open()", "TypeError"),
        ("file.read()", "TypeError"),
        ("file.read([1])", "TypeError"),
        ("file.read(new Uint16Array(1))", "TypeError"),
        ("file.seek('1', 0)", "TypeError"),
        ("file.seek(1.5, 0)", "TypeError"),
        ("file.seek(1)", "TypeError"),
        ("file.seek(1, 3)", "TypeError"),
        ("file.seek(-1, SeekMode.Start)", "TypeError"),
        ("file.seek(1, SeekMode.End)", "TypeError"),
        ("file.seek(-9, SeekMode.Current)", "TypeError"),
        ("file.seek(9, SeekMode.Start)", "TypeError"),
    ],
)
def test_what_cannot_be_done_with_files_has_the_name_of_k6s_error(
    tmp_path: Path, call: str, name: str
):
    (tmp_path / "data.txt").write_text("abc")
    source = f"{READS} console.log(await failure({call})); export default () => {{}};"
    assert set(console(tmp_path, source)) == {name}


def test_files_are_opened_in_the_init_context_only(tmp_path: Path):
    (tmp_path / "data.txt").write_text("abc")
    source = f"""{READS} export default async function () {{
      console.log(await failure(open('data.txt')));
    }}"""
    assert console(tmp_path, source) == ["ForbiddenError"]


def test_a_file_goes_into_the_archive(tmp_path: Path):
    (tmp_path / "data.txt").write_text("abc")
    script = tmp_path / "s.js"
    script.write_text(f"{READS} export default () => {{}};")
    host = JavaScriptHost(str(script), ENGINE, environment={})
    host.read(lambda *record: None)
    assert host.contents()[str((tmp_path / "data.txt").resolve())] == b"abc"


ROWS = """
import { open } from 'k6/experimental/fs';
import csv from 'k6/experimental/csv';
"""


def test_a_parsed_csv_file_is_shared(tmp_path: Path):
    (tmp_path / "a.csv").write_text('name,age\nanna,3\nbob,"4,5"\n')
    source = (
        ROWS
        + """
    const rows = await csv.parse(await open('a.csv'), { skipFirstLine: true });
    const people = await csv.parse(await open('a.csv'), { asObjects: true });
    export default function () {
      console.log(rows.length, JSON.stringify(rows), people[1].age, Array.isArray(rows));
      try { rows.push(1); } catch (error) { console.log(error.name); }
    }"""
    )
    one = ['2 [["anna","3"],["bob","4,5"]] 4,5 true', "TypeError"]
    assert console(tmp_path, source, vus=2) == one * 2


def test_a_parser_goes_row_by_row(tmp_path: Path):
    (tmp_path / "a.csv").write_text("a;b\n1;2\n3;4\n")
    source = (
        ROWS
        + """
    const parser = new csv.Parser(await open('a.csv'), { delimiter: ';', asObjects: true });
    const plain = csv.Parser(await open('a.csv'), { delimiter: ';', fromLine: 2 });
    export default async function () {
      for (const each of [parser, plain]) {
        for (let row = await each.next(); !row.done; row = await each.next()) {
          console.log(JSON.stringify(row.value));
        }
        console.log(JSON.stringify(await each.next()));
      }
    }"""
    )
    expected = [
        *('{"a":"1","b":"2"}', '{"a":"3","b":"4"}', '{"done":true,"value":[]}'),
        *('["3","4"]', '{"done":true,"value":[]}'),
    ]
    assert console(tmp_path, source, vus=2) == expected * 2


@pytest.mark.parametrize(
    ("call", "told"),
    [
        ("csv.parse('a,b')", "takes a file that open() of k6/experimental/fs"),
        ("csv.parse(file, { fromLine: -1 })", "fromLine must be a line's number"),
        (
            "csv.parse(file, { delimiter: '' })",
            "a.csv: delimiter must be one character",
        ),
        ("csv.parse(file)", "a.csv: line 2 has 1 fields, the lines before have 2"),
        ("new csv.Parser(file, { fromLine: 9 })", "line 2 has 1 fields"),
    ],
)
def test_what_is_wrong_with_a_csv_file_is_told(tmp_path: Path, call: str, told: str):
    (tmp_path / "a.csv").write_text("a,b\n1\n")
    source = f"""{ROWS} const file = await open('a.csv');
    try {{ await {call}; console.log('none'); }} catch (error) {{ console.log(error.message); }}
    export default () => {{}};"""
    assert all(told in each for each in console(tmp_path, source))


def test_streams_can_be_imported(tmp_path: Path):
    source = """
    import { ReadableStream, CountQueuingStrategy } from 'k6/experimental/streams';
    export default async function () {
      const stream = new ReadableStream({
        start(controller) { controller.enqueue('a'); controller.close(); },
      }, new CountQueuingStrategy({ highWaterMark: 3 }));
      const reader = stream.getReader();
      console.log((await reader.read()).value, (await reader.read()).done);
      console.log(ReadableStream === globalThis.ReadableStream);
    }"""
    assert console(tmp_path, source) == ["a true", "true"]


def test_a_certificate_is_read(tmp_path: Path):
    certificate = trustme.CA().issue_cert("chat.example", common_name="chat")
    certificate.cert_chain_pems[0].write_to_path(str(tmp_path / "c.pem"))
    source = """
    import x509, { getAltNames, getSubject } from 'k6/crypto/x509';
    const pem = open('c.pem');
    export default function () {
      const { publicKey } = x509.parse(pem);
      console.log(getAltNames(pem).join(), getSubject(open === undefined ? '' : pem).commonName);
      console.log(publicKey.algorithm, typeof publicKey.key.x, publicKey.key.curve.name);
      try { x509.getIssuer('none'); } catch (error) { console.log(error.message); }
    }"""
    assert console(tmp_path, source) == [
        "chat.example chat",
        "ECDSA bigint P-256",
        "there is no certificate in PEM: -----BEGIN CERTIFICATE-----",
    ]


@pytest.mark.parametrize(
    ("module", "told"),
    [
        ("k6/browser", "use k6/websockets"),
        ("k6/net/grpc", "Gharial does not speak gRPC"),
        ("k6/experimental/redis", "SharedArray of k6/data"),
        ("k6/x/faker", "use an npm package, or write the script in Python"),
        ("k6/options", "write import type"),
        ("k6/timer", 'did you mean "k6/timers"'),
        ("k6/nothing/here", "unknown module"),
    ],
)
def test_modules_that_are_not_there_say_what_to_use(
    tmp_path: Path, module: str, told: str
):
    script = tmp_path / "s.js"
    script.write_text(f"import x from '{module}'; export default () => {{}};")
    host = JavaScriptHost(str(script), ENGINE, environment={})
    with pytest.raises(ModuleNotFoundInScriptError) as caught:
        host.read(lambda *record: None)
    assert told in str(caught.value)
    assert str(caught.value).count("(imported at") == 1


CALLED = """
import { Counter, Gauge, Rate, Trend } from 'k6/metrics';
import { SharedArray } from 'k6/data';
import http from 'k6/http';
const made = [Counter('c1'), Gauge('g1'), Rate('r1'), Trend('t1', true)];
const shared = SharedArray('s', () => [1, 2]);
class Own extends Counter { constructor() { super('own'); } twice() { this.add(2); } }
const own = new Own();
export default function () {
  console.log(made.map((each) => each.name).join(), shared.length);
  console.log(made[0] instanceof Counter, own instanceof Counter, own.name);
  own.twice();
  console.log(http.CookieJar() instanceof http.CookieJar);
}
"""


def test_classes_of_k6_can_be_called_without_new(tmp_path: Path):
    assert (
        console(tmp_path, CALLED, vus=2)
        == [
            *("c1,g1,r1,t1 2", "true true own", "true"),
        ]
        * 2
    )


@pytest.mark.parametrize("module", ["k6/websockets", "k6/experimental/websockets"])
def test_a_socket_is_opened_without_new(tmp_path: Path, module: str):
    source = f"""
    import {{ WebSocket }} from '{module}';
    export default function () {{
      const socket = WebSocket('ws://127.0.0.1:1/');
      console.log(socket instanceof WebSocket, socket.readyState);
      socket.onerror = () => console.log('error');
    }}"""
    executors = [PerVuIterations(ScenarioPlan(), 1, 1, 600.0)]
    ran = run_whole(tmp_path, "s.js", source, executors)
    assert ran.console == ["true 0", "error"]
