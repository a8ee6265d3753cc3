"""Messages between the wire and the engine, compiled or by way of the binding."""

from typing import Any

import pytest
from engine_scripts import evaluate
from picows.picows import _make_test_ws_frame

from gharial.engine.port import ErrorKind, JsContext, JsMessages
from gharial.engine.quickjs import QuickJs
from gharial.engine.quickjs_binding import binding as quickjs
from gharial.websocket.messages import MessageReceiver
from gharial.websocket.size_list import SizeList
from gharial.websocket.task_count import TaskCount
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


@pytest.fixture(scope="module", params=["in C", "by way of the binding"])
def engine(request: pytest.FixtureRequest) -> QuickJs:
    made = QuickJs()
    if request.param == "by way of the binding":
        made.compiled = None
    elif made.compiled is None:
        pytest.skip("it is not compiled here")
    return made


@pytest.fixture
def context(engine: QuickJs) -> JsContext:
    return engine.new_group(memory_limit_bytes=MEMORY_BYTES).new_context()


# What the compiled path takes of the runtime, in short: see events.js and websocket.js.
RUNTIME = """
(getter) => {
  const messagePrototype = {};
  const plain = { data: (event) => event.state[$MESSAGE_DATA], timestamp: (event) => event.state[2] };
  const define = (name, which) => {
    const read = plain[name] && function () { return plain[name](this); };
    const get = getter === null ? read : getter(read, which);
    if (get) Object.defineProperty(messagePrototype, name, { get });
  };
  define('data', 0);
  define('timestamp', 1);
  define('state', 2);
  globalThis.seen = [];
  globalThis.told = [];
  globalThis.listen = (event) => {
    globalThis.event = event;
    globalThis.data = event.data;
    seen.push(typeof data, data.byteLength ?? data.length, event.timestamp);
  };
  globalThis.socket = [{}, 1, listen, 'ws://host:1', null, false];
  const reportException = (error) => { told.push(`${error}`); };
  const message = (socket, data, at) => {
    if (socket[$SOCKET_STATE] !== 1 || socket[$SOCKET_ONLY] === undefined) return;
    const target = socket[$SOCKET_TARGET];
    const own = [1, 'message', at, 96, target, target, data, socket[$SOCKET_ORIGIN]];
    const event = Object.create(messagePrototype, { state: { value: own } });
    try {
      (socket[$SOCKET_ONLY] ?? listen).call(target, event);
    } catch (error) {
      reportException(error);
    }
    own[5] = null;
    own[3] &= ~35;
  };
  globalThis.foreign = Object.create(messagePrototype, {
    state: { value: [1, 'message', 7, 0, null, null, 'theirs', ''] } });
  return { dispatch: { message }, messagePrototype, reportException };
}
"""


@pytest.fixture
def messages(context: JsContext) -> JsMessages:
    internal = evaluate(context, RUNTIME, "runtime.js")(context.event_getters())
    return context.messages(internal)


def value_of(context: JsContext, expression: str) -> Any:
    value = evaluate(context, f"({expression})", "look.js")
    return value.to_python() if hasattr(value, "to_python") else value


def receiver_of(context: JsContext, messages: JsMessages) -> MessageReceiver:
    return messages.receiver(evaluate(context, "socket", "socket.js"))


def frame_of(kind: int, payload: bytes) -> Any:
    return _make_test_ws_frame(kind, payload, True, False)  # type: ignore[arg-type]


@pytest.mark.parametrize("text", TEXTS)
def test_a_text_arrives_as_it_was_sent(
    context: JsContext, messages: JsMessages, text: str
) -> None:
    length = len(text.encode("utf-16-le")) // 2
    receiver = receiver_of(context, messages)
    receiver.receive(text, 12.5)
    assert value_of(context, "data") == text
    evaluate(context, "data = null", "forget.js")
    assert receiver.receive_frame(frame_of(TEXT, text.encode()), 12.5)
    assert value_of(context, "data") == text
    assert value_of(context, "seen") == ["string", length, 12.5] * 2


@pytest.mark.parametrize("size", [0, 1, 300, 70_000])
def test_bytes_arrive_as_an_array_buffer(
    context: JsContext, messages: JsMessages, size: int
) -> None:
    data = bytes(index % 251 for index in range(size))
    receiver = receiver_of(context, messages)
    for arrive in (
        lambda: receiver.receive(data, 1.0),
        lambda: receiver.receive_frame(frame_of(BINARY, data), 1.0),
    ):
        arrive()
        assert value_of(context, "data instanceof ArrayBuffer")
        assert evaluate(context, "data", "data.js").to_bytes() == data
    assert value_of(context, "seen") == ["object", size, 1.0] * 2


@pytest.mark.parametrize("payload", [b"\xff", b"a" * 300 + b"\xc3"])
def test_a_text_that_is_not_utf8_does_not_reach_the_script(
    context: JsContext, messages: JsMessages, payload: bytes
) -> None:
    receiver = receiver_of(context, messages)
    assert not receiver.receive_frame(frame_of(TEXT, payload), 1.0)
    assert value_of(context, "seen") == []


