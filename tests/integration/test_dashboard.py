"""The dashboard of a run that goes on, in a real browser and by hand-made requests."""

import asyncio
import json
import re
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import aiohttp
import pytest
from browser import DESKTOP, PHONE, Opened, needs_browser, opened
from playwright.sync_api import expect
from program import environment
from safety_net import LIMIT_S
from servers import serving_echo
from test_workers import command, finished, script

pytestmark = pytest.mark.slow

TALKING = """
import { check } from 'k6';
import http from 'k6/http';
import { Trend, Counter } from 'k6/metrics';
const thought = new Trend('thought', true), said = new Counter('said');
export const options = {
  scenarios: {
    talk: { executor: 'constant-vus', vus: 4, duration: '6s' },
    fail: { executor: 'constant-vus', vus: 1, duration: '6s', exec: 'fail' },
    wait: { executor: 'per-vu-iterations', maxDuration: '1h', exec: 'wait' },
  },
  thresholds: { ws_req_duration: ['p(95)<5000'], said: ['count<1'] },
};
export default async function () {
  const socket = new WebSocket(__ENV.URL);
  await new Promise((opened) => { socket.onopen = opened; });
  for (let i = 0; i < 10; i += 1) {
    const answer = await socket.request(`${i}`, { name: i % 2 ? 'odd' : 'even' });
    check(answer, { 'is an echo': (text) => text === `${i}`, 'is small': () => i < 8 });
    thought.add(i);
    said.add(1);
    socket.ping();
    await new Promise((later) => setTimeout(later, 20));
  }
  socket.close(i = 3001);
  await new Promise((closed) => { socket.onclose = closed; });
}
let i;
export function fail() {
  new WebSocket('ws://127.0.0.1:1/').onerror = () => {};
  setTimeout(() => 0, 300);
}
export async function wait() {
  if (__ENV.GATE) await http.asyncRequest('GET', __ENV.GATE, null, { timeout: '1h' });
}
"""
SCALED = """
import { sleep } from 'k6';
export const options = { scenarios: { a: {
  executor: 'externally-controlled', vus: 1, maxVUs: 6, duration: '1h' } } };
export default function () { sleep(0.05); }
"""


@contextmanager
def gate() -> Iterator[tuple[str, threading.Event]]:
    """Serve a URL that answers once the event is set: so long a run goes on."""
    opens = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            opens.wait(LIMIT_S)
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/", opens
        finally:
            opens.set()
            server.shutdown()
            thread.join(LIMIT_S)


