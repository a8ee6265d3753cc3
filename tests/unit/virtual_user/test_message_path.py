from collections.abc import Callable
from contextvars import Context, ContextVar
from typing import Any

import pytest
from picows.picows import _make_test_ws_frame
from twins import both

from gharial.engine.called_receiver import CalledReceiver
from gharial.virtual_user.loop import VuLoop
from gharial.websocket.messages import MessageReceiver

VARIABLE: ContextVar[str] = ContextVar("variable", default="none")
TEXT, BINARY = 1, 2


def make_loop(world: Any, seen: list[object]) -> VuLoop:
    return VuLoop(
        world.services.blocking,
        on_empty=lambda: seen.append("empty"),
        on_error=seen.append,
    )


Maker = Callable[..., Any]


@pytest.fixture(params=both("virtual_user.message_path"))
def make_path(request: pytest.FixtureRequest) -> Maker:
    made: Maker = request.param.MessagePath
    return made


def path_of(
    make_path: Maker,
    loop: VuLoop,
    callback: Callable[..., object],
    waiting: list[object],
) -> Any:
    return make_path(
        loop,
        CalledReceiver(callback, "it"),
        100.0,
        lambda *message: waiting.append(message),
    )


@pytest.mark.parametrize("may_block", [True, False])
def test_a_message_is_delivered_at_once_to_an_idle_loop(
    make_path: Maker, run_world: Any, may_block: bool
) -> None:
    async def main(world: Any) -> None:
        seen: list[object] = []
        waiting: list[object] = []
        loop = make_loop(world, seen)
        loop.may_block = may_block
        loop.checkpoint = lambda: seen.append("jobs")
        path_of(make_path, loop, lambda *message: seen.append(message), waiting)(
            "data", 5.0
        )
        assert seen == [("it", "data", 105_000.0), "jobs", "empty"]
        assert waiting == []
        assert not loop.is_busy
        assert loop.tasks_run == 1

    run_world(main)


@pytest.mark.parametrize("may_block", [True, False])
def test_a_message_waits_while_a_task_runs(
    make_path: Maker, run_world: Any, may_block: bool
) -> None:
    async def main(world: Any) -> None:
        seen: list[object] = []
        waiting: list[object] = []
        loop = make_loop(world, seen)
        loop.may_block = may_block

        def first(*message: object) -> None:
            take("second", 6.0)
            loop.post(seen.append, "posted")

        take = path_of(make_path, loop, first, waiting)
        take("first", 5.0)
        assert waiting == [("second", 106_000.0)]
        assert seen == ["posted", "empty"]

    run_world(main)


@pytest.mark.parametrize("may_block", [True, False])
def test_what_a_message_handler_raises_is_reported(
    make_path: Maker, run_world: Any, may_block: bool
) -> None:
    async def main(world: Any) -> None:
        seen: list[object] = []
        loop = make_loop(world, seen)
        loop.may_block = may_block
        error = ValueError("bad")

        def fails(*message: object) -> None:
            raise error

        path_of(make_path, loop, fails, [])("data", 5.0)
        assert seen == [error, "empty"]

    run_world(main)


def test_messages_and_tasks_see_the_context_also_without_a_worker(
    make_path: Maker,
    run_world: Any,
) -> None:
    async def main(world: Any) -> None:
        seen: list[object] = []
        loop = make_loop(world, seen)
        loop.may_block = False
        loop.context = Context()
        loop.context.run(VARIABLE.set, "mine")
        path_of(make_path, loop, lambda *message: seen.append(VARIABLE.get()), [])(
            "data", 5.0
        )
        loop.post(lambda: seen.append(VARIABLE.get()))
        assert seen == ["mine", "empty", "mine", "empty"]
        assert VARIABLE.get() == "none"

    run_world(main)


