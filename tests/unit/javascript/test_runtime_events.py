import pytest

SOCKET = """
class Socket extends gharial.EventTarget {}
gharial.defineHandlers(Socket, ['open', 'message']);
const socket = new Socket();
const log = [];
const note = (text) => () => { log.push(text); };
const message = (data = 'd') => ({
  __proto__: gharial.eventCore.messagePrototype,
  [gharial.eventCore.STATE]: [1, 'message', 5, 64, null, null, data, 'ws://origin'],
});
const fire = (data = 'd') => gharial.fire(socket, message(data));
"""


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        pytest.param(
            "socket.addEventListener('message', note('a'));"
            "socket.addEventListener('message', note('b'))",
            ["a", "b"],
            id="in the order of their registration",
        ),
        pytest.param(
            "const f = note('a'); socket.addEventListener('message', f);"
            "socket.addEventListener('message', f)",
            ["a"],
            id="a listener that is added twice is called once",
        ),
        pytest.param(
            "const f = note('a'); socket.addEventListener('message', f, true);"
            "socket.addEventListener('message', f, { capture: false })",
            ["a", "a"],
            id="capture tells two listeners apart",
        ),
        pytest.param(
            "socket.addEventListener('message', note('bubble'));"
            "socket.addEventListener('message', note('capture 1'), true);"
            "socket.addEventListener('message', note('capture 2'), { capture: 1 })",
            ["capture 1", "capture 2", "bubble"],
            id="capturing listeners come first",
        ),
        pytest.param(
            "const f = note('a'); socket.addEventListener('message', f);"
            "socket.removeEventListener('message', f)",
            [],
            id="a removed listener is not called",
        ),
        pytest.param(
            "const f = note('a'); socket.addEventListener('message', f);"
            "socket.removeEventListener('message', f, true);"
            "socket.removeEventListener('open', f)",
            ["a"],
            id="removal takes the same type and capture",
        ),
        pytest.param(
            "const b = note('b'); socket.addEventListener('message', () =>"
            " socket.removeEventListener('message', b));"
            "socket.addEventListener('message', b); socket.onmessage = note('c')",
            ["c"],
            id="a listener removed during dispatch is not called",
        ),
        pytest.param(
            "socket.addEventListener('message', () =>"
            " socket.addEventListener('message', note('late')))",
            [],
            id="a listener added during dispatch is not called",
        ),
        pytest.param(
            "socket.addEventListener('message', {"
            " handleEvent(event) { log.push(this.name + event.type); }, name: 'o' })",
            ["omessage"],
            id="an object with handleEvent",
        ),
        pytest.param(
            "const o = { handleEvent: note('old') };"
            "socket.addEventListener('message', o); o.handleEvent = note('new')",
            ["new"],
            id="handleEvent is looked up at each event",
        ),
        pytest.param(
            "socket.addEventListener('message', function () {"
            " log.push(this === socket); })",
            [True],
            id="this is the target",
        ),
        pytest.param(
            "socket.addEventListener('message', null);"
            "socket.addEventListener('message', undefined)",
            [],
            id="null is allowed and ignored",
        ),
        pytest.param(
            "socket.onmessage = note('old'); socket.addEventListener('message',"
            " note('listener')); socket.onmessage = note('new')",
            ["new", "listener"],
            id="a handler keeps its place when it is replaced",
        ),
        pytest.param(
            "socket.onmessage = note('old'); socket.addEventListener('message',"
            " note('listener')); socket.onmessage = null; socket.onmessage = note('new')",
            ["listener", "new"],
            id="a handler loses its place when it is set to null",
        ),
        pytest.param(
            "const f = note('a'); socket.onmessage = f;"
            "socket.addEventListener('message', f)",
            ["a", "a"],
            id="a handler and a listener may be the same function",
        ),
        pytest.param(
            "const f = note('a'); socket.onmessage = f;"
            "socket.removeEventListener('message', f)",
            ["a"],
            id="removeEventListener does not remove a handler",
        ),
        pytest.param(
            "socket.onmessage = { handleEvent: note('a') }",
            [],
            id="a handler that is an object is not called",
        ),
        pytest.param(
            "socket.addEventListener('message', (e) => {"
            " log.push('a'); e.stopImmediatePropagation(); });"
            "socket.addEventListener('message', note('b'))",
            ["a"],
            id="stopImmediatePropagation",
        ),
        pytest.param(
            "socket.addEventListener('message', (e) => {"
            " log.push('a'); e.stopPropagation(); });"
            "socket.addEventListener('message', note('b'))",
            ["a", "b"],
            id="stopPropagation lets the rest of the phase run",
        ),
        pytest.param(
            "socket.addEventListener('message', (e) => {"
            " log.push('a'); e.stopPropagation(); }, true);"
            "socket.addEventListener('message', note('b'))",
            ["a"],
            id="stopPropagation while capturing",
        ),
        pytest.param(
            "socket.addEventListener('message', note('a'));"
            "socket.addEventListener('open', note('b'))",
            ["a"],
            id="only listeners of the type",
        ),
    ],
)
def test_which_listeners_are_called(realm, code, expected) -> None:
    realm.run(f"{SOCKET} {code}; fire()")
    assert realm.value("log") == expected
    assert realm.reported == []


