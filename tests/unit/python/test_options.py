from datetime import timedelta
from typing import Any

import pytest

from gharial.errors import ConfigurationError
from gharial.python.options import plain_options


@pytest.mark.parametrize(
    ("ours", "plain"),
    [
        pytest.param({}, {}, id="nothing"),
        pytest.param({"duration_s": 5}, {"durationS": 5}, id="no option has a unit"),
        pytest.param(
            {"setup_timeout": "1m", "noCookiesReset": True},
            {"setupTimeout": "1m", "noCookiesReset": True},
            id="both spellings",
        ),
        pytest.param(
            {
                "insecure_skip_tls_verify": True,
                "blacklist_ips": ("10.0.0.0/8",),
                "local_ips": ["::1"],
            },
            {
                "insecureSkipTLSVerify": True,
                "blacklistIPs": ["10.0.0.0/8"],
                "localIPs": ["::1"],
            },
            id="irregular names",
        ),
        pytest.param(
            {
                "scenarios": {
                    "my_load": {
                        "executor": "ramping_vus",
                        "graceful_stop": "5s",
                        "start_vus": 1,
                        "exec": "my_function",
                        "env": {"MY_KEY": "1"},
                        "tags": {"my_tag": "x"},
                    }
                }
            },
            {
                "scenarios": {
                    "my_load": {
                        "executor": "ramping-vus",
                        "gracefulStop": "5s",
                        "startVUs": 1,
                        "exec": "my_function",
                        "env": {"MY_KEY": "1"},
                        "tags": {"my_tag": "x"},
                    }
                }
            },
            id="names of the user's stay",
        ),
        pytest.param(
            {
                "thresholds": {
                    "my_trend": ["avg<1", {"threshold": "max<2", "abort_on_fail": True}]
                }
            },
            {
                "thresholds": {
                    "my_trend": ["avg<1", {"threshold": "max<2", "abortOnFail": True}]
                }
            },
            id="thresholds",
        ),
        pytest.param(
            {"duration": timedelta(seconds=2)}, {"duration": 2000.0}, id="timedelta"
        ),
        pytest.param(
            {"vus": 1, "ext": {"f": print}}, {"vus": 1, "ext": {}}, id="functions"
        ),
    ],
)
def test_options_are_brought_into_k6s_form(
    ours: dict[str, Any], plain: dict[str, Any]
) -> None:
    assert plain_options(ours) == plain


def test_what_json_has_no_form_for_is_named_by_its_place() -> None:
    with pytest.raises(
        ConfigurationError, match=r"options\.stages\[0\]\.target is a bytes"
    ):
        plain_options({"stages": [{"target": b"1"}]})


def test_options_must_be_a_mapping() -> None:
    with pytest.raises(ConfigurationError, match="options must be a dict, not str"):
        plain_options("vus=1")
