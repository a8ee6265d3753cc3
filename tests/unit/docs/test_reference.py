"""The reference is complete, and what is made from the code is up to date."""

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import gharial
from gharial.errors import ExitCode
from gharial.executors.catalog import SCENARIO_TYPES
from gharial.javascript.catalog import (
    BUILTIN_MODULES,
    module_source,
    runtime_source,
)
from gharial.javascript.global_names import LAZY_GLOBALS
from gharial.metrics.builtin import BUILTIN
from gharial.net.failures import FailureReason
from gharial.options.description import described_fields, described_options
from gharial.options.model import Options

ROOT = Path(__file__).resolve().parents[3]
DOCS = ROOT / "docs"


def generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("generate", DOCS / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def page(name: str) -> str:
    return (DOCS / "reference" / name).read_text("utf-8")


def named_in(text: str) -> set[str]:
    """Return all words that stand in code marks."""
    spans = re.findall(r"`([^`]+)`", re.sub(r"```.*?```", "", text, flags=re.DOTALL))
    return {word for span in spans for word in re.findall(r"[\w$]+", span)}


def test_pages_made_from_the_code_are_up_to_date() -> None:
    assert generator().stale_pages() == []


def test_every_metric_exit_code_and_reason_has_its_line() -> None:
    for name in BUILTIN:
        assert f"| `{name}` |" in page("metrics.md")
    for reason in FailureReason:
        assert f"| `{reason.value}` |" in page("metrics.md")
    for code in ExitCode:
        assert f"| {int(code)} |" in page("exit-codes.md")


def test_every_option_has_a_line_with_a_meaning() -> None:
    text = page("options.md")
    for name in Options.names():
        line = re.search(rf"^\| `{re.escape(name)}` \|.*$", text, re.MULTILINE)
        assert line is not None, name
        assert line[0].rstrip(" |").rpartition("|")[2].strip(), name


def test_every_name_of_the_python_api_has_a_section() -> None:
    text = page("python-api.md")
    for name in gharial.__all__:
        assert f"### `{name}`" in text, name


def test_every_export_of_every_module_is_in_the_javascript_reference() -> None:
    named = named_in(page("javascript-api.md"))
    files = {*BUILTIN_MODULES.values(), "jslib_k6_utils.js"}
    for file_name in files:
        source = module_source(file_name)
        declared = re.findall(
            r"^export (?:async )?(?:function|class|const|let) (\w+)", source, re.M
        )
        for group in re.findall(r"^export const \{([^}]*)\}", source, re.M):
            declared += re.findall(r"\w+", group)
        for group in re.findall(r"^export \{([^}]*)\}", source, re.M):
            declared += re.findall(r"\w+ as (\w+)", group)
        assert declared, file_name
        assert set(declared) <= named, (file_name, set(declared) - named)
    for name in BUILTIN_MODULES:
        assert f"`{name}`" in page("javascript-api.md"), name


def test_every_global_is_in_the_javascript_reference() -> None:
    names = set(LAZY_GLOBALS)
    names |= set(re.findall(r"defineValue\('(\w+)'", runtime_source("bootstrap")))
    names |= set(re.findall(r"timer\('(\w+)'", runtime_source("bootstrap")))
    assert len(names) > 20
    missing = names - named_in(page("javascript-api.md"))
    assert not missing


def test_every_member_of_websocket_is_in_the_javascript_reference() -> None:
    source = runtime_source("websocket")
    body = source[source.index("class WebSocket") : source.index("static {")]
    members = set(
        re.findall(r"^    (?:get |set )?(\w+)\([^)]*\) \{", body, re.MULTILINE)
    )
    members -= {"constructor"}
    assert {"send", "close", "ping", "readyState"} <= members
    missing = members - named_in(page("javascript-api.md"))
    assert not missing


def test_every_relative_link_leads_to_a_file() -> None:
    for source in [*DOCS.rglob("*.md"), ROOT / "README.md", ROOT / "CONTRIBUTING.md"]:
        for target in re.findall(
            r"\]\(([^)#]+)(?:#[^)]*)?\)", source.read_text("utf-8")
        ):
            if "://" not in target:
                assert (source.parent / target).exists(), f"{source.name}: {target}"


def test_every_option_and_every_field_says_what_it_means() -> None:
    described = [
        *described_options(),
        *(
            field
            for kind in SCENARIO_TYPES.values()
            for field in described_fields(kind)
        ),
    ]
    assert [each.name for each in described if not each.meaning] == []