def test_a_listener_for_once_is_gone_before_it_is_called(realm) -> None:
    realm.run(f"""{SOCKET}
        socket.addEventListener('message', () => {{
          log.push('once');
          fire();
        }}, {{ once: true }});
        fire();
        fire();
    """)
    assert realm.value("log") == ["once"]


def test_what_a_listener_throws_is_reported_and_the_rest_run(realm) -> None:
    realm.run(f"""{SOCKET}
        socket.onmessage = () => {{ throw new RangeError('mine'); }};
        socket.addEventListener('message', {{}});
        socket.addEventListener('message', note('after'));
        fire();
    """)
    assert realm.value("log") == ["after"]
    assert realm.reported[0] == "RangeError: mine"
    assert realm.reported[1].startswith("TypeError")


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("socket.onmessage", None),
        ("(socket.onmessage = 5, socket.onmessage)", None),
        ("(socket.onmessage = 'text', socket.onmessage)", None),
        ("(socket.onopen = note, socket.onopen === note)", True),
        ("(socket.onopen = note, socket.onopen = null, socket.onopen)", None),
        ("'onmessage' in socket", True),
        ("Object.keys(Socket.prototype)", ["onopen", "onmessage"]),
        ("thrown(() => Socket.prototype.onopen)", "TypeError"),
        ("thrown(() => socket.addEventListener())", "TypeError"),
        ("thrown(() => socket.addEventListener('x'))", "TypeError"),
        ("thrown(() => socket.addEventListener('x', 5))", "TypeError"),
        ("thrown(() => socket.addEventListener('x', 'f'))", "TypeError"),
        ("thrown(() => socket.addEventListener(Symbol(), note))", "TypeError"),
        ("thrown(() => socket.removeEventListener('x'))", "TypeError"),
        ("thrown(() => socket.removeEventListener('x', 5))", "TypeError"),
        ("thrown(() => socket.removeEventListener('x', note))", "nothing"),
        (
            "thrown(() => socket.addEventListener.call({}, 'x', note))",
            "TypeError",
        ),
        (
            "thrown(() => socket.addEventListener('x', note, { signal: null }))",
            "TypeError",
        ),
        (
            "thrown(() => socket.addEventListener('x', note, { signal: {} }))",
            "TypeError",
        ),
    ],
)
def test_targets_check_their_arguments(realm, expression, expected) -> None:
    realm.run(SOCKET)
    assert realm.value(expression) == expected


