"""``k6/encoding``, ``k6/crypto``, ``k6/data`` and ``k6/secrets`` as scripts use them."""

from pathlib import Path

import pytest
from script_runs import ENGINE
from whole_runs import run_whole

from gharial.executors.base import ScenarioPlan
from gharial.executors.per_vu_iterations import PerVuIterations
from gharial.javascript.host import JavaScriptHost
from gharial.virtual_user.script import ScriptError

ONE = [PerVuIterations(ScenarioPlan(), 1, 1, 600.0)]


def console(folder: Path, source: str, vus: int = 1) -> list[str]:
    executors = [PerVuIterations(ScenarioPlan(), vus, 1, 600.0)]
    ran = run_whole(folder, "s.js", source, executors)
    assert ran.errors == []
    return ran.console


def value(folder: Path, imports: str, expression: str) -> str:
    source = f"{imports}\nexport default function () {{ console.log({expression}); }}"
    [text] = console(folder, source)
    return text


def thrown(folder: Path, imports: str, expression: str) -> str:
    source = f"""{imports}
    export default function () {{
      try {{ {expression}; console.log('nothing'); }} catch (error) {{ console.log(error); }}
    }}"""
    [text] = console(folder, source)
    return text


@pytest.mark.parametrize(
    ("expression", "result"),
    [
        ("b64encode('hello ÿ>?')", "aGVsbG8gw78+Pw=="),
        ("b64encode('hello ÿ>?', 'rawstd')", "aGVsbG8gw78+Pw"),
        ("b64encode('hello ÿ>?', 'url')", "aGVsbG8gw78-Pw=="),
        ("b64encode('hello ÿ>?', 'rawurl')", "aGVsbG8gw78-Pw"),
        ("b64encode(new Uint8Array([1, 2, 3]).buffer)", "AQID"),
        ("b64encode(new Uint8Array([0, 1, 2, 3]).subarray(1))", "AQID"),
        ("b64decode('aGVsbG8=', 'std', 's')", "hello"),
        ("b64decode('aGVs\\nbG8', 'rawstd', 's')", "hello"),
        ("new Uint8Array(b64decode('AQID')).join()", "1,2,3"),
        # As k6 does: half a pair of surrogates, no name, a name that it does not know.
        ("b64encode('\\ud800')", "77+9"),
        ("b64encode(new DataView(new Uint8Array([0, 1, 2]).buffer, 1))", "AQI="),
        (
            "b64decode('aGVsbG8=', '', 's') + b64decode('aGVsbG8=', null, 's')",
            "hello" * 2,
        ),
        ("new Uint8Array(b64decode('AQID', 's')).join()", "1,2,3"),
        ("b64decode('_w', 'rawurl').byteLength + b64decode('YR==').byteLength", "2"),
    ],
)
def test_base64(tmp_path: Path, expression: str, result: str):
    imports = "import { b64encode, b64decode } from 'k6/encoding';"
    assert value(tmp_path, imports, expression) == result


@pytest.mark.parametrize(
    ("expression", "told"),
    [
        ("b64encode(5)", "takes a string, an ArrayBuffer or a typed array"),
        ("b64decode('aGVsbG8=', 'rawstd')", "not valid base64 ('rawstd')"),
        ("b64decode('+A==', 'url')", "not valid base64 ('url')"),
        ("b64decode('a')", "cut off or too long"),
        ("b64decode('=')", "cut off or too long"),
        ("b64decode('abcd=')", "cut off or too long"),
    ],
)
def test_base64_that_is_none_is_refused(tmp_path: Path, expression: str, told: str):
    imports = "import { b64encode, b64decode } from 'k6/encoding';"
    assert told in thrown(tmp_path, imports, expression)


def test_an_unknown_base64_encoding_is_said(tmp_path: Path):
    source = """import { b64encode } from 'k6/encoding';
    export default function () { console.log(b64encode('hi', 'stdd')); }"""
    executors = [PerVuIterations(ScenarioPlan(), 1, 1, 600.0)]
    ran = run_whole(tmp_path, "s.js", source, executors)
    assert ran.console == ["aGk="]
    [warning] = [text for level, text, _ in ran.log if level == 30]
    assert warning.startswith("there is no base64 encoding 'stdd'")