@contextmanager
def shown(*arguments: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Run with a dashboard on a free port; its URL is the second value."""
    process = subprocess.Popen(
        command("--dashboard", "127.0.0.1:0", *arguments),
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        found = re.fullmatch(r"dashboard: (http://127\.0\.0\.1:\d+/\S*)\n", line)
        assert found, line
        yield process, found[1]
    finally:
        process.kill()
        process.communicate()


def number(text: str) -> float:
    return float(text.split()[0].replace(",", ""))


def compare(page: Opened, summary: Path) -> None:
    """Compare all that a page of a run that has ended tells with the run's own summary."""
    metrics = json.loads(summary.read_text("utf-8"))["metrics"]
    counts, trends = page.rows("counts"), page.rows("trends")
    for name in (
        "ws_sessions",
        "ws_msgs_sent",
        "ws_msgs_received",
        "iterations",
        "said",
    ):
        assert number(counts[name][0]) == metrics[name]["count"], name
    for name in ("ws_req_duration", "ws_connecting", "iteration_duration", "thought"):
        # Shown to three digits.
        for place, statistic in ((1, "avg"), (2, "min"), (3, "max"), (6, "p(95)")):
            shown_ms = milliseconds(trends[name][place])
            assert shown_ms == pytest.approx(metrics[name][statistic], rel=0.01), name
    passes, fails = metrics["checks"]["passes"], metrics["checks"]["fails"]
    share = counts["checks"][0]
    assert share.endswith(f"({passes:,} of {passes + fails:,})")
    checks = page.rows("checks")
    assert [number(checks["is an echo"][place]) for place in (0, 1)] == [
        metrics["said"]["count"],
        0,
    ]
    assert "failed" in checks["is small"][-1]
    errors = page.rows("errors")
    assert number(errors["refused"][0]) == metrics["ws_errors"]["count"]
    assert "connection refused" in errors["refused"][1]
    thresholds = page.rows("thresholds")
    assert "holds" in thresholds["ws_req_duration"][0]
    assert "crossed" in thresholds["said"][0]
    assert number(counts["ws_close{code:3001}"][0]) == metrics["ws_close"]["count"]
    assert page.tile("Errors") == f"{metrics['ws_errors']['count']:,}"


def milliseconds(text: str) -> float:
    found = re.fullmatch(r"([\d.,e+-]+)(ns|µs|ms|s)", text)
    assert found, text
    factor = {"ns": 1e-6, "µs": 1e-3, "ms": 1, "s": 1e3}[found[2]]
    return float(found[1].replace(",", "")) * factor


def check_reasons_are_on_top(page: Opened) -> None:
    """Check the verdict, its reasons with their times, and the tables that they lead to."""
    expect(page.page.locator("#verdict")).to_contain_text("FAILED: said ")
    refused = page.page.locator("#wrong li", has_text="× refused at ws://127.0.0.1:1/")
    expect(refused).to_contain_text(re.compile(r"\(fail\) from \d\d:\d\d:\d\d to"))
    refused.get_by_role("link", name="table").click()
    assert page.page.evaluate("location.hash") == "#errors"
    names = page.page.locator("#names-requests tbody th")
    expect(names).to_have_count(2)
    name = page.page.locator("#names-requests").get_by_role("button", name="Name")
    name.click()
    name.click()
    expect(names).to_have_text(["odd", "even"])
    legend = page.page.locator("#chart-messages .u-legend")
    expect(legend).to_contain_text(re.compile(r"min .+ · avg .+ · max "))
    expect(page.page.locator("#moments summary")).to_contain_text("UTC")
    assert not re.search(r"\de[-+]\d", page.page.locator("main").inner_text())


def check_people_can_use_it(page: Opened) -> None:
    assert page.errors == []
    assert not page.is_too_wide()
    assert page.violations() == []


@needs_browser
@pytest.mark.parametrize(
    ("size", "scheme", "workers"), [(DESKTOP, "light", "2"), (PHONE, "dark", "1")]
)
def test_the_page_shows_the_run_and_then_what_the_summary_says(
    tmp_path: Path, size: tuple[int, int], scheme: str, workers: str
):
    summary = tmp_path / "summary.json"
    with (
        serving_echo() as server,
        gate() as (gate_url, gate_opens),
        shown(
            *(
                "--workers",
                workers,
                "-e",
                f"URL={server.url}",
                "-e",
                f"GATE={gate_url}",
            ),
            *("--summary-export", str(summary), script(tmp_path, TALKING)),
        ) as (process, url),
        opened(url, size, scheme=scheme) as page,
    ):
        expect(page.page.locator("#phase")).to_have_text("running")
        for name in ("users", "messages", "requests", "heat", "errors", "own-thought"):
            expect(page.page.locator(f"#chart-{name} canvas")).to_be_visible()
        expect(page.page.locator("#steering")).to_be_hidden()
        check_people_can_use_it(page)
        gate_opens.set()
        expect(page.page.locator("#phase")).to_have_text("ended with exit code 99")
        process.communicate(timeout=LIMIT_S)
        compare(page, summary)
        workers_shown = page.rows("workers")
        assert list(workers_shown) == [str(n + 1) for n in range(int(workers))]
        check_people_can_use_it(page)


@needs_browser
def test_who_comes_late_sees_the_beginning_and_may_choose(tmp_path: Path):
    with (
        serving_echo() as server,
        gate() as (gate_url, _),
        shown(
            *("--workers", "1", "-e", f"URL={server.url}", "-e", f"GATE={gate_url}"),
            script(tmp_path, TALKING),
        ) as (_, url),
        opened(url) as first,
    ):
        clock = re.compile(r"^([4-9]|\d\d)s|^\d+m")
        expect(first.page.locator("#clock")).to_contain_text(clock)
        with_table = first.page.locator("#chart-messages details")
        with_table.locator("summary").click()
        seconds = first.page.locator("#chart-messages tbody tr").count()
        assert seconds >= 3
        first.page.reload()
        with_table.locator("summary").click()
        expect(first.page.locator("#chart-messages tbody tr").nth(2)).to_be_visible()
        # By the keyboard alone: another percentile, another time.
        first.page.get_by_label("p99.9").focus()
        first.page.keyboard.press("Space")
        expect(first.page.locator("#chart-requests .u-legend")).to_contain_text("p99.9")
        first.page.get_by_role("combobox", name="Time").first.select_option("60")
        first.page.get_by_label("Which time the heat map shows").select_option(
            "thought"
        )
        first.page.get_by_role("button", name="Change to dark colours").click()
        expect(first.page.locator("html")).to_have_attribute("data-theme", "dark")
        assert first.errors == []


@needs_browser
def test_a_run_is_steered_from_the_page(tmp_path: Path):
    with (
        shown("--control", "--workers", "1", script(tmp_path, SCALED)) as (
            process,
            url,
        ),
        opened(url) as opened_page,
    ):
        page = opened_page.page
        expect(page.locator("#phase")).to_have_text("running")
        page.get_by_role("button", name="Pause").click()
        expect(page.locator("#phase")).to_have_text("paused")
        page.get_by_role("button", name="Resume").click()
        expect(page.locator("#phase")).to_have_text("running")
        page.get_by_role("spinbutton", name="Virtual users").fill("5")
        page.keyboard.press("Enter")
        users = page.locator("#tiles div:has(dt:text-is('Virtual users')) dd")
        expect(users).to_have_text("5")
        page.get_by_role("spinbutton", name="Virtual users").fill("50")
        page.get_by_role("button", name="Set").click()
        expect(page.locator("#steered")).to_contain_text("from 0 to ")
        assert opened_page.violations() == []
        page.on("dialog", lambda dialog: dialog.accept())
        page.get_by_role("button", name="Stop the run").click()
        expect(page.locator("#phase")).to_have_text("ended with exit code 103")
        output, _ = process.communicate(timeout=LIMIT_S)
        assert process.returncode == 103
        assert "stopped from the dashboard" in output


def test_foreign_pages_and_names_are_refused_and_steering_needs_the_token(
    tmp_path: Path,
):
    async def ask(url: str) -> dict[str, int]:
        bare = url.partition("?")[0]
        token = url.partition("?")[2]
        own = {"Origin": bare.rstrip("/")}
        stop = {"action": "nothing"}
        async with aiohttp.ClientSession() as session:

            async def status(
                method: str, path: str, headers: dict[str, str], body: object = None
            ) -> int:
                async with session.request(
                    method, bare + path, headers=headers, json=body
                ) as answer:
                    return answer.status

            return {
                "page": await status("GET", "", {}),
                "own origin": await status("GET", "", own),
                "foreign origin": await status(
                    "GET", "events", {"Origin": "http://evil.example"}
                ),
                "foreign host": await status("GET", "", {"Host": "evil.example"}),
                "null origin": await status(
                    "POST", f"control?{token}", {"Origin": "null"}, stop
                ),
                "no token": await status("POST", "control", own, stop),
                "wrong token": await status("POST", "control?token=x", own, stop),
                "odd token": await status("POST", "control?token=é", own, stop),
                "odd token of a viewer": await status("GET", "page?token=é", own),
                "odd action": await status(
                    "POST", f"control?{token}", own, {"action": [["x"]]}
                ),
                "a list": await status("POST", f"control?{token}", own, ["pause"]),
                "odd charset": await status(
                    "POST",
                    f"control?{token}",
                    {**own, "Content-Type": "application/json; charset=odd"},
                    stop,
                ),
                "unknown action": await status("POST", f"control?{token}", own, stop),
                "no body": await status("POST", f"control?{token}", own),
                "too many": await status(
                    "POST", f"control?{token}", own, {"action": "scale", "vus": 7}
                ),
                "no number": await status(
                    "POST", f"control?{token}", own, {"action": "scale", "vus": "x"}
                ),
            }

    with shown("--control", "--workers", "1", script(tmp_path, SCALED)) as (_, url):
        assert asyncio.run(ask(url)) == {
            "page": 200,
            "own origin": 200,
            "foreign origin": 403,
            "foreign host": 403,
            "null origin": 403,
            "no token": 403,
            "wrong token": 403,
            "odd token": 403,
            "odd token of a viewer": 404,
            "odd action": 400,
            "a list": 400,
            "odd charset": 400,
            "unknown action": 400,
            "no body": 400,
            "too many": 400,
            "no number": 400,
        }


def test_a_viewer_who_reads_nothing_holds_nothing_up(tmp_path: Path):
    source = "export const options = { vus: 2, duration: '3s' };\n" + (
        "import { sleep } from 'k6'; export default () => sleep(0.1);"
    )

    async def watch(url: str, run: subprocess.Popen[str]) -> None:
        host, port = url.removeprefix("http://").rstrip("/").split(":")
        writers = []
        for _ in range(20):
            _, writer = await asyncio.open_connection(host, int(port))
            writer.write(
                f"GET /events HTTP/1.1\r\nHost: {host}:{port}\r\n\r\n".encode()
            )
            writers.append(writer)
        await asyncio.to_thread(run.communicate, timeout=LIMIT_S)
        for writer in writers:
            writer.close()

    with shown("--workers", "1", script(tmp_path, source)) as (process, url):
        asyncio.run(watch(url, process))
        assert process.returncode == 0


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["--dashboard", "nowhere:x"], 104, "expected HOST:PORT or HOST:PORT,open"),
        (["--dashboard", "127.0.0.1:0,opne"], 104, "expected HOST:PORT"),
        (["--control"], 104, "--control has no effect without --dashboard"),
        (
            ["--report", "/nowhere/r.html"],
            104,
            "--report: cannot write '/nowhere/r.html'",
        ),
        (["--report", "r.pdf"], 104, "'r.pdf' does not end in .html; a report is a"),
    ],
)
def test_what_cannot_be_shown_ends_the_run_before_it_begins(
    tmp_path: Path, arguments: list[str], code: int, message: str
):
    ran = finished(*arguments, script(tmp_path, SCALED))
    assert (ran.returncode, message in ran.stderr) == (code, True), ran.stderr


