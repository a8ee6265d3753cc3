"""Messages between the wire and the engine, compiled or by way of the binding."""

from collections.abc import Callable
from typing import Any

import pytest
import quickjs
from picows.picows import _make_test_ws_frame

from gharial.scripting.javascript.engine import JsContext
from gharial.scripting.javascript.quickjs import QuickJs
from gharial.websocket.size_list import SizeList
from gharial.websocket.wire.sender import Sender

MEMORY_BYTES = 64 * 1024 * 1024
TEXT, BINARY = 1, 2
TEXTS = [
    pytest.param("", id="empty"),
    pytest.param("hello", id="ASCII"),
    pytest.param("a\0b", id="with NUL"),
    pytest.param("x" * 255, id="shorter than a long one"),
    pytest.param("x" * 256, id="long"),
    pytest.param("y" * 8_191, id="length of 13 bits"),
    pytest.param("y" * 8_192, id="length of 14 bits"),
    pytest.param("z" * 70_000, id="very long"),
    pytest.param("z" * 1_100_000, id="longer than what is kept for reading"),
    pytest.param("\u00e9", id="Latin"),
    pytest.param("x" * 300 + "\u00e9", id="long, not ASCII at its end"),
    pytest.param("\u20ac" * 300, id="wide"),
    pytest.param("\U0001f40a", id="beyond the first plane"),
]


class Wire:
    """Keeps what is sent."""

    plain_transport = None
    is_blocked = False

    def __init__(self) -> None:
        self.sent: list[str | bytes] = []

    def send_text(self, payload: bytes) -> None:
        self.sent.append(payload.decode())

    def send_binary(self, payload: bytes) -> None:
        self.sent.append(payload)


class Refusing(Wire):
    def send_text(self, payload: bytes) -> None:
        raise ValueError("no \u20ac")


@pytest.fixture(scope="module")
def engine() -> QuickJs:
    return QuickJs()


@pytest.fixture
def context(engine: QuickJs) -> JsContext:
    return engine.new_group(memory_limit_bytes=MEMORY_BYTES).new_context()


def received_by(context: JsContext, way: Callable[[Any], object]) -> list[Any]:
    """Return the arguments with which a script's function was called."""
    function = context.evaluate(
        "globalThis.seen = []; (receiver, data, at) => {"
        " seen.push(receiver.name, typeof data, data.byteLength ?? data.length, at);"
        " globalThis.data = data; }",
        "receive.js",
    )
    way(context.receiver(function, context.evaluate("({name: 'it'})", "it.js")))
    seen: list[Any] = context.evaluate("seen", "seen.js").to_python()
    return seen


def frame_of(kind: int, payload: bytes) -> Any:
    return _make_test_ws_frame(kind, payload, True, False)


@pytest.mark.parametrize("text", TEXTS)
def test_a_text_arrives_as_it_was_sent(context: JsContext, text: str) -> None:
    length = len(text.encode("utf-16-le")) // 2
    for way in (
        lambda receiver: receiver.receive(text, 12.5),
        lambda receiver: receiver.receive_frame(frame_of(TEXT, text.encode()), 12.5),
    ):
        assert received_by(context, way) == ["it", "string", length, 12.5]
        assert context.evaluate("data", "data.js") == text


@pytest.mark.parametrize("size", [0, 1, 300, 70_000])
def test_bytes_arrive_as_an_array_buffer(context: JsContext, size: int) -> None:
    data = bytes(index % 251 for index in range(size))
    for way in (
        lambda receiver: receiver.receive(data, 1.0),
        lambda receiver: receiver.receive_frame(frame_of(BINARY, data), 1.0),
    ):
        assert received_by(context, way) == ["it", "object", size, 1.0]
        assert context.evaluate("data instanceof ArrayBuffer", "is.js")
        assert context.evaluate("data", "data.js").to_bytes() == data


@pytest.mark.parametrize("payload", [b"\xff", b"a" * 300 + b"\xc3"])
def test_a_text_that_is_not_utf8_does_not_reach_the_script(
    context: JsContext, payload: bytes
) -> None:
    taken: list[object] = []
    frame = frame_of(TEXT, payload)
    seen = received_by(
        context, lambda receiver: taken.append(receiver.receive_frame(frame, 1.0))
    )
    assert (taken, seen) == ([False], [])