# Test vectors of RFC 1320, RFC 1321, FIPS 180-4 and the RIPEMD-160 page.
@pytest.mark.parametrize(
    ("expression", "result"),
    [
        ("crypto.md4('a', 'hex')", "bde52cb31de33e46245e05fbdbd6fb24"),
        ("crypto.md5('a', 'hex')", "0cc175b9c0f1b6a831c399e269772661"),
        ("crypto.sha1('abc', 'hex')", "a9993e364706816aba3e25717850c26c9cd0d89d"),
        (
            "crypto.sha256('abc', 'hex')",
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
        ),
        (
            "crypto.sha512_224('', 'hex')",
            "6ed0dd02806fa89e25de060c19d3ac86cabb87d6a0ddd05c333b84f4",
        ),
        (
            "crypto.sha512_256('', 'hex')",
            "c672b8d1ef56ed28ab87c3622c5114069bdd3ad7b8f9737498d0c01ecef0967a",
        ),
        ("crypto.ripemd160('a', 'hex')", "0bdc9d2d256b3ee9daae347be6f4dc835a467ffe"),
        ("crypto.sha1('abc', 'base64')", "qZk+NkcGgWq6PiVxeFDCbJzQ2J0="),
        ("crypto.sha1('abc', 'base64url')", "qZk-NkcGgWq6PiVxeFDCbJzQ2J0="),
        ("crypto.sha1('abc', 'base64rawurl')", "qZk-NkcGgWq6PiVxeFDCbJzQ2J0"),
        ("new Uint8Array(crypto.sha384('', 'binary')).length", "48"),
        ("crypto.sha512(new Uint8Array([97]), 'hex').slice(0, 8)", "1f40fc92"),
        ("crypto.hexEncode('az')", "617a"),
        ("crypto.randomBytes(7).byteLength", "7"),
        # RFC 4231, test case 2.
        (
            "crypto.hmac('sha256', 'Jefe', 'what do ya want for nothing?', 'hex')",
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
        ),
        (
            "(() => { const h = crypto.createHash('sha1'); h.update('a'); h.update('bc'); "
            "return h.digest('hex') === crypto.sha1('abc', 'hex'); })()",
            "true",
        ),
        (
            "(() => { const h = crypto.createHMAC('md4', 'k'); h.update('x'); "
            "return h.digest('hex') === crypto.hmac('md4', 'k', 'x', 'hex'); })()",
            "true",
        ),
    ],
)
def test_digests(tmp_path: Path, expression: str, result: str):
    assert value(tmp_path, "import crypto from 'k6/crypto';", expression) == result


@pytest.mark.parametrize(
    ("expression", "told"),
    [
        ("crypto.createHash('sha257')", "there is no algorithm 'sha257'"),
        ("crypto.sha256('a', 'hexx')", "there is no output encoding 'hexx'"),
        ("crypto.sha256({}, 'hex')", "sha256() takes a string"),
        ("crypto.randomBytes(0)", "at least 1, not 0"),
    ],
)
def test_what_crypto_cannot_do_is_told(tmp_path: Path, expression: str, told: str):
    assert told in thrown(tmp_path, "import crypto from 'k6/crypto';", expression)


SHARED = """
import { SharedArray } from 'k6/data';
const users = new SharedArray('users', () => {
  console.log('made');
  return [{ n: 1, deep: { a: [1] } }, { n: 2 }, null];
});
"""


def test_a_shared_array_is_made_once_and_reads_like_an_array(tmp_path: Path):
    source = (
        SHARED
        + """
    export default function () {
      console.log([
        users.length, users[0].deep.a[0], users[3], [...users].length, 1 in users, 5 in users,
        users.map((user) => user?.n).join('/'), users.find((user) => user.n === 2).n,
        Object.keys(users).join(''), Array.isArray(users), JSON.stringify(users.slice(1)),
        users.at(-1), users instanceof Array,
      ].join(' '));
    }"""
    )
    expected = '3 1  3 true false 1/2/ 2 012 true [{"n":2},null]  true'
    # It was made when the script was read, and in no virtual user.
    assert console(tmp_path, source, vus=3) == [expected] * 3


def test_the_limit_of_memory_holds_while_the_script_is_read(tmp_path: Path):
    # 40 MB of data: more than one MiB, and not several times that in between.
    path = tmp_path / "s.js"
    path.write_text(
        """import { SharedArray } from 'k6/data';
        export const data = new SharedArray('d', () => {
          const made = [];
          for (let i = 0; i < 40; i += 1) made.push('x'.repeat(1e6) + i);
          return made;
        });
        export default function () {}"""
    )

    def read(memory_limit_bytes: int) -> JavaScriptHost:
        host = JavaScriptHost(str(path), ENGINE, environment={})
        host.read(lambda *record: None, memory_limit_bytes=memory_limit_bytes)
        return host

    with pytest.raises(ScriptError, match=r"more than 1 MiB .*--memory-limit"):
        read(1 << 20)
    assert read(40 << 20)._shared.arrays.length("d") == 40


@pytest.mark.parametrize(
    "change",
    [
        "users[0] = 1",
        "users.push(1)",
        "users.length = 0",
        "delete users[0]",
        "users[0].n = 5",
        "users[0].deep.a.push(2)",
        "users.reverse()",
    ],
)
def test_a_shared_array_cannot_be_changed(tmp_path: Path, change: str):
    assert "TypeError" in thrown(tmp_path, SHARED, change)


@pytest.mark.parametrize(
    ("made", "told"),
    [
        ("new SharedArray('a', () => 5)", "must return an array"),
        ("new SharedArray('', () => [])", "needs a name"),
        ("new SharedArray('a')", "needs a function"),
    ],
)
def test_what_is_no_shared_array_is_refused(tmp_path: Path, made: str, told: str):
    source = f"""
    import {{ SharedArray }} from 'k6/data';
    let problem;
    try {{ {made}; }} catch (error) {{ problem = error; }}
    export default function () {{ console.log(problem); }}
    """
    assert told in console(tmp_path, source)[0]


def test_a_shared_array_is_made_in_the_init_context_only(tmp_path: Path):
    imports = "import { SharedArray } from 'k6/data';"
    told = thrown(tmp_path, imports, "new SharedArray('a', () => [])")
    assert "init context" in told


def test_secrets_without_a_source_say_how_to_give_some(tmp_path: Path):
    source = """
    import secrets from 'k6/secrets';
    export default async function () {
      try { await secrets.get('a'); } catch (error) { console.log(error); }
    }"""
    assert "give them with --secret-source" in console(tmp_path, source)[0]
