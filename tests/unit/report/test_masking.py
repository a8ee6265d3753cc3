"""Secrets are not shown."""

import pytest

from gharial.report.masking import (
    REDACTED,
    masked,
    masked_url,
    without_known,
)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("ws://h/a?token=x&b=1", "ws://h/a?token=***&b=1"),
        ("wss://u:p@h/a?x=1&API_KEY=a%20b", "wss://***@h/a?x=1&API_KEY=***"),
        ("ws://h/a?author=x", "ws://h/a?author=x"),
        ("visit", "visit"),
    ],
)
def test_urls_keep_what_is_not_secret(url: str, shown: str) -> None:
    assert masked_url(url) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ('{"access_token": "a\\"b", "n": 1}', '{"access_token": ***, "n": 1}'),
        ("Authorization: Bearer abc.def; x", "Authorization: ***; x"),
        ("no key of hunter2 here", f"no key of {REDACTED} here"),
        ("slow down: 5 a second", "slow down: 5 a second"),
    ],
)
def test_what_a_server_wrote_is_masked(text: str, shown: str) -> None:
    assert masked(text, ["hunter2"]) == shown


def test_a_message_about_tokens_stays() -> None:
    text = "SyntaxError: unexpected token: '}'"
    assert without_known(text, ["hunter2"]) == text


@pytest.mark.parametrize(
    ("name", "is_secret"),
    [("API_TOKEN", True), ("dbPassword", True), ("URL", False), ("AUTHOR", False)],
)
def test_names_of_secrets(name: str, is_secret: bool) -> None:
    assert masked_url(f"ws://h/?{name}=x").endswith("=***") is is_secret


@pytest.mark.parametrize("word", ["a" * 20_000, "token" * 1000, "token " * 1000])
def test_what_a_server_wrote_takes_little_time_whatever_it_is(word: str) -> None:
    # With a pattern that may begin anywhere in a word, these take minutes.
    assert masked(f"{word}; token=x") == f"{word}; token=***"