@pytest.mark.parametrize(
    "change",
    [
        pytest.param("socket[$SOCKET_STATE] = 2", id="not open any more"),
        pytest.param("socket[$SOCKET_ONLY] = undefined", id="nobody listens"),
    ],
)
def test_nothing_is_told_of_what_nobody_may_hear(
    context: JsContext, messages: JsMessages, change: str
) -> None:
    evaluate(context, change, "change.js")
    receiver = receiver_of(context, messages)
    receiver.receive("text", 1.0)
    assert receiver.receive_frame(frame_of(BINARY, b"bytes"), 1.0)
    assert value_of(context, "seen") == []


@pytest.mark.parametrize(
    ("change", "data"),
    [
        pytest.param("socket[$SOCKET_ONLY] = null", "text", id="several listeners"),
        pytest.param(
            "socket[$SOCKET_MAKES_BLOBS] = true", b"bytes", id="blobs are wanted"
        ),
    ],
)
def test_the_runtime_dispatches_what_is_more_than_a_call(
    context: JsContext, messages: JsMessages, change: str, data: str | bytes
) -> None:
    evaluate(context, change, "change.js")
    receiver_of(context, messages).receive(data, 1.0)
    assert value_of(context, "seen")[1] == len(data)


def test_an_event_knows_all_the_runtime_wants_while_it_is_dispatched_and_after(
    context: JsContext, messages: JsMessages
) -> None:
    evaluate(
        context,
        "socket[$SOCKET_ONLY] = function (event) {"
        " globalThis.event = event; globalThis.self = this;"
        " seen.push([...event.state.slice(0, 4), event.state[5] === socket[$SOCKET_TARGET]]); }",
        "listen.js",
    )
    receiver = receiver_of(context, messages)
    receiver.receive("data", 2.5)
    assert value_of(context, "self === socket[$SOCKET_TARGET]")
    assert value_of(context, "seen") == [[1, "message", 2.5, 96, True]]
    assert value_of(context, "event.state[4] === socket[$SOCKET_TARGET]")
    assert value_of(context, "event.state === event.state")
    assert value_of(context, "event.state.toSpliced(4, 1)") == [
        *(1, "message", 2.5, 64, None, "data", "ws://host:1"),
    ]
    evaluate(context, "event.state[$MESSAGE_DATA] = 'changed'", "change.js")
    assert value_of(context, "event.data") == "changed"


def test_an_event_that_is_kept_tells_the_same_later(
    context: JsContext, messages: JsMessages
) -> None:
    evaluate(
        context,
        "globalThis.kept = []; socket[$SOCKET_ONLY] = (event) => { kept.push(event); };",
        "keep.js",
    )
    receiver = receiver_of(context, messages)
    for index in range(100):
        receiver.receive(f"message {index}", float(index))
    assert value_of(context, "kept.map((event) => event.data)") == [
        f"message {index}" for index in range(100)
    ]
    assert value_of(context, "kept.map((event) => event.timestamp)") == [*range(100)]
    assert value_of(context, "kept.every((event) => event.state[5] === null)")
    assert value_of(context, "kept[7].state[3]") == 64


def test_events_in_a_circle_are_collected(engine: QuickJs) -> None:
    group = engine.new_group(memory_limit_bytes=MEMORY_BYTES)
    context = group.new_context()
    internal = evaluate(context, RUNTIME, "runtime.js")(context.event_getters())
    receiver = receiver_of(context, context.messages(internal))
    # Each event holds a buffer that holds the event.
    evaluate(
        context,
        "socket[$SOCKET_ONLY] = (event) => { event.data.circle = event; }",
        "listen.js",
    )
    for count in range(60):
        receiver.receive(bytes(100_000), 1.0)
        if count == 9:
            group.collect()
            first_bytes = group.memory_bytes()
    group.collect()
    assert group.memory_bytes() < first_bytes + 1_000_000


def test_attributes_of_events_that_are_not_ours_are_read_by_the_runtime(
    context: JsContext, messages: JsMessages
) -> None:
    assert value_of(context, "[foreign.data, foreign.timestamp]") == ["theirs", 7]


@pytest.mark.parametrize(
    ("body", "told"),
    [
        pytest.param("throw new TypeError('bad')", "TypeError: bad", id="error"),
        pytest.param("throw null", "null", id="null"),
        pytest.param(
            "missing()", "ReferenceError: 'missing' is not defined", id="name"
        ),
    ],
)
def test_what_a_listener_throws_is_told_and_the_event_is_over(
    context: JsContext, messages: JsMessages, body: str, told: str
) -> None:
    evaluate(
        context,
        "socket[$SOCKET_ONLY] = (event) => { globalThis.event = event; event.state; "
        + body
        + " }",
        "throws.js",
    )
    receiver = receiver_of(context, messages)
    for _ in range(3):
        receiver.receive("data", 1.0)
    assert value_of(context, "told") == [told] * 3
    assert value_of(context, "event.state[3]") == 64
    assert value_of(context, "event.state[5]") is None


