import re

import pytest

from gharial.outputs.base import OutputError
from gharial.outputs.influxdb_settings import read_settings


def test_without_anything_it_is_k6s_database_on_this_machine():
    settings = read_settings("", {})
    assert (settings.address, settings.database) == ("http://localhost:8086", "k6")
    assert (settings.user, settings.password) == (None, None)
    assert (settings.precision, settings.push_interval_s) == ("n", 1.0)
    assert settings.fields == {"vu": "int", "iter": "int", "url": "string"}


def test_a_url_holds_everything():
    settings = read_settings(
        "https://a%40b:p%2Fw@h:99/api/load?precision=ms&retention=week&consistency=all"
        "&insecure=true&pushInterval=2s&concurrentWrites=8&tagsAsFields=x:float,y"
        "&proxy=http://p:3128",
        {"K6_INFLUXDB_USERNAME": "other"},
    )
    assert settings.address == "https://h:99/api"
    assert (settings.user, settings.password) == ("a@b", "p/w")
    assert (settings.database, settings.precision) == ("load", "ms")
    assert (settings.retention, settings.consistency) == ("week", "all")
    assert (settings.is_tls, settings.is_insecure) == (True, True)
    assert (settings.push_interval_s, settings.concurrent_writes) == (2.0, 8)
    assert settings.fields == {"x": "float", "y": "string"}
    assert settings.proxy == "http://p:3128"


def test_variables_hold_everything():
    settings = read_settings(
        "",
        {
            "K6_INFLUXDB_ADDR": "http://h:99",
            "K6_INFLUXDB_DB": "load",
            "K6_INFLUXDB_USERNAME": "ann",
            "K6_INFLUXDB_PASSWORD": "secret",
            "GHARIAL_INFLUXDB_PRECISION": "us",
            "K6_INFLUXDB_PRECISION": "s",
            "K6_INFLUXDB_RETENTION": "week",
            "K6_INFLUXDB_CONSISTENCY": "one",
            "K6_INFLUXDB_INSECURE": "1",
            "K6_INFLUXDB_PUSH_INTERVAL": "500ms",
            "K6_INFLUXDB_CONCURRENT_WRITES": "2",
            "K6_INFLUXDB_TAGS_AS_FIELDS": "url",
            "K6_INFLUXDB_PROXY": "http://p:1",
        },
    )
    assert (settings.address, settings.database) == ("http://h:99", "load")
    assert (settings.user, settings.password) == ("ann", "secret")
    assert (settings.precision, settings.retention) == ("u", "week")
    assert (settings.consistency, settings.is_insecure) == ("one", True)
    assert (settings.push_interval_s, settings.concurrent_writes) == (0.5, 2)
    assert (settings.fields, settings.proxy) == ({"url": "string"}, "http://p:1")


@pytest.mark.parametrize(
    ("argument", "address", "database"),
    [
        ("localhost:8087/load", "http://localhost:8087", "load"),
        ("http://[::1]:8087/load", "http://[::1]:8087", "load"),
        ("http://h/", "http://h:8086", "k6"),
    ],
)
def test_parts_of_a_url_may_be_missing(argument, address, database):
    settings = read_settings(argument, {})
    assert (settings.address, settings.database) == (address, database)


@pytest.mark.parametrize(
    ("argument", "message"),
    [
        (
            "ftp://h/db",
            "'ftp://h/db' is not a valid URL of a server; write for example http://",
        ),
        ("http:///db", "'http:///db' is not a valid URL of a server"),
        ("http://u:secret@h:x/db", "'…@h:x/db' is not a valid URL of a server"),
        ("http://h/db?presision=s", "there is no setting 'presision'; did you mean"),
        ("http://h/db?xyz=s", "there is no setting 'xyz'; there are insecure, proxy"),
        ("http://h/db?precision=x", "there is no precision 'x'; there are n, u, ms"),
        ("http://h/db?insecure=maybe", "there is no insecure 'maybe'; there are true"),
        ("http://h/db?consistency=some", "there is no consistency 'some'; there are"),
        ("http://h/db?pushInterval=x", "pushInterval: 'x' is not a duration"),
        (
            "http://h/db?concurrentWrites=0",
            "concurrentWrites '0' is not a number from 1",
        ),
        ("http://h/db?tagsAsFields=a:date", "there is no type of a field 'date'"),
    ],
)
def test_wrong_settings_are_refused(argument, message):
    with pytest.raises(OutputError, match=f"^--out influxdb: {re.escape(message)}"):
        read_settings(argument, {})
