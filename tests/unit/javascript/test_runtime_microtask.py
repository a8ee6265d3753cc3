import pytest


def test_microtasks_run_in_order_after_the_script(realm) -> None:
    realm.run("""
        const log = [];
        queueMicrotask(() => { log.push(1); queueMicrotask(() => log.push(3)); });
        Promise.resolve().then(() => log.push(2));
        log.push(0);
    """)
    assert realm.value("log") == [0, 1, 2, 3]


def test_what_one_throws_is_reported(realm) -> None:
    realm.run("queueMicrotask(() => { throw new RangeError('mine'); })")
    assert realm.reported == ["RangeError: mine"]


@pytest.mark.parametrize("argument", ["", "null", "'code'", "{}"])
def test_it_takes_a_function(realm, argument) -> None:
    assert realm.value(f"thrown(() => queueMicrotask({argument}))") == "TypeError"
