import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from gharial.javascript.catalog import (
    BUILTIN_MODULES,
    module_source,
    runtime_source,
    runtime_sources,
)
from gharial.javascript.host_functions import add_place

# Where a file of the runtime leaves something for the others.
_LEFT = re.compile(r"\bgharial\.(\w+) = ")


def refuse_clashes(sources: Mapping[str, str]) -> None:
    """
    Check that each name in ``gharial`` belongs to one file.

    The files share that object, and most are loaded when something is first touched: the
    second of two would replace what the first one left, in some scripts and not in others.

    Args:
        sources: The texts by the names of their files.

    Raises:
        RuntimeError: If a name belongs to two.

    """
    owners: dict[str, str] = {}
    for file_name, source in sources.items():
        for name in _LEFT.findall(source):
            owner = owners.setdefault(name, file_name)
            if owner != file_name:
                raise RuntimeError(
                    f"gharial.{name} is set by {owner} and by {file_name}; "
                    "rename one of the two"
                )


def test_a_name_that_two_files_leave_is_refused() -> None:
    with pytest.raises(
        RuntimeError, match=r"gharial\.made is set by a\.js and by b\.js"
    ):
        refuse_clashes({"a.js": "gharial.made = 1;", "b.js": "x = (gharial.made = 2);"})


def test_a_file_may_set_its_own_name_again() -> None:
    refuse_clashes({"a.js": "gharial.made = 1; gharial.made = 2;", "b.js": ""})


def test_the_files_of_the_runtime_are_checked() -> None:
    refuse_clashes(runtime_sources())
    assert len(runtime_sources()) > 30


def test_no_file_of_the_runtime_replaces_what_another_left(realm) -> None:
    # Found by running them all, however they set a name.
    realm.run("""globalThis.replaced = () => {
      const before = globalThis.seen ?? {};
      globalThis.seen = { ...gharial };
      return Object.keys(before).filter((name) => gharial[name] !== before[name]);
    }""")
    realm.value("replaced()")
    names = {Path(file).stem for file in runtime_sources()}
    for name in sorted(names - {"bootstrap", "websocket", "expose", *realm.loaded}):
        realm.run(f"gharial.load('{name}')")
        left = [each for each in realm.value("replaced()") if each != "eventCore"]
        assert left == [], name


def test_all_files_are_read_with_the_first(monkeypatch: pytest.MonkeyPatch) -> None:
    runtime_source("bootstrap")
    module_source("k6.js")

    def refuse(*arguments: object, **named: object) -> None:
        raise OSError(24, "Too many open files")

    monkeypatch.setattr("builtins.open", refuse)
    monkeypatch.setattr("io.open", refuse)
    for name in runtime_sources():
        assert runtime_source(name.removesuffix(".js"))
    for name in BUILTIN_MODULES.values():
        assert module_source(name)


def test_a_function_that_two_parts_of_the_host_have_is_refused() -> None:
    places: dict[str, int] = {}
    add_place(places, 0, ["a", "b"])
    add_place(places, 1, ["c"])
    assert places == {"a": 0, "b": 0, "c": 1}
    with pytest.raises(RuntimeError, match=r"two parts of the host .* a\(\)"):
        add_place(places, 2, ["d", "a"])
