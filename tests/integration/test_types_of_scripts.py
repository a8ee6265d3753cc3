"""TypeScript's own compilers have nothing to say of what we give to users."""

import json
import shutil
from pathlib import Path

import pytest
from typescript_projects import (
    COMPILERS,
    ROOT,
    complaints,
    install_compilers,
    write_snippets,
)

from gharial.cli.main import main

pytestmark = pytest.mark.slow

MISTAKES = {
    "a name that there is not": "{ durration: '10s' }",
    "a value of another type": "{ vus: 'ten' }",
    "an executor that there is not": "{ scenarios: { a: { executor: 'constant' } } }",
    "a field that is missing": "{ scenarios: { a: { executor: 'ramping-vus' } } }",
    "a field of another executor": (
        "{ scenarios: { a: { executor: 'constant-vus', duration: '1s', rate: 5 } } }"
    ),
}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder as `gharial types` leaves it, with all scripts and several compilers."""
    folder = install_compilers(tmp_path_factory.mktemp("types"))
    assert main(["types", str(folder)]) == 0
    package = ROOT / "src/gharial/cli"
    for place in (ROOT / "examples", package / "templates", package):
        scripts = [*place.glob("*.js"), *place.glob("*.ts")]
        (folder / place.name).mkdir()
        for script in scripts:
            shutil.copy(script, folder / place.name)
    assert write_snippets(folder / "pages") > 20
    strict = {
        "lib": ["ES2023"],
        "module": "ESNext",
        "moduleResolution": "Bundler",
        "target": "ES2022",
        "strict": True,
    }
    with_k6 = {**strict, "types": ["k6"]}
    loose = {**strict, "strict": False, "allowJs": True, "checkJs": True}
    scripts_in_js = json.loads((folder / "jsconfig.json").read_text())
    # The code of pages comes with what it takes for given, as a project of its own.
    scripts_in_js["exclude"] = ["node_modules", "pages"]
    (folder / "jsconfig.json").write_text(json.dumps(scripts_in_js))
    scripts_in_js["compilerOptions"]["types"] = ["k6"]
    declared = "gharial.d.ts"
    projects = {
        "without-dom": (strict, ["templates/*.ts", declared]),
        "with-k6": (with_k6, ["templates/*.ts", declared]),
        "pages": (loose, ["pages", declared]),
    }
    for name, (options, include) in projects.items():
        described = {"compilerOptions": options, "include": include}
        (folder / f"{name}.json").write_text(json.dumps(described))
    (folder / "javascript-with-k6.json").write_text(json.dumps(scripts_in_js))
    return folder


@pytest.mark.parametrize("compiler", COMPILERS)
@pytest.mark.parametrize(
    "config",
    ["jsconfig", "javascript-with-k6", "without-dom", "with-k6", "pages"],
)
def test_a_compiler_has_nothing_to_say(
    project: Path, compiler: str, config: str
) -> None:
    assert complaints(project, compiler, f"{config}.json") == ""


@pytest.mark.parametrize("compiler", ["5.0", "7"])
def test_mistakes_in_options_are_noticed(project: Path, compiler: str) -> None:
    folder = project / f"mistakes-{compiler}"
    folder.mkdir()
    for number, options in enumerate(MISTAKES.values()):
        typed = "/** @type {import('k6/options').Options} */\n"
        script = f"{typed}export const options = {options};\n"
        (folder / f"{number}.js").write_text(script)
    described = json.loads((project / "jsconfig.json").read_text())
    described["include"] = [f"{folder.name}/*.js", "gharial.d.ts"]
    (project / f"{folder.name}.json").write_text(json.dumps(described))
    said = complaints(project, compiler, f"{folder.name}.json")
    silent = [
        mistake
        for number, mistake in enumerate(MISTAKES)
        if f"{folder.name}/{number}.js" not in said
    ]
    assert silent == []