@pytest.mark.parametrize(
    ("body", "message", "has_stack"),
    [
        pytest.param("throw new TypeError('bad')", "TypeError: bad", True, id="error"),
        pytest.param(
            "throw 'x'.repeat(700) + 'y'.repeat(700)", "x" * 9, False, id="text"
        ),
        pytest.param("throw null", "null", False, id="null"),
        pytest.param("throw {toString() { throw 1; }}", "", False, id="no text at all"),
        pytest.param(
            "const e = new Error('e'); Object.defineProperty(e, 'stack',"
            " {get() { throw 1; }}); throw e",
            "Error: e",
            False,
            id="no stack at all",
        ),
    ],
)
def test_what_the_function_throws_is_raised(
    context: JsContext, body: str, message: str, has_stack: bool
) -> None:
    receiver = context.receiver(
        context.evaluate(f"(() => {{ {body} }})", "throws.js"), context.new_object()
    )
    for _ in range(3):
        with pytest.raises(quickjs.JSError) as raised:
            receiver.receive("data", 1.0)
        assert str(raised.value).startswith(message)
        assert (
            "throws.js" in (getattr(raised.value, "js_stack", "") or "")
        ) == has_stack
    assert context.evaluate("1 + 1", "after.js") == 2


def test_jobs_are_noticed_and_so_are_promises_that_nobody_handles(
    context: JsContext,
) -> None:
    bodies = {
        "nothing": "() => {}",
        "job": "() => { Promise.resolve().then(() => {}); }",
        "rejection": "() => { Promise.reject(new Error('unseen')); }",
    }
    noticed: dict[str, bool] = {}
    for name, body in bodies.items():
        function = context.evaluate(f"({body})", f"{name}.js")
        receiver = context.receiver(function, context.new_object())
        receiver.receive("data", 1.0)
        noticed[name] = receiver.has_jobs()
        context.run_jobs()
        context.take_rejections()
    assert noticed["job"]
    assert noticed["rejection"]


def sent_by(context: JsContext, script: str, wire: Wire | None = None) -> list[Any]:
    """Return what a script sent with the function ``send``."""

    class Owner:
        def drop(self, size: int) -> None:
            kept.sent.append(f"dropped {size}".encode())

        def note_sent(self, size: int, framed: int | None) -> None:
            raise AssertionError

    kept = wire or Wire()
    sender = Sender(Owner())  # type: ignore[arg-type]
    sizes = SizeList()
    sender.open(kept, sizes)
    context.evaluate("(f) => { globalThis.send = f; }", "take.js")(
        context.send_function(sender)
    )
    context.evaluate(script, "sends.js")
    assert sizes.take().tolist() == [
        len(one.encode() if isinstance(one, str) else one) for one in kept.sent
    ]
    return kept.sent


@pytest.mark.parametrize("text", TEXTS)
def test_a_text_is_sent_as_it_is(context: JsContext, text: str) -> None:
    context.evaluate("(t) => { globalThis.text = t; }", "take.js")(text)
    assert sent_by(context, "send(text)") == [text]


@pytest.mark.parametrize(
    ("script", "text"),
    [
        pytest.param(
            "'a'.repeat(600) + 'b'.repeat(600)", "a" * 600 + "b" * 600, id="parts"
        ),
        pytest.param(
            "'a'.repeat(600) + '\u20ac'.repeat(600)",
            "a" * 600 + "\u20ac" * 600,
            id="wide parts",
        ),
        pytest.param("'abcdef'.slice(1, 4)", "bcd", id="slice"),
        pytest.param("'a\\ud800'", "a\ufffd", id="first half of a pair"),
        pytest.param("'\\udc00b'", "\ufffdb", id="second half of a pair"),
        pytest.param("'\\ud83d' + '\\udc0a'", "\U0001f40a", id="both halves"),
        pytest.param("'\ud7ff\\ud800'", "\ud7ff\ufffd", id="beside a neighbour"),
    ],
)
def test_a_text_is_sent_as_scalar_values(
    context: JsContext, script: str, text: str
) -> None:
    assert sent_by(context, f"send({script})") == [text]


def test_an_array_buffer_is_sent_as_binary(context: JsContext) -> None:
    assert sent_by(
        context,
        "send(new Uint8Array([1, 2, 255]).buffer); send(new ArrayBuffer(70000))",
    ) == [b"\x01\x02\xff", bytes(70_000)]


def test_what_is_no_buffer_is_an_error_of_the_script(context: JsContext) -> None:
    assert sent_by(
        context,
        "let said; try { send({}); said = 'nothing' } catch (e) { said = 'error' }"
        "send(said)",
    ) == ["error"]


def test_what_sending_raises_is_thrown(context: JsContext) -> None:
    sent = sent_by(
        context,
        "try { send('a') } catch (e) { globalThis.caught = `${e}` }",
        Refusing(),
    )
    assert sent == []
    assert context.evaluate("caught", "caught.js") == "InternalError: no \u20ac"
