from typing import Any

import pytest

from gharial.options.sources import (
    environment_tier,
    flag_tier,
    script_tier,
)


def test_null_in_a_script_says_nothing() -> None:
    tier = script_tier({"vus": None, "duration": "5s"})
    assert tier.values == {"duration": "5s"}
    assert tier.sources == {"duration": "script options"}


@pytest.mark.parametrize(
    ("variable", "text", "name", "value"),
    [
        ("K6_VUS", "3", "vus", "3"),
        ("GHARIAL_CLOSE_TIMEOUT", "3s", "closeTimeout", "3s"),
        ("K6_TAGS", "a=b,c=d=e", "tags", {"a": "b", "c": "d=e"}),
        ("K6_TAGS", '{"a": "b,c"}', "tags", {"a": "b,c"}),
        ("K6_HOSTS", "a=127.0.0.1:80", "hosts", {"a": "127.0.0.1:80"}),
        (
            "K6_STAGES",
            "5s:3,1m:0",
            "stages",
            [{"duration": "5s", "target": "3"}, {"duration": "1m", "target": "0"}],
        ),
        (
            "K6_THRESHOLDS",
            '{"checks": ["rate>1"]}',
            "thresholds",
            {"checks": ["rate>1"]},
        ),
        ("K6_TLSAUTH", "[]", "tlsAuth", []),
        ("K6_BLACKLIST_IPS", '["::1"]', "blacklistIPs", ["::1"]),
        ("K6_BLACKLIST_IPS", "::1,::2", "blacklistIPs", "::1,::2"),
        ("K6_LOCAL_IPS", "::1", "localIPs", "::1"),
        ("K6_TLS_VERSION", '{"min": "tls1.2"}', "tlsVersion", {"min": "tls1.2"}),
        ("K6_INSECURE_SKIP_TLS_VERIFY", "true", "insecureSkipTLSVerify", "true"),
        ("K6_DNS", "ttl=5m", "dns", "ttl=5m"),
    ],
)
def test_variables_are_read(variable: str, text: str, name: str, value: Any) -> None:
    tier = environment_tier({variable: text, "VUS": "9"})
    assert tier.values == {name: value}
    assert tier.sources == {name: f"environment variable {variable}"}
    assert not tier.problems


def test_empty_variables_and_scenarios_say_nothing() -> None:
    assert not environment_tier({"K6_VUS": " ", "K6_SCENARIOS": "{}"}).sources


@pytest.mark.parametrize(
    ("flags", "values", "source"),
    [
        ({"vus": 3}, {"vus": 3}, "flag --vus"),
        ({"tags": ("a=b,c", "d=e")}, {"tags": {"a": "b,c", "d": "e"}}, "flag --tag"),
        ({"tags": {"a": "b"}}, {"tags": {"a": "b"}}, "flag --tag"),
        (
            {"hosts": ("a=::1,b=::2", "c=::3")},
            {"hosts": {"a": "::1", "b": "::2", "c": "::3"}},
            "flag --hosts",
        ),
        (
            {"stages": ("5s:1",)},
            {"stages": [{"duration": "5s", "target": "1"}]},
            "flag --stage",
        ),
        (
            {"stages": ({"duration": "5s", "target": 1},)},
            {"stages": ({"duration": "5s", "target": 1},)},
            "flag --stage",
        ),
        ({"stages": '[{"target": 1}]'}, {"stages": [{"target": 1}]}, "flag --stage"),
        (
            {"blacklist_ips": ("::1",)},
            {"blacklistIPs": ("::1",)},
            "flag --blacklist-ip",
        ),
        (
            {"block_hostnames": ("a",)},
            {"blockHostnames": ("a",)},
            "flag --block-hostnames",
        ),
        ({"ca_certificates": ("a",)}, {"caCertificates": ("a",)}, "flag --ca-cert"),
        (
            {"max_message_size": "1MiB"},
            {"maxMessageSize": "1MiB"},
            "flag --max-message-size",
        ),
        ({"random_seed": "5"}, {"randomSeed": "5"}, "flag --random-seed"),
        ({"min_iteration_duration": 1}, {"minIterationDuration": 1}, None),
        ({"insecure_skip_tls_verify": True}, {"insecureSkipTLSVerify": True}, None),
    ],
)
def test_flags_are_read(
    flags: dict[str, Any], values: dict[str, Any], source: str | None
) -> None:
    tier = flag_tier({**flags, "duration": None, "dns": ()})
    assert tier.values == values
    (name,) = flags
    assert list(tier.sources.values()) == [source or f"flag --{name.replace('_', '-')}"]


@pytest.mark.parametrize(
    ("flags", "problem"),
    [
        ({"tags": ("a",)}, "tags (flag --tag): 'a' is not of the form name=value"),
        ({"tags": ("=a",)}, "tags (flag --tag): '=a' is not of the form name=value"),
        (
            {"stages": ("5s",)},
            "stages (flag --stage): '5s' is not of the form duration:target, for example '10s:20'",
        ),
        (
            {"tags": "{x"},
            "tags (flag --tag): '{x' is not valid JSON (Expecting property name "
            "enclosed in double quotes, column 2)",
        ),
        ({"tags": (5,)}, "tags (flag --tag): '5' is not of the form name=value"),
        (
            {"stages": 5},
            "stages (flag --stage): '5' is not of the form duration:target, for example",
        ),
    ],
)
def test_texts_that_cannot_be_read_are_problems(
    flags: dict[str, Any], problem: str
) -> None:
    (found,) = flag_tier(flags).problems
    assert str(found).startswith(problem)