def test_a_port_in_use_is_told(tmp_path: Path):
    with shown("--workers", "1", script(tmp_path, SCALED)) as (_, url):
        address = url.removeprefix("http://").rstrip("/")
        ran = finished("--dashboard", address, script(tmp_path, SCALED))
        assert ran.returncode == 106
        assert (
            f"--dashboard: cannot listen on {address}: the port is in use" in ran.stderr
        )


@needs_browser
@pytest.mark.parametrize(("size", "scheme"), [(DESKTOP, "dark"), (PHONE, "light")])
def test_a_report_opens_offline_and_says_what_the_summary_says(
    tmp_path: Path, size: tuple[int, int], scheme: str
):
    summary, report = tmp_path / "summary.json", tmp_path / "report.html"
    with serving_echo() as server:
        ran = finished(
            *("--workers", "2", "-e", f"URL={server.url}", "--report", str(report)),
            *("--summary-export", str(summary), script(tmp_path, TALKING)),
        )
    assert ran.returncode == 99, ran.stderr
    with opened(report.as_uri(), size, scheme=scheme, is_offline=True) as page:
        expect(page.page.locator("#phase")).to_have_text("ended with exit code 99")
        for name in ("users", "messages", "requests", "heat", "errors", "own-thought"):
            expect(page.page.locator(f"#chart-{name} canvas")).to_be_visible()
        compare(page, summary)
        check_reasons_are_on_top(page)
        page.page.get_by_text("Options", exact=True).click()
        expect(page.page.locator("#options pre")).to_contain_text("constant-vus")
        check_people_can_use_it(page)