@pytest.mark.parametrize("may_block", [True, False])
@pytest.mark.parametrize(
    ("kind", "payload", "data"),
    [
        pytest.param(TEXT, b"plain", "plain", id="text"),
        pytest.param(TEXT, "\u20ac".encode(), "\u20ac", id="text beyond ASCII"),
        pytest.param(BINARY, b"\xff", b"\xff", id="binary"),
    ],
)
def test_a_frame_is_delivered_as_its_content(
    make_path: Maker,
    run_world: Any,
    may_block: bool,
    kind: int,
    payload: bytes,
    data: object,
) -> None:
    async def main(world: Any) -> None:
        seen: list[object] = []
        loop = make_loop(world, seen)
        loop.may_block = may_block
        path = path_of(make_path, loop, lambda *message: seen.append(message), [])
        assert path.take_frame(_make_test_ws_frame(kind, payload, True, False), 5.0)  # type: ignore[arg-type]
        assert seen == [("it", data, 105_000.0), "empty"]

    run_world(main)


@pytest.mark.parametrize("is_busy", [True, False])
@pytest.mark.parametrize("may_block", [True, False])
def test_a_text_that_is_not_utf8_is_not_taken(
    make_path: Maker, run_world: Any, may_block: bool, is_busy: bool
) -> None:
    async def main(world: Any) -> None:
        seen: list[object] = []
        waiting: list[object] = []
        loop = make_loop(world, seen)
        loop.hold()
        loop.may_block = may_block
        loop.is_busy = is_busy
        path = path_of(make_path, loop, lambda *message: seen.append(message), waiting)
        frame = _make_test_ws_frame(TEXT, b"\xff", True, False)  # type: ignore[arg-type]
        assert not path.take_frame(frame, 5.0)
        assert seen == waiting == []
        assert loop.is_busy == is_busy

    run_world(main)


def test_a_frame_waits_as_its_content_while_a_task_runs(
    make_path: Maker, run_world: Any
) -> None:
    async def main(world: Any) -> None:
        waiting: list[object] = []
        loop = make_loop(world, [])
        loop.is_busy = True
        path = path_of(make_path, loop, lambda *message: None, waiting)
        assert path.take_frame(_make_test_ws_frame(TEXT, b"a", True, False), 5.0)  # type: ignore[arg-type]
        assert waiting == [("a", 105_000.0)]

    run_world(main)


def test_what_a_handler_posts_runs_behind_it_and_before_the_end(
    make_path: Maker, run_world: Any
) -> None:
    async def main(world: Any) -> None:
        seen: list[object] = []
        loop = make_loop(world, seen)
        loop.may_block = False

        def handler(*message: object) -> None:
            loop.post(seen.append, "posted")
            seen.append("handler")

        path_of(make_path, loop, handler, []).take("data", 5.0)
        assert seen == ["handler", "posted", "empty"]

    run_world(main)


def test_a_loop_that_holds_something_is_not_empty_after_a_message(
    make_path: Maker,
    run_world: Any,
) -> None:
    async def main(world: Any) -> None:
        seen: list[object] = []
        loop = make_loop(world, seen)
        loop.may_block = False
        loop.hold()
        path_of(make_path, loop, lambda *message: seen.append("handler"), []).take(
            "data", 5.0
        )
        assert seen == ["handler"]
        assert not loop.is_busy

    run_world(main)


def test_jobs_are_run_if_the_receiver_says_that_there_may_be_some(
    make_path: Maker,
    run_world: Any,
) -> None:
    class Receiver(MessageReceiver):
        def receive(self, data: Any, at_ms: float) -> None:
            seen.append(data)

    seen: list[object] = []

    async def main(world: Any) -> None:
        loop = make_loop(world, [])
        loop.may_block = False
        loop.checkpoint = lambda: seen.append("jobs")
        path = make_path(loop, Receiver(), 0.0, lambda *message: None)
        path.take("data", 5.0)
        path.take_frame(_make_test_ws_frame(TEXT, b"frame", True, False), 5.0)  # type: ignore[arg-type]

    run_world(main)
    assert seen == ["data", "jobs", "frame", "jobs"]
