"""The JavaScript module of docs/how-to/extend/add-a-metric.md, imported by a script."""

import re
from pathlib import Path

import pytest
from tests.unit.examples_of_docs import examples_of

from gharial.engine.quickjs import QuickJs
from gharial.errors import GharialError
from gharial.javascript import catalog
from gharial.javascript.host import JavaScriptHost

EXAMPLES = examples_of("extend/add-a-metric.md")


@pytest.fixture(autouse=True)
def module(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the module of the page where modules are, under its name."""
    found = re.fullmatch(r'\s*"(.+)": "(.+)",\s*', EXAMPLES["name"])
    assert found is not None
    name, file_name = found.groups()
    catalog.module_source("k6.js")
    texts = catalog._texts("modules")
    monkeypatch.setitem(texts, file_name, EXAMPLES[file_name])
    monkeypatch.setitem(catalog.BUILTIN_MODULES, name, file_name)


def logged(folder: Path, code: str) -> list[str]:
    script = folder / "s.js"
    script.write_text(code + "\nexport default function () {}", "utf-8")
    host = JavaScriptHost(str(script), QuickJs(), environment={})
    lines: list[str] = []
    try:
        host.read(lambda level, text, fields: lines.append(text))
    finally:
        host.close()
    return lines


def test_a_script_imports_it(tmp_path: Path) -> None:
    code = """
      import backoff, { delay } from 'k6/backoff';
      console.log([0, 1, 2, 9].map((attempt) => delay(attempt)).join());
      console.log(backoff.delay(3, { first: 1, most: 5 }));
    """
    assert logged(tmp_path, code) == ["100,200,400,10000", "5"]


def test_its_mistakes_have_file_and_line(tmp_path: Path) -> None:
    code = "import { delay } from 'k6/backoff';\ndelay(-1);"
    with pytest.raises(GharialError, match="delay: -1 is not a valid number") as raised:
        logged(tmp_path, code)
    assert "s.js:2" in str(raised.value)


def test_its_types_name_what_it_exports() -> None:
    exported = re.findall(r"^export function (\w+)", EXAMPLES["backoff.js"], re.M)
    declared = re.findall(r"export function (\w+)", EXAMPLES["gharial.d.ts"])
    assert exported == declared == ["delay"]
    assert "declare module 'k6/backoff'" in EXAMPLES["gharial.d.ts"]