def test_what_telling_throws_is_raised_with_its_stack(
    context: JsContext, engine: QuickJs
) -> None:
    broken = RUNTIME.replace("told.push(`${error}`);", "throw error;")
    internal = evaluate(context, broken, "runtime.js")(context.event_getters())
    receiver = receiver_of(context, context.messages(internal))
    evaluate(
        context, "socket[$SOCKET_ONLY] = () => { throw new Error('bad'); }", "throws.js"
    )
    for _ in range(3):
        with pytest.raises(quickjs.JSError, match="Error: bad") as raised:
            receiver.receive("data", 1.0)
        translated = engine.translate(raised.value)
        assert translated is not None
        assert "throws.js" in translated.stack
    assert value_of(context, "1 + 1") == 2


def test_a_listener_that_does_not_end_is_interrupted(engine: QuickJs) -> None:
    group = engine.new_group(memory_limit_bytes=MEMORY_BYTES)
    context = group.new_context()
    internal = evaluate(context, RUNTIME, "runtime.js")(context.event_getters())
    receiver = receiver_of(context, context.messages(internal))
    evaluate(context, "socket[$SOCKET_ONLY] = () => { for (;;); }", "endless.js")
    group.set_interrupt_handler(lambda: True)
    with pytest.raises(quickjs.JSError, match="interrupted") as raised:
        receiver.receive("data", 1.0)
    translated = engine.translate(raised.value)
    assert translated is not None
    assert translated.kind is ErrorKind.INTERRUPTED
    group.set_interrupt_handler(lambda: False)
    assert value_of(context, "told") == []


def test_jobs_are_noticed_and_so_are_promises_that_nobody_handles(
    context: JsContext, messages: JsMessages
) -> None:
    receiver = receiver_of(context, messages)
    for body in (
        "Promise.resolve().then(() => {}); throw new Error('before they run')",
        "Promise.reject(new Error('unseen'))",
    ):
        evaluate(context, f"socket[$SOCKET_ONLY] = () => {{ {body}; }}", "listen.js")
        receiver.receive("data", 1.0)
        assert receiver.has_jobs()
        context.run_jobs()
        context.take_rejections()


def sent_by(
    context: JsContext, messages: JsMessages, script: str, wire: Wire | None = None
) -> list[Any]:
    """Return what a script sent with the function ``send``."""

    kept = wire or Wire()
    tasks = TaskCount()
    tasks.is_busy = True
    sender = Sender(tasks)
    sizes = SizeList()
    sender.open(kept, sizes, lambda size: None)
    evaluate(context, "(f) => { globalThis.send = f; }", "take.js")(
        messages.send_function(sender)
    )
    evaluate(context, script, "sends.js")
    assert sizes.take().tolist() == [
        len(one.encode() if isinstance(one, str) else one) for one in kept.sent
    ]
    return kept.sent


@pytest.mark.parametrize("text", TEXTS)
def test_a_text_is_sent_as_it_is(
    context: JsContext, messages: JsMessages, text: str
) -> None:
    evaluate(context, "(t) => { globalThis.text = t; }", "take.js")(text)
    assert sent_by(context, messages, "send(text)") == [text]


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
    context: JsContext, messages: JsMessages, script: str, text: str
) -> None:
    assert sent_by(context, messages, f"send({script})") == [text]


def test_an_array_buffer_is_sent_as_binary_or_refused(
    engine: QuickJs, context: JsContext, messages: JsMessages
) -> None:
    sent = sent_by(
        context,
        messages,
        "globalThis.answers = [new Uint8Array([1, 2, 255]).buffer,"
        " new ArrayBuffer(70000)].map((each) => send(each))",
    )
    is_compiled = engine.compiled is not None
    assert sent == ([b"\x01\x02\xff", bytes(70_000)] if is_compiled else [])
    assert value_of(context, "answers") == [is_compiled] * 2


def test_what_is_neither_text_nor_buffer_is_refused(
    context: JsContext, messages: JsMessages
) -> None:
    sent = sent_by(
        context,
        messages,
        "globalThis.answers = ['text', {}, new Uint8Array(2), 5, null, undefined, true]"
        ".map((each) => send(each))",
    )
    assert sent == ["text"]
    assert value_of(context, "answers") == [True, *[False] * 6]


def test_what_sending_raises_is_thrown(
    context: JsContext, messages: JsMessages
) -> None:
    sent = sent_by(
        context,
        messages,
        "try { send('a') } catch (e) { globalThis.caught = `${e}` }",
        Refusing(),
    )
    assert sent == []
    assert evaluate(context, "caught", "caught.js") == "InternalError: no \u20ac"


def test_memory_that_may_change_its_size_is_not_sent(
    context: JsContext, messages: JsMessages
) -> None:
    script = "globalThis.told = send(new ArrayBuffer(2, { maxByteLength: 4 }));"
    assert sent_by(context, messages, script) == []
    assert value_of(context, "told") is False
