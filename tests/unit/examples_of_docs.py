"""The examples of the how-to pages, which tests run as they stand there."""

import re
import sys
from pathlib import Path
from types import ModuleType

import pytest

PAGES = Path(__file__).resolve().parents[2] / "docs/how-to"


def examples_of(page: str) -> dict[str, str]:
    """Return the code of a page by the names that its comments give it."""
    text = (PAGES / page).read_text("utf-8")
    return dict(
        re.findall(r"<!-- tested: (\S+) -->\n```\w+\n(.*?)```", text, re.DOTALL)
    )


def module_of(name: str, code: str, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """Return a module with this code, which can be imported until the test ends."""
    module = ModuleType(name)
    monkeypatch.setitem(sys.modules, name, module)
    exec(compile(code, f"{name} in the docs", "exec"), vars(module))
    return module
