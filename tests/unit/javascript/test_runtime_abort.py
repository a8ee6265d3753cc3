import pytest


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("new AbortController().signal.aborted", False),
        ("new AbortController().signal.reason === undefined", True),
        ("AbortSignal.abort().aborted", True),
        ("AbortSignal.abort().reason.name", "AbortError"),
        ("AbortSignal.abort(5).reason", 5),
        ("thrown(() => AbortSignal.abort().throwIfAborted())", "AbortError 20"),
        ("thrown(() => new AbortController().signal.throwIfAborted())", "nothing"),
        ("thrown(() => new AbortSignal())", "TypeError"),
        ("thrown(() => AbortSignal.timeout(-1))", "TypeError"),
        ("thrown(() => AbortSignal.timeout(NaN))", "TypeError"),
        ("thrown(() => AbortSignal.timeout(1n))", "TypeError"),
        ("thrown(() => AbortSignal.any([{}]))", "TypeError"),
        ("thrown(() => AbortSignal.any('signals'))", "TypeError"),
        ("thrown(() => AbortSignal.any(null))", "TypeError"),
        ("AbortSignal.any(new Set([new AbortController().signal])).aborted", False),
        ("AbortSignal.any([]).aborted", False),
        ("AbortSignal.any([AbortSignal.abort(3)]).reason", 3),
    ],
)
def test_signals(realm, expression, expected) -> None:
    assert realm.value(expression) == expected


def test_abort_is_told_once(realm) -> None:
    realm.run("""
        const controller = new AbortController();
        const log = [];
        controller.signal.onabort = (event) => log.push('on' + event.type);
        controller.signal.addEventListener('abort', (e) => log.push(e.isTrusted));
        controller.abort('why');
        controller.abort('again');
    """)
    assert realm.value("log") == ["onabort", True]
    assert realm.value("controller.signal.reason") == "why"


def test_a_signal_removes_a_listener(realm) -> None:
    realm.run("""
        const controller = new AbortController();
        const { signal } = controller;
        const target = new EventTarget();
        const log = [];
        target.addEventListener('x', () => log.push('a'), { signal });
        target.addEventListener('x', () => log.push('b'));
        target.dispatchEvent(new Event('x'));
        controller.abort();
        target.dispatchEvent(new Event('x'));
        target.addEventListener('x', () => log.push('c'), { signal });
        target.dispatchEvent(new Event('x'));
    """)
    assert realm.value("log") == ["a", "b", "b", "b"]


def test_any_follows_its_sources(realm) -> None:
    realm.run("""
        const one = new AbortController();
        const both = AbortSignal.any([one.signal, new AbortController().signal]);
        const nested = AbortSignal.any([both]);
        one.abort(8);
    """)
    assert realm.value("[both.reason, nested.reason]") == [8, 8]


def test_timeout_aborts_when_its_time_is_over(realm) -> None:
    realm.run("const signal = AbortSignal.timeout(250)")
    [(callback, delay_ms)] = realm.timers
    assert delay_ms == 250
    assert realm.value("signal.aborted") is False
    callback()
    assert realm.value("signal.reason.name") == "TimeoutError"


def test_all_that_follow_a_signal_are_aborted_before_anybody_is_told(realm) -> None:
    realm.run("""
        const controller = new AbortController();
        const one = AbortSignal.any([controller.signal]);
        const two = AbortSignal.any([one, controller.signal]);
        const log = [];
        two.onabort = () => log.push('two');
        one.onabort = () => log.push('one');
        controller.signal.onabort = () => log.push([one.aborted, two.aborted]);
        controller.abort('why');
    """)
    assert realm.value("log") == [[True, True], "one", "two"]
    assert realm.value("[one.reason, two.reason]") == ["why", "why"]


def test_a_long_lived_signal_keeps_no_signals_that_nobody_listens_to(realm) -> None:
    realm.run("""
        const controller = new AbortController();
        const kept = AbortSignal.any([controller.signal]);
        const log = [];
        kept.onabort = () => log.push('kept');
        let forgotten = 0;
        const registry = new FinalizationRegistry(() => { forgotten += 1; });
        for (let n = 0; n < 1000; n++) {
          const followed = AbortSignal.any([controller.signal]);
          registry.register(followed, n);
          const target = new EventTarget();
          const listener = () => log.push('wrong');
          target.addEventListener('x', listener, { signal: followed });
          target.removeEventListener('x', listener);
        }
    """)
    # The rest are in cycles, which the engine's collector gets to later.
    assert realm.value("forgotten") >= 500
    realm.run("controller.abort()")
    assert realm.value("log") == ["kept"]


def test_a_timeouts_listeners_have_microtasks_between_them(realm) -> None:
    realm.run("""
        const log = [];
        const signal = AbortSignal.timeout(5);
        signal.addEventListener('abort', () => {
          log.push('first');
          Promise.resolve().then(() => log.push('microtask'));
        });
        signal.addEventListener('abort', () => log.push('second'));
    """)
    realm.timers[0][0]()
    assert realm.value("log") == ["first", "microtask", "second"]


@pytest.mark.parametrize(
    ("code", "is_idle"),
    [
        ("", True),
        ("signal.onabort = () => {}", False),
        ("signal.onabort = () => {}; signal.onabort = null", True),
        ("gharial.onAbort(signal, () => {})", False),
        ("gharial.onAbort(signal, () => {})()", True),
        ("gharial.onAbort(signal, () => {}, true)", True),
        ("AbortSignal.any([signal])", True),
        (
            "globalThis.other = AbortSignal.any([signal]); other.onabort = () => {}",
            False,
        ),
        ("gharial.onAbort(AbortSignal.any([signal]), () => {}, true)", True),
        ("new EventTarget().addEventListener('a', () => {}, { signal })", True),
    ],
)
def test_an_iteration_waits_for_a_timeout_that_somebody_hears_of(
    realm, code, is_idle
) -> None:
    realm.run(f"const signal = AbortSignal.timeout(250); {code}")
    assert (1 in realm.idle) is is_idle
