"""InfluxDB and StatsD beside real runs: they hold what the runs' summaries say."""

import shutil
import socket
import subprocess
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from free_ports import free_port
from influxdb import InfluxDBClient
from output_runs import (
    Measured,
    Run,
    assert_equals_summary,
    gharial,
    run_script,
)
from requests.exceptions import ConnectionError as NotReachedError
from safety_net import LIMIT_S
from servers import serving_echo

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with serving_echo() as server:
        yield server.url


@contextmanager
def influxd(folder: Path, *, has_users: bool) -> Iterator[int]:
    """Serve a database of its own on a free port."""
    program = shutil.which("influxd")
    if program is None:
        pytest.skip("influxd is not installed (Debian: apt-get install influxdb)")
    port, inner_port = free_port(), free_port()
    config = folder / "influxd.conf"
    config.write_text(
        f"""
        reporting-disabled = true
        bind-address = "127.0.0.1:{inner_port}"
        [meta]
          dir = "{folder / "meta"}"
        [data]
          dir = "{folder / "data"}"
          wal-dir = "{folder / "wal"}"
        [http]
          bind-address = "127.0.0.1:{port}"
          auth-enabled = {str(has_users).lower()}
        """
    )
    with (folder / "influxd.log").open("wb") as log:
        process = subprocess.Popen([program, "-config", config], stdout=log, stderr=log)
    try:
        wait_for(port, process)
        yield port
    finally:
        process.terminate()
        process.wait(LIMIT_S)


def wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    give_up_at_s = time.monotonic() + LIMIT_S
    with InfluxDBClient(port=port, timeout=LIMIT_S, retries=1) as client:
        while True:
            try:
                client.ping()
                return
            except NotReachedError:
                assert process.poll() is None
                assert time.monotonic() < give_up_at_s
                time.sleep(0.05)


def read_influxdb(client: InfluxDBClient) -> dict[str, Measured]:
    measured: dict[str, Measured] = defaultdict(Measured)
    for entry in client.get_list_measurements():
        name = entry["name"]
        for point in client.query(f'SELECT * FROM "{name}"').get_points():
            measured[name].values.append(point.pop("value"))
            measured[name].tags.append(point)
    return dict(measured)


@pytest.mark.parametrize("workers", [1, 2])
def test_influxdb_holds_what_the_summary_says(
    tmp_path: Path, url: str, workers: int
) -> None:
    with influxd(tmp_path, has_users=False) as port:
        run = run_script(
            *(tmp_path, url, f"--workers={workers}"),
            f"--out=influxdb=http://127.0.0.1:{port}/load",
        )
        with InfluxDBClient(port=port, database="load", timeout=LIMIT_S) as client:
            measured = read_influxdb(client)
            names = {e["tagKey"] for e in client.query("SHOW TAG KEYS").get_points()}
    assert_equals_summary(measured, run.summary)
    # As many points as values: none has overwritten another one.
    assert len(measured["ws_msgs_sent"].values) == 240
    assert {each["url"] for each in measured["ws_msgs_sent"].tags} == {url}
    assert {"scenario", "team", "what", "check"} <= names
    assert "url" not in names
    assert {each["what"] for each in measured["bought"].tags} == {"naïve=tea & cake"}
    assert {0, 1} <= {each["iter"] for each in measured["bought"].tags}


def test_influxdb_asks_who_writes(tmp_path: Path, url: str) -> None:
    with influxd(tmp_path, has_users=True) as port:
        with InfluxDBClient(port=port, timeout=LIMIT_S) as nobody:
            nobody.create_user("ann", "p@ss word", admin=True)
        with InfluxDBClient(
            "127.0.0.1", port, "ann", "p@ss word", timeout=LIMIT_S
        ) as ann:
            ann.create_database("load")
            ann.create_user("bob", "secret")
            address = f"127.0.0.1:{port}/load"
            script = tmp_path / "script.js"
            script.write_text("export default () => 0;")
            for user, code in (("", 104), ("bob:secret@", 104), ("bob:no@", 104)):
                wanted = f"influxdb=http://{user}{address}"
                done = gharial("run", "-q", "--out", wanted, str(script))
                assert done.returncode == code
                assert done.stderr.count("\n") == 1
                assert "secret" not in done.stderr
                assert "refuses: " in done.stderr
            ann.grant_privilege("write", "load", "bob")
            done = gharial(
                *("run", "-q", "--out", f"influxdb=http://{address}", str(script)),
                K6_INFLUXDB_USERNAME="bob",
                GHARIAL_INFLUXDB_PASSWORD="secret",
            )
            assert (done.returncode, done.stderr) == (0, "")
            done = gharial(
                *("run", "-q", str(script)),
                *("--out", f"influxdb=http://ann:p%40ss%20word@{address}"),
            )
            assert (done.returncode, done.stderr) == (0, "")
            counts = ann.query('SELECT sum(value) FROM "iterations"', database="load")
            assert [each["sum"] for each in counts.get_points()] == [2]


