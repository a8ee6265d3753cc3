"""The declarations name what the modules export; nothing more, nothing less."""

import re
from importlib.resources import files

import pytest

from gharial.executors.catalog import EXECUTORS
from gharial.options.description import described_options
from gharial.options.k6_only import HARMLESS, WITHOUT_EFFECT

DECLARATIONS = files("gharial").joinpath("types/gharial.d.ts").read_text("utf-8")
MODULES = files("gharial.javascript.modules")


def declared_names(module: str) -> set[str]:
    start = DECLARATIONS.index(f"declare module '{module}' {{")
    body = DECLARATIONS[start : DECLARATIONS.index("\n}\n", start)]
    return set(re.findall(r"^  export (?:function|const|class) (\w+)", body, re.M))


def exported_names(file_name: str) -> set[str]:
    text = MODULES.joinpath(file_name).read_text("utf-8")
    names = set(
        re.findall(r"^export (?:async )?(?:function|const|class) (\w+)", text, re.M)
    )
    for group in re.findall(r"^export (?:const )?\{([^}]*)\}", text, re.M):
        names |= {
            name.split(" as ")[-1].strip() for name in group.split(",") if name.strip()
        }
    return names - {"default"}


@pytest.mark.parametrize(
    ("module", "file_name"),
    [
        ("k6", "k6.js"),
        ("k6/timers", "timers.js"),
        ("k6/websockets", "websockets.js"),
        ("k6/http", "http.js"),
        ("k6/metrics", "metrics.js"),
        ("k6/crypto", "crypto.js"),
        ("k6/crypto/x509", "crypto_x509.js"),
        ("k6/data", "data.js"),
        ("k6/encoding", "encoding.js"),
        ("k6/experimental/csv", "experimental_csv.js"),
        ("k6/experimental/fs", "experimental_fs.js"),
        ("k6/experimental/streams", "experimental_streams.js"),
        ("k6/experimental/webcrypto", "experimental_webcrypto.js"),
        ("k6/html", "html.js"),
        ("k6/secrets", "secrets.js"),
        ("k6/ws", "ws.js"),
        ("k6/execution", "execution.js"),
        ("https://jslib.k6.io/k6-utils/*", "jslib_k6_utils.js"),
    ],
)
def test_a_module_is_declared_as_it_is(module, file_name) -> None:
    assert declared_names(module) == exported_names(file_name)


@pytest.mark.parametrize("name", ["__VU", "__ITER", "__ENV", "global"])
def test_the_globals_are_declared(name) -> None:
    assert re.search(rf"^declare (?:const|var) {name}:", DECLARATIONS, re.M)


def test_the_types_of_options_name_them_all() -> None:
    start = DECLARATIONS.index("declare module 'k6/options' {")
    body = DECLARATIONS[start : DECLARATIONS.index("\n}\n", start)]
    ignored, options = body[body.index("interface IgnoredOptions {") :].split(
        "\n  }\n", 1
    )
    declared = re.findall(r"^    (\w+)\?:", options, re.M)
    assert set(declared) == {each.name for each in described_options()}
    without_effect = re.findall(r"^    (\w+)\?:", ignored, re.M)
    assert without_effect == sorted([*HARMLESS, *WITHOUT_EFFECT])
    assert set(re.findall(r"executor: '([\w-]+)'", body)) == set(EXECUTORS)
