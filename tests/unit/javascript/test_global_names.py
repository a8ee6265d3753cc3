import re
from importlib.resources import files

import pytest

from gharial.javascript.global_names import LAZY_GLOBALS, GlobalNames

RUNTIME = files("gharial.javascript.runtime")


def table_of(source: str, *, is_sloppy: bool = False) -> dict[str, str]:
    names = GlobalNames()
    names.see(source, is_sloppy=is_sloppy)
    return names.table()


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        pytest.param("export default function () {}", [], id="nothing"),
        pytest.param("new URL('x'); fetch('y')", ["URL", "fetch"], id="two of them"),
        pytest.param("import { Blob } from 'k6/websockets'", ["Blob"], id="imported"),
        pytest.param("new URLSearchParams()", ["URLSearchParams"], id="a longer name"),
        pytest.param("this.x = 1", [], id="this in a module"),
        pytest.param("a.addEventListener('b', c)", [], id="a method of that name"),
        pytest.param(
            "addEventListener('b', c)", ["addEventListener"], id="without a dot"
        ),
        pytest.param("require('k6/http')", [], id="a module of ours"),
    ],
)
def test_only_globals_that_a_script_names_are_there(
    source: str, expected: list[str]
) -> None:
    assert list(table_of(source)) == expected


@pytest.mark.parametrize(
    ("source", "is_sloppy"),
    [
        ("globalThis['Bl' + 'ob']", False),
        ("eval('new ' + name)", False),
        ("new Function('return Blob')", False),
        ("await import(path)", False),
        ("require('./later')", True),
        ("require(path)", True),
        ("this[name]", True),
        ("new Bl\\u006fb()", False),
    ],
)
def test_all_are_there_where_a_script_may_reach_them_otherwise(
    source: str, is_sloppy: bool
) -> None:
    assert table_of(source, is_sloppy=is_sloppy) == LAZY_GLOBALS


@pytest.mark.parametrize(
    ("source", "calls"),
    [
        ("new WebSocket('x'); new ws.WebSocket('y')", False),
        ("import { Counter, Rate } from 'k6/metrics'; new Counter('c')", False),
        ("x instanceof Trend", False),
        ("class Own extends Counter {}", False),
        ("const socket = WebSocket(url)", True),
        ("const count = metrics.Counter ('c')", True),
        ("[SharedArray('a', make)]", True),
        ("import { Counter as Count } from 'k6/metrics'; Count('c')", True),
        ("const { Counter: Count } = metrics; Count('c')", True),
        ("const Count = metrics.Counter; Count('c')", True),
    ],
)
def test_it_is_known_whether_classes_of_k6_are_called(
    source: str, *, calls: bool
) -> None:
    names = GlobalNames()
    names.see(source)
    assert names.calls_classes is calls


ENVIRONMENT = {"URL": "a", "HOME": "b", "odd name": "c"}


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("", set()),
        ("new WebSocket(__ENV.URL)", {"URL"}),
        ("__ENV?.URL ?? __ENV . HOME", {"URL", "HOME"}),
        ("__ENV['odd name'] + __ENV?.[\"URL\"]", {"odd name", "URL"}),
        ("__ENV.TOKEN", set()),
        ("JSON.stringify(__ENV)", {"URL", "HOME", "odd name"}),
        ("const { URL } = __ENV;", {"URL", "HOME", "odd name"}),
        ("__ENV.URL; __ENV[name]", {"URL", "HOME", "odd name"}),
        ("__ENV['U\\x52L']", {"URL", "HOME", "odd name"}),
        ("__ENV['UR' + 'L']", {"URL", "HOME", "odd name"}),
        ("globalThis[x]", {"URL", "HOME", "odd name"}),
        ("eval(x)", {"URL", "HOME", "odd name"}),
    ],
)
def test_of_the_environment_a_script_gets_what_it_may_read(
    source: str, expected: set[str]
) -> None:
    names = GlobalNames()
    names.see(source)
    assert set(names.variables(ENVIRONMENT)) == expected


def test_modules_add_up() -> None:
    names = GlobalNames()
    names.see("new URL('x')")
    names.see_ours("crypto.randomUUID()")
    assert set(names.table()) == {"URL", "crypto"}


def test_every_lazy_global_has_a_file() -> None:
    for file in LAZY_GLOBALS.values():
        assert RUNTIME.joinpath(f"{file}.js").is_file()


def test_the_runtime_uses_no_lazy_global_of_another_file() -> None:
    """What a script does not name is not a global, so our own files must not use it."""
    found = []
    for file in RUNTIME.iterdir():
        if not file.name.endswith(".js"):
            continue
        code = re.sub(r"//.*|`[^`]*`|'[^']*'|\"[^\"]*\"", "", file.read_text("utf-8"))
        for name, home in LAZY_GLOBALS.items():
            if home != file.name[:-3] and re.search(rf"\bnew {name}\b", code):
                found.append(f"{file.name}: {name}")
    # These classes are their own, of the same name.
    assert found == ["http_client.js: Response"]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("(5).toLocaleString()", True),
        ("date['toLocaleTimeString']()", True),
        ("list.sort((a, b) => a.localeCompare(b))", True),
        ("(5).toString(); text.toLocaleUpperCase()", False),
    ],
)
def test_methods_that_follow_a_locale_are_known_by_their_names(
    source: str, expected: bool
) -> None:
    names = GlobalNames()
    names.see(source)
    assert names.has_locale_methods is expected
