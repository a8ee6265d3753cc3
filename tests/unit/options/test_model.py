import json
from dataclasses import FrozenInstanceError
from ipaddress import ip_network
from typing import Any

import pytest

from gharial.executors.catalog import SCENARIO_TYPES, scenarios_of
from gharial.metrics.thresholds.evaluate import parse_thresholds
from gharial.options.model import Options
from gharial.options.network_options import FOREVER_S
from gharial.options.run_options import DEFAULT_SYSTEM_TAGS


@pytest.mark.parametrize(
    ("data", "attribute", "value"),
    [
        ({}, "dns.ttl_s", 300.0),
        ({"dns": "ttl=1m, select=first,policy=onlyIPv6"}, "dns.ttl_s", 60.0),
        ({"dns": {"ttl": "inf"}}, "dns.ttl_s", FOREVER_S),
        ({"dns": "ttl=0"}, "dns.ttl_s", 0.0),
        ({"dns": "select=roundRobin"}, "dns.select", "roundRobin"),
        ({}, "tls_version.min", ""),
        ({"tlsVersion": "tls1.3"}, "tls_version.min", "tls1.3"),
        ({"tlsVersion": "tls1.3"}, "tls_version.max", "tls1.3"),
        ({"tlsVersion": {"max": "tls1.2"}}, "tls_version.max", "tls1.2"),
        ({}, "system_tags", DEFAULT_SYSTEM_TAGS),
        ({"systemTags": "url, vu"}, "system_tags", frozenset({"url", "vu"})),
        ({"systemTags": []}, "system_tags", frozenset()),
        ({}, "summary_trend_stats", ("avg", "min", "med", "max", "p(90)", "p(95)")),
        (
            {"summaryTrendStats": "avg,p(99.9)"},
            "summary_trend_stats",
            ("avg", "p(99.9)"),
        ),
        ({"blacklistIPs": ["::1"]}, "blacklist_ips", (ip_network("::1"),)),
        ({"localIPs": "::1-::2"}, "local_ips", ("::1", "::2")),
        ({"hosts": {"a": "::1"}}, "hosts", {"a": "::1"}),
        ({"maxMessageSize": "1MiB"}, "max_message_size_bytes", 1024 * 1024),
        ({"throw": "true"}, "throw", True),
        ({"setupTimeout": "5s"}, "setup_timeout_s", 5.0),
        ({"randomSeed": -3}, "random_seed", -3),
        ({"stages": []}, "stages", None),
    ],
)
def test_options_are_read(data: dict[str, Any], attribute: str, value: Any) -> None:
    found: Any = Options.read(data)
    for part in attribute.split("."):
        found = getattr(found, part)
    assert found == value


def test_options_do_not_change() -> None:
    with pytest.raises(FrozenInstanceError):
        Options().vus = 3  # type: ignore[misc]


def test_thresholds_are_handed_on_as_given() -> None:
    aborting = {"threshold": "p(95)<9", "abortOnFail": True, "delayAbortEval": "10s"}
    options = Options.read(
        {"thresholds": {"checks": "rate>0.9", "ws_connecting": ["max<5", aborting]}}
    )
    first, second, third = parse_thresholds(options.thresholds_as_given())
    assert (first.selector.metric, first.expression.text) == ("checks", "rate>0.9")
    assert not second.abort_on_fail
    assert third.abort_on_fail
    assert third.delay_abort_s == 10.0


def test_no_thresholds_leaves_all_out() -> None:
    options = Options.read({"thresholds": {"checks": "rate>0.9"}, "noThresholds": True})
    assert options.thresholds_as_given() == {}


def test_a_script_sees_shortcuts_as_scenarios() -> None:
    options = Options.read(
        {
            "vus": 3,
            "duration": "90s",
            "thresholds": {"checks": ["rate>0.9"]},
            "blacklistIPs": ["10.0.0.0/8"],
        }
    )
    seen = json.loads(json.dumps(options.as_script_sees(scenarios_of(options))))
    assert seen["scenarios"] == {
        "default": {
            "executor": "constant-vus",
            "startTime": "0s",
            "gracefulStop": "30s",
            "exec": "default",
            "env": {},
            "tags": {},
            "vus": 3,
            "duration": "1m30s",
        }
    }
    assert seen["thresholds"] == {"checks": ["rate>0.9"]}
    assert seen["blacklistIPs"] == ["10.0.0.0/8"]
    assert seen["setupTimeout"] == "1m0s"
    assert not {"vus", "duration", "iterations", "stages"} & set(seen)


def test_given_scenarios_are_kept() -> None:
    chat = SCENARIO_TYPES["constant-vus"].read(
        {"executor": "constant-vus", "duration": "5s"}
    )
    options = Options(scenarios={"chat": chat})
    assert scenarios_of(options) == {"chat": chat}