@contextmanager
def receiving() -> Iterator[tuple[int, list[bytes]]]:
    """Take datagrams on a free port; all of them are there after the block."""
    taken: list[bytes] = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver:
        receiver.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_000_000)
        receiver.bind(("127.0.0.1", 0))

        def receive() -> None:
            while data := receiver.recv(65536):
                taken.append(data)

        thread = threading.Thread(target=receive)
        thread.start()
        try:
            yield receiver.getsockname()[1], taken
        finally:
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as last:
                last.sendto(b"", receiver.getsockname())
            thread.join(LIMIT_S)


def read_statsd(datagrams: list[bytes]) -> dict[tuple[str, str], Measured]:
    measured: dict[tuple[str, str], Measured] = defaultdict(Measured)
    for line in b"".join(datagrams).decode().splitlines():
        head, kind, *rest = line.split("|")
        name, _, value = head.rpartition(":")
        tags = [part[1:] for part in rest if part.startswith("#")]
        assert len(rest) == len(tags)
        metric = measured[name, kind]
        metric.values.append(float(value))
        metric.tags.append(
            dict(tag.split(":", 1) for tag in ",".join(tags).split(",") if tag)
        )
    return measured


def assert_statsd_equals_summary(
    measured: dict[tuple[str, str], Measured], run: Run, prefix: str
) -> None:
    for name, told in run.summary.items():
        if "{" in name:
            continue
        if "passes" in told:
            for kind, sign in (("passes", "pass"), ("fails", "fail")):
                key = (f"{prefix}{name}.{sign}", "c")
                assert sum(measured.pop(key, Measured()).values) == told[kind]
        elif "avg" in told:
            kind = "ms" if (f"{prefix}{name}", "ms") in measured else "h"
            values = measured.pop((f"{prefix}{name}", kind)).values
            assert len(values) == told["count"]
            assert sum(values) / len(values) == pytest.approx(told["avg"], abs=1e-5)
        elif "count" in told:
            values = measured.pop((f"{prefix}{name}", "c")).values
            assert sum(values) == pytest.approx(told["count"])
        else:
            values = measured.pop((f"{prefix}{name}", "g")).values
            if name != "worker_cpu":
                assert values[-1] == pytest.approx(told["value"], abs=1e-5)
    assert not measured


@pytest.mark.parametrize("workers", [1, 2])
def test_statsd_is_sent_what_the_summary_says(
    tmp_path: Path, url: str, workers: int
) -> None:
    with receiving() as (port, datagrams):
        run = run_script(
            tmp_path, url, f"--workers={workers}", f"--out=statsd=127.0.0.1:{port}"
        )
    measured = read_statsd(datagrams)
    assert not any(tags for metric in measured.values() for tags in metric.tags)
    assert {kind for _, kind in measured} == {"c", "g", "ms"}
    # Sums, not each of the 240 steps.
    assert len(measured["gharial.ws_msgs_sent", "c"].values) < 120
    assert max(map(len, datagrams)) <= 1432
    assert_statsd_equals_summary(measured, run, "gharial.")


def test_statsd_is_sent_tags_if_it_can_read_them(tmp_path: Path, url: str) -> None:
    with receiving() as (port, datagrams):
        run = run_script(
            *(tmp_path, url, f"--out=statsd=127.0.0.1:{port},enableTags=true"),
            K6_STATSD_NAMESPACE="shop.",
        )
    measured = read_statsd(datagrams)
    checks = measured["shop.checks.pass", "c"].tags
    assert {tags["check"] for tags in checks} == {"is__mine_"}
    assert {tags["scenario"] for tags in checks} == {"default"}
    assert "url" not in measured["shop.ws_msgs_sent", "c"].tags[0]
    assert ("shop.ws_msg_size_sent", "h") in measured
    assert ("shop.ws_ping", "ms") in measured
    assert_statsd_equals_summary(measured, run, "shop.")
