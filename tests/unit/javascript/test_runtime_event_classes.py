import pytest


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("new Event('x').type", "x"),
        ("new Event(5).type", "5"),
        ("new Event('x').isTrusted", False),
        ("new Event('x').timeStamp", 0),
        ("new Event('x').timestamp", 1_700_000_000_000),
        ("new Event('x', { bubbles: 1 }).bubbles", True),
        ("new Event('x', { cancelable: true }).cancelable", True),
        ("new Event('x', { composed: true }).composed", True),
        ("new Event('x', null).bubbles", False),
        ("new Event('x').target", None),
        ("new Event('x').returnValue", True),
        ("Event.AT_TARGET + new Event('x').BUBBLING_PHASE", 5),
        ("Event.name + Event.length", "Event1"),
        ("Object.keys(Event.prototype).includes('composedPath')", True),
        ("Object.keys(new Event('x'))", []),
        ("thrown(() => new Event())", "TypeError"),
        ("thrown(() => Event('x'))", "TypeError"),
        ("thrown(() => new Event('x', 5))", "TypeError"),
        ("thrown(() => new Event(Symbol()))", "TypeError"),
        ("thrown(() => Event.prototype.type)", "TypeError"),
        ("thrown(() => Event.prototype.stopPropagation.call({}))", "TypeError"),
        ("new CustomEvent('x', { detail: 7 }).detail", 7),
        # What k6 makes of an event, since its events are plain objects.
        (
            "new MessageEvent('x', { data: 'a', origin: 'ws://h' })",
            {
                "type": "x",
                "target": None,
                "timestamp": 1_700_000_000_000,
                "data": "a",
                "origin": "ws://h",
            },
        ),
        ("new MessageEvent('x', { data: new Blob(['ab']) }).toJSON().data.size", 2),
        ("new CloseEvent('x', { code: 3001, reason: 'r' }).toJSON().code", 3001),
        ("new ErrorEvent('x', { message: 'm' }).toJSON().message", "m"),
        ("Object.keys(Event.prototype).includes('toJSON')", False),
        ("thrown(() => Event.prototype.toJSON.call({}))", "TypeError"),
        ("new CustomEvent('x').detail", None),
        ("new MessageEvent('x').data", None),
        ("new MessageEvent('x', { data: [1] }).data", [1]),
        (r"new MessageEvent('x', { origin: '\ud800' }).origin", "\ufffd"),
        ("new MessageEvent('x', { lastEventId: 3 }).lastEventId", "3"),
        ("new MessageEvent('x', { ports: [] }).ports", []),
        ("new CloseEvent('x').wasClean", False),
        ("new CloseEvent('x').code", 0),
        ("new CloseEvent('x', { code: 65537 }).code", 1),
        ("new CloseEvent('x', { code: -1 }).code", 65535),
        ("new CloseEvent('x', { code: '1000' }).code", 1000),
        (r"new CloseEvent('x', { reason: '\udfff' }).reason", "\ufffd"),
        ("new CloseEvent('x', { wasClean: 'yes' }).wasClean", True),
        ("new ErrorEvent('x').message", ""),
        ("new ErrorEvent('x', { error: 5 }).error", 5),
        ("new ErrorEvent('x', { lineno: -1 }).lineno", 4294967295),
        ("Object.getPrototypeOf(MessageEvent) === Event", True),
        (
            "thrown(() => Object.getOwnPropertyDescriptor(MessageEvent.prototype,"
            " 'data').get.call(new CloseEvent('x')))",
            "TypeError",
        ),
    ],
)
def test_events_of_scripts(realm, expression, expected) -> None:
    realm.run("gharial.load('event_classes')")
    assert realm.value(expression) == expected


def test_a_script_may_derive_from_the_classes(realm) -> None:
    realm.run("""
        class Mine extends MessageEvent {
          constructor(data) { super('mine', { data }); this.extra = 1; }
          get twice() { return this.data + this.data; }
        }
        class Target extends EventTarget { constructor() { super(); this.log = []; } }
        const target = new Target();
        target.addEventListener('mine', (event) => target.log.push(event.twice));
        target.dispatchEvent(new Mine('ab'));
    """)
    assert realm.value("target.log") == ["abab"]
    assert realm.value("new Mine('x') instanceof MessageEvent") is True


@pytest.mark.parametrize(
    ("listener", "options", "is_allowed"),
    [
        ("(event) => event.preventDefault()", "{}", False),
        ("(event) => event.preventDefault()", "{ passive: true }", True),
        ("(event) => { event.returnValue = false; }", "{}", False),
        ("() => false", "{}", True),
    ],
)
def test_prevent_default_is_the_result_of_dispatch(
    realm, listener, options, is_allowed
) -> None:
    realm.run(
        f"const t = new EventTarget(); t.addEventListener('x', {listener}, {options})"
    )
    dispatch = "t.dispatchEvent(new Event('x', {{ cancelable: {} }}))"
    assert realm.value(dispatch.format("true")) is is_allowed
    assert realm.value(dispatch.format("false")) is True


def test_a_handler_that_returns_false_prevents_the_default(realm) -> None:
    realm.run("""
        class Target extends EventTarget {}
        gharial.defineHandlers(Target, ['x']);
        const t = new Target();
        t.onx = () => false;
    """)
    assert realm.value("t.dispatchEvent(new Event('x', { cancelable: true }))") is False


@pytest.mark.parametrize(
    ("action", "error"),
    [
        ("t.dispatchEvent()", "TypeError"),
        ("t.dispatchEvent(null)", "TypeError"),
        ("t.dispatchEvent({ type: 'x' })", "TypeError"),
        ("t.dispatchEvent.call({}, new Event('x'))", "TypeError"),
        ("EventTarget()", "TypeError"),
    ],
)
def test_dispatch_takes_an_event(realm, action, error) -> None:
    realm.run("const t = new EventTarget()")
    assert realm.value(f"thrown(() => {action})") == error


def test_an_event_cannot_be_dispatched_while_it_is(realm) -> None:
    realm.run("""
        const t = new EventTarget();
        let outcome;
        t.addEventListener('x', (event) => {
          outcome = thrown(() => t.dispatchEvent(event));
        });
        t.dispatchEvent(new Event('x'));
    """)
    assert realm.value("outcome") == "InvalidStateError 11"


def test_an_event_that_a_script_dispatches_is_not_trusted_any_more(realm) -> None:
    realm.run("const e = gharial.plainEvent('open', 1); const was = e.isTrusted")
    realm.run("new EventTarget().dispatchEvent(e)")
    assert realm.value("[was, e.isTrusted]") == [True, False]


def test_a_stopped_event_reaches_nobody_once(realm) -> None:
    realm.run("""
        const t = new EventTarget();
        let calls = 0;
        t.addEventListener('x', () => calls++);
        const e = new Event('x');
        e.stopPropagation();
        t.dispatchEvent(e);
        const before = calls;
        t.dispatchEvent(e);
    """)
    assert realm.value("[before, calls]") == [0, 1]


def test_init_event_starts_anew(realm) -> None:
    realm.run("const e = new Event('x'); e.initEvent('y', true, true)")
    assert realm.value("[e.type, e.bubbles, e.cancelable]") == ["y", True, True]
    realm.run("const c = new CustomEvent('x'); c.initCustomEvent('z', false, true, 9)")
    assert realm.value("[c.type, c.bubbles, c.cancelable, c.detail]") == [
        "z",
        False,
        True,
        9,
    ]