def test_reading_the_usual_attributes_loads_nothing_more(realm) -> None:
    realm.run(f"""{SOCKET}
        socket.onmessage = (event) => {{
          log.push(event.type, event.target === socket, event.timestamp, event.data);
        }};
        fire('hello');
        const close = gharial.closeEvent(6, 1000, 'bye', true);
        log.push(close.code, close.reason, gharial.plainEvent('open', 7).type);
        log.push(close instanceof Object, Object.keys(close));
    """)
    assert realm.value("log") == [
        *["message", True, 5, "hello"],
        *[1000, "bye", "open"],
        *[True, []],
    ]
    assert "event_classes" not in realm.loaded


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("event.origin", "ws://origin"),
        ("event.lastEventId", ""),
        ("event.source", None),
        ("event.ports", []),
        ("event.ports === event.ports", True),
        ("Object.isFrozen(event.ports)", True),
        ("event.isTrusted", True),
        ("event.timeStamp", 5 - 1_700_000_000_000),
        ("event.bubbles", False),
        ("event.cancelable", False),
        ("event.eventPhase", 0),
        ("event.currentTarget", None),
        ("event.constructor.name", "MessageEvent"),
        ("event instanceof MessageEvent", True),
        ("event instanceof Event", True),
        ("String(event)", "[object MessageEvent]"),
        ("event.unknown === undefined", True),
        ("'defaultPrevented' in event", True),
        ("'lastEventId' in event", True),
        ("'nonsense' in event", False),
        ("(event.mine = 1, event.mine)", 1),
        ("(event.returnValue = false, event.defaultPrevented)", False),
        ("(event.cancelBubble = true, event.cancelBubble)", True),
        ("thrown(() => { 'use strict'; event.isTrusted = 1; })", "TypeError"),
        ("event.preventDefault()", None),
        ("close.wasClean", True),
        ("close instanceof CloseEvent", True),
    ],
)
def test_the_rest_of_an_event_is_there_when_it_is_asked_for(
    realm, expression, expected
) -> None:
    realm.run(
        f"{SOCKET} const event = message();"
        "const close = gharial.closeEvent(6, 1000, 'bye', true)"
    )
    assert realm.value(expression) == expected
    assert realm.loaded.count("event_classes") == 1


def test_an_event_knows_its_target_during_dispatch(realm) -> None:
    realm.run(f"""{SOCKET}
        socket.onmessage = (event) => {{
          log.push(event.currentTarget === socket, event.eventPhase);
          log.push(event.composedPath()[0] === socket, event.srcElement === socket);
        }};
        let event;
        socket.addEventListener('message', (same) => {{ event = same; }});
        fire();
        log.push(event.currentTarget, event.target === socket, event.composedPath());
    """)
    assert realm.value("log") == [True, 2, True, True, None, True, []]


def test_a_name_that_is_a_property_of_objects_can_be_an_event_type(realm) -> None:
    realm.run(f"""{SOCKET}
        for (const type of ['toString', '__proto__', 'constructor']) {{
          gharial.fire(socket, gharial.plainEvent(type, 1));
          socket.addEventListener(type, (event) => log.push(event.type));
          gharial.fire(socket, gharial.plainEvent(type, 1));
        }}
    """)
    assert realm.value("log") == ["toString", "__proto__", "constructor"]


MICROTASKS = """
  socket.addEventListener('message', () => {
    log.push('first');
    Promise.resolve().then(() => log.push('microtask'));
  });
  socket.addEventListener('message', note('second'));
"""


def test_microtasks_run_between_the_listeners_of_an_event_of_the_platform(
    realm,
) -> None:
    realm.run(f"{SOCKET} {MICROTASKS} fire();")
    assert realm.value("log") == ["first", "microtask", "second"]


def test_microtasks_wait_while_the_script_dispatches(realm) -> None:
    realm.run(
        f"{SOCKET} {MICROTASKS} socket.dispatchEvent(new Event('message')); log.push('end');"
    )
    assert realm.value("log") == ["first", "second", "end", "microtask"]


def test_a_microtask_can_still_stop_the_event(realm) -> None:
    realm.run(f"""{SOCKET}
        socket.addEventListener('message', async (event) => {{
          await null;
          log.push(event.currentTarget === socket, event.eventPhase);
          event.stopImmediatePropagation();
        }});
        socket.addEventListener('message', note('second'));
        fire();
    """)
    assert realm.value("log") == [True, 2]


def test_accessors_have_the_names_of_web_idl(realm) -> None:
    realm.run(f"""{SOCKET}
        const described = (holder, name) => {{
          const {{ get, set, enumerable, configurable }} =
            Object.getOwnPropertyDescriptor(holder, name);
          return [get.name, get.length, set?.name, set?.length, enumerable, configurable];
        }};
    """)
    assert realm.value(
        "[described(Socket.prototype, 'onopen'), described(Event.prototype, 'type'),"
        " described(CloseEvent.prototype, 'code')]"
    ) == [
        ["get onopen", 0, "set onopen", 1, True, True],
        ["get type", 0, None, None, True, True],
        ["get code", 0, None, None, True, True],
    ]
