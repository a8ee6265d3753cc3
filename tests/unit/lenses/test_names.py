import pytest

from gharial.lenses.names import LENGTH_MAXIMUM, method_name, topic_pattern


@pytest.mark.parametrize(
    ("written", "pattern"),
    [
        ("chat message", "chat message"),
        ("eth_getBlockByNumber", "eth_getBlockByNumber"),
        ("add2", "add2"),
        ("sha256", "sha256"),
        ("user:123:joined", "user:*:joined"),
        ("orders/9f1c2d3e4b5a/paid", "orders/*/paid"),
        ("a.0b5c9f0e-8c3f-4f65-9c43-2a1b8d1d3c11", "a.*"),
        ("com.example.v1.add2", "com.example.v1.add2"),
    ],
)
def test_ids_are_taken_out_of_the_names_of_methods(written: str, pattern: str) -> None:
    assert method_name(written) == pattern


@pytest.mark.parametrize(
    ("written", "pattern"),
    [
        ("sensors/17/temperature", "sensors/*/temperature"),
        ("sensors/device42/temperature", "sensors/device*/temperature"),
        ("/topic/room-3", "/topic/room-*"),
        ("room:lobby", "room:lobby"),
        ("home/+/state/#", "home/+/state/#"),
        ("", ""),
    ],
)
def test_numbers_at_the_ends_of_topics_are_ids_too(written: str, pattern: str) -> None:
    assert topic_pattern(written) == pattern


def test_what_is_long_is_cut() -> None:
    assert method_name("x" * 10_000) == "x" * (LENGTH_MAXIMUM - 1) + "…"
