from collections import Counter
from dataclasses import fields

import pytest

from gharial.options.info import Group, OptionInfo
from gharial.options.model import Options
from gharial.options.rows import OPTION_ROWS, option_name


def test_every_option_has_a_row() -> None:
    attributes = {row.attribute for row in OPTION_ROWS.values()}
    assert attributes == {each.name for each in fields(Options)}
    assert set(OPTION_ROWS) == set(Options.names())


def test_no_flag_and_no_variable_sets_two_options() -> None:
    rows = OPTION_ROWS.values()
    named = [name for row in rows for name in (*row.info.flags.split(), *row.variables)]
    assert [name for name, count in Counter(named).items() if count > 1] == []


@pytest.mark.parametrize("row", OPTION_ROWS.values(), ids=OPTION_ROWS)
def test_what_is_said_of_an_option_is_short(row) -> None:
    assert row.info.summary.endswith(".")
    assert len(row.info.summary) <= 72
    assert not row.info.metavar or row.info.flags


def test_ours_is_the_first_of_its_variables() -> None:
    assert OPTION_ROWS["closeTimeout"].variables == (
        "GHARIAL_CLOSE_TIMEOUT",
        "K6_CLOSE_TIMEOUT",
    )
    assert OPTION_ROWS["tlsAuth"].variables == (
        *("GHARIAL_TLSAUTH", "GHARIAL_TLS_AUTH"),
        *("K6_TLSAUTH", "K6_TLS_AUTH"),
    )
    assert OPTION_ROWS["scenarios"].variables == ()


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("vus", "vus"),
        ("blacklist_ips", "blacklistIPs"),
        ("insecure-skip-tls-verify", "insecureSkipTLSVerify"),
        ("max_message_size", "maxMessageSize"),
        ("tls_auth", "tlsAuth"),
        ("xyzzy", "xyzzy"),
    ],
)
def test_names_in_any_spelling(written: str, name: str) -> None:
    assert option_name(written) == name


@pytest.mark.parametrize(
    ("metavar", "is_repeatable", "implied_value"),
    [
        ("", False, None),
        ("TIME", False, None),
        ("FILE...", True, None),
        ("[headers|full]", False, "headers"),
    ],
)
def test_a_metavar_says_how_often_and_whether_a_value_is_needed(
    metavar: str, *, is_repeatable: bool, implied_value: str | None
) -> None:
    info = OptionInfo("What it is.", Group.LOAD, "-x --xyzzy", metavar)
    assert info.flag == "--xyzzy"
    assert info.is_repeatable is is_repeatable
    assert info.implied_value == implied_value
