"""What is known of the engine's words is what it says."""

from collections.abc import Callable

import pytest
from engine_scripts import evaluate

from gharial.engine.port import EngineError, ErrorKind, JsContext
from gharial.engine.quickjs import QuickJs


@pytest.fixture
def engine() -> QuickJs:
    return QuickJs()


@pytest.fixture
def context(engine: QuickJs) -> JsContext:
    return engine.new_group(memory_limit_bytes=64 * 1024 * 1024).new_context()


def raised(engine: QuickJs, action: Callable[[], object]) -> EngineError:
    with pytest.raises(Exception) as caught:
        action()
    error = engine.translate(caught.value)
    assert error is not None
    return error


def test_a_missing_export_is_named_with_its_module(
    engine: QuickJs, context: JsContext
) -> None:
    context.set_module_loader(lambda name: "export const b = 1")
    error = raised(
        engine, lambda: context.run_module("import { a } from '/m.js'", "/s.js")
    )
    assert engine.missing_export(error.message) == ("a", "/m.js")
    assert engine.missing_export("Error: none of that") is None


def test_what_a_module_loader_raised_is_told_from_the_rest(
    engine: QuickJs, context: JsContext
) -> None:
    def load(name: str) -> str:
        raise OSError("gone")

    context.set_module_loader(load)
    error = raised(engine, lambda: context.run_module("import '/m.js'", "/s.js"))
    assert error.kind is ErrorKind.LOADER_FAILED
    thrown = raised(engine, lambda: evaluate(context, "throw Error('no')", "/s.js"))
    assert thrown.kind is ErrorKind.THROWN
    null = raised(engine, lambda: evaluate(context, "throw null", "/s.js"))
    assert null.kind is ErrorKind.PERHAPS_OUT_OF_MEMORY


def test_frames_are_those_in_files(engine: QuickJs, context: JsContext) -> None:
    source = "function f() { [1].map(() => { throw Error('x'); }); }\nf();"
    stack = raised(engine, lambda: evaluate(context, source, "/s.js")).stack
    assert "native" in stack
    frames = engine.frames_of(stack)
    assert len(frames) == 3
    assert all("/s.js:" in frame for frame in frames)
    assert engine.frames_of("") == []
