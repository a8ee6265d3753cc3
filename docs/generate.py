"""
Write the reference pages that are generated from the code.

    python docs/generate.py            write them python docs/generate.py --check
    fail if one is out of date
"""

import inspect
import re
import sys
from collections.abc import Callable
from importlib import import_module
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from textwrap import dedent
from typing import Any

import gharial
from gharial.errors import ExitCode
from gharial.executors.catalog import SCENARIO_TYPES
from gharial.lenses.catalog import LENSES
from gharial.metrics.builtin import BUILTIN
from gharial.metrics.histogram import RELATIVE_ERROR
from gharial.metrics.metric import Contains
from gharial.net.failures import FailureReason
from gharial.options.description import (
    OptionDescription,
    described_fields,
    described_options,
)
from gharial.options.info import Group
from gharial.options.records import OptionRecord, fields_of
from gharial.options.rows import OPTION_ROWS
from gharial.virtual_user.known_servers import PROXIES, SERVERS

REFERENCE = Path(__file__).parent / "reference"
MADE = "<!-- Made from the code by docs/generate.py. -->\n\n"
BEGINS = "<!-- Made from the code by docs/generate.py: -->\n"
ENDS = "<!-- End of what is made. -->"
UNITS = {Contains.TIME: "ms", Contains.DATA: "bytes", Contains.DEFAULT: ""}

EXIT_CODES = {
    ExitCode.OK: "The run finished; checks and iterations may have failed.",
    ExitCode.COMPARISON_FAILED: "A condition of `gharial compare --fail-on` holds.",
    ExitCode.THRESHOLDS_FAILED: "A threshold failed, or has no values but needs some.",
    ExitCode.SETUP_TIMEOUT: "`setup` took longer than `setupTimeout`.",
    ExitCode.TEARDOWN_TIMEOUT: "`teardown` took longer than `teardownTimeout`.",
    ExitCode.GENERIC_TIMEOUT: "Another phase of the run took too long.",
    ExitCode.STOPPED_FROM_OUTSIDE: "The run was stopped through its control interface.",
    ExitCode.INVALID_CONFIG: "An option, a flag or a file cannot be used as given; "
    "nothing was started.",
    ExitCode.SIGNAL: "Ctrl+C, SIGTERM, or a terminal that was closed (SIGHUP).",
    ExitCode.ADDRESS_UNUSABLE: "`--address` or `--dashboard` cannot be listened on.",
    ExitCode.SCRIPT_EXCEPTION: "The script cannot be read, or threw at its top level, in "
    "`setup` or in `teardown`.",
    ExitCode.SCRIPT_ABORTED: "The script called `exec.test.abort()`.",
    ExitCode.INTERNAL: "Gharial itself failed; please report it.",
    ExitCode.MARKED_FAILED: "The script called `exec.test.fail()`.",
    ExitCode.WORKER_LOST: "A worker process died.",
    ExitCode.OTHER: "Something else.",
}

REASONS = {
    FailureReason.BLOCKED: "The name or address is blocked by an option.",
    FailureReason.DNS: "The name could not be resolved, or not within `dialTimeout`.",
    FailureReason.REFUSED: "TCP was refused: nothing listens there.",
    FailureReason.UNREACHABLE: "There is no route to the address.",
    FailureReason.DIAL: "TCP failed in another way.",
    FailureReason.DIAL_TIMEOUT: "TCP (with the name resolution before it) took longer "
    "than `dialTimeout`.",
    FailureReason.PROXY: "The proxy cannot be reached, refused, did not respond as a "
    "proxy, or not within `dialTimeout`.",
    FailureReason.TLS: "The TLS handshake failed or took too long.",
    FailureReason.CERTIFICATE: "The server's certificate is not trusted, or is for "
    "another name.",
    FailureReason.HANDSHAKE: "The handshake response is not valid.",
    FailureReason.HANDSHAKE_STATUS: "The upgrade was refused with an HTTP status.",
    FailureReason.HANDSHAKE_TIMEOUT: "The upgrade took longer than `handshakeTimeout`.",
    FailureReason.CANCELLED: "The script closed the socket before it was open.",
    FailureReason.PROTOCOL: "The server broke RFC 6455 or RFC 7692.",
    FailureReason.TOO_BIG: "A message was larger than `maxMessageSize`.",
    FailureReason.CLOSE_CODE: "The server closed with a code that means an error: "
    "1002, 1003, 1007 to 1014, 3000, 3003 or 3008.",
    FailureReason.CLOSE_TIMEOUT: "The server did not answer the close frame within "
    "`closeTimeout`.",
    FailureReason.RESET: "TCP was reset, before the handshake response or after it.",
    FailureReason.EOF: "The server ended TCP without a close frame.",
}

PYTHON_GROUPS = {
    "Sockets": (
        "WebSocket SocketClosedError WebSocketError Blob Event MessageEvent CloseEvent "
        "ErrorEvent EventTarget AbortController AbortSignal"
    ),
    "Time": "sleep set_timeout set_interval clear_timeout clear_interval",
    "Checks and groups": "check group fail",
    "Metrics": "Counter Gauge Rate Trend",
    "The run": "env vu execution log",
    "Random values": (
        "random_int_between random_item random_seed random_string uuidv4 find_between"
    ),
}

TESTING_GROUPS = {
    "Runs": {
        "testing.runs": "run_test run_test_async",
        "testing.run_thread": "RunStuckError",
    },
    "Results": {
        "testing.result": (
            "TestResult Metrics Checks CheckResult ThresholdOutcome UnknownNameError"
        ),
        "testing.measured": (
            "MetricResult TrendResult RateResult CounterResult GaugeResult "
            "NothingMeasuredError"
        ),
        "testing.log": "LogLine",
    },
    "Servers": {
        "servers.server_thread": "serving",
        "servers.echo": "EchoServer",
        "servers.chat": "ChatServer",
        "servers.hostile": "HostileServer",
        "servers.certificates": "Certificates",
    },
}
FIXTURES = {
    "gharial_run": "`run_test`, with paths relative to the test's file. If the test fails, "
    "pytest shows the summaries of its runs.",
    "gharial_run_async": "`run_test_async`, likewise.",
    "echo_server": "The URL of an `EchoServer` on a free port, which runs during the test.",
}


def table(head: str, rows: list[tuple[str, ...]]) -> str:
    """Return a table in Markdown."""
    columns = head.split("|")
    lines = [f"| {' | '.join(column.strip() for column in columns)} |"]
    lines.append("|" + "---|" * len(columns))
    lines += [
        "| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |"
        for row in rows
    ]
    return "\n".join(lines) + "\n"


def code(text: object) -> str:
    """Return a value in Markdown's code marks, an empty string for an empty one."""
    return f"`{text}`" if text != "" else ""


def plain(text: str) -> str:
    """Return reStructuredText's code marks as Markdown's, in one line."""
    return re.sub(r"``(.+?)``", r"`\1`", " ".join(text.split()))


def metrics_page() -> str:
    """Return the page of the built-in metrics."""
    rows = [
        (
            code(one.metric.name),
            one.metric.type.value,
            UNITS[one.metric.contains],
            plain(one.text),
            ", ".join(code(tag) for tag in one.tags),
            one.worse.value,
        )
        for one in BUILTIN.values()
    ]
    return (
        "# Metrics\n\n"
        "The metrics that Gharial measures by itself. Those that k6 has, too, have k6's "
        "names, types and units. Every value also carries the tags of the run, of the "
        "scenario and those that the script sets. A script's own metric may have the name "
        "of one that k6 does not have: Gharial's is then not measured, and the log says "
        "so. *Worse* is the direction in which a metric gets worse, if it has one: see "
        "[comparing runs](../explanation/comparing-runs.md).\n\n"
        + table("Metric | Type | Unit | What it is | Tags | Worse", rows)
        + f"""
## Types

| Type | What it keeps | In thresholds and the summary |
|---|---|---|
| counter | a sum | `count`, `rate` (per second) |
| gauge | the last value, the minimum, the maximum | `value` |
| rate | the share of values that are not zero | `rate` |
| trend | the distribution of the values | `avg`, `min`, `med`, `max`, `p(N)` |

A trend takes constant memory, regardless of the number of values. Count, sum, minimum and
maximum are exact; a percentile is within {RELATIVE_ERROR:.2%} of the exact one.

## Reasons of errors

The tag `reason` of `ws_errors`:

"""
        + table(
            "Reason | What happened",
            [(code(reason.value), text) for reason, text in REASONS.items()],
        )
        + """
Which close codes mean an error follows from [RFC
6455](https://www.rfc-editor.org/rfc/rfc6455#section-7.4.1) and IANA's registry of close
codes: a protocol error, unacceptable data, a policy violation, an internal error,
a restart, overload, a bad gateway, and (3000, 3003, 3008) unauthorized,
forbidden, timeout. 1000, 1001 and a close without a code are normal. All other codes
from 3000 on are defined by the application, so they do not count as errors;
`ws_close{code:4001}` counts them as it counts every code. A script gets no `error` event
for such a close, only `close` with its code; a code that the script itself closed with
is not an error when the server sends it back.
"""
    )


def exit_codes_page() -> str:
    """Return the page of the exit codes."""
    rows = [(str(int(one)), text) for one, text in EXIT_CODES.items()]
    return (
        "# Exit codes\n\n"
        "The first cause decides; a failed threshold counts only if nothing else ended "
        "the run early.\n\n" + table("Code | Meaning", rows)
    )


def options_tables() -> str:
    """Return the options of a run as a table for each group."""
    text = ""
    for group, options in by_group().items():
        rows = [
            (
                code(each.name),
                code(each.default),
                code(each.environment),
                code(each.flag),
                plain(each.meaning) + ("" if each.in_k6 else " *Not in k6.*"),
            )
            for each in options
        ]
        text += f"## {group}\n\n"
        text += table("Option | Default | Environment | Flag | Meaning", rows) + "\n"
    return text


def by_group() -> dict[str, list[OptionDescription]]:
    """Return the options of a run by their groups."""
    groups: dict[str, list[OptionDescription]] = {}
    for each in described_options():
        groups.setdefault(each.group, []).append(each)
    return groups


def command_line_page() -> str:
    """Return the page of the command line, the flags of options made anew."""
    text = (REFERENCE / "command-line.md").read_text("utf-8")
    before, begins, rest = text.partition(BEGINS)
    _, ends, after = rest.partition(ENDS)
    return before + begins + flags_tables() + ends + after


def lenses_page() -> str:
    """Return the page of the lenses, the table of them made anew."""
    text = (REFERENCE / "lenses.md").read_text("utf-8")
    before, begins, rest = text.partition(BEGINS)
    _, ends, after = rest.partition(ENDS)
    rows = [
        (
            code(row.name),
            row.reads,
            "; ".join(
                [
                    *(f"subprotocol {code(each)}" for each in row.subprotocols),
                    *([row.recognised_by] if row.recognised_by else []),
                ]
            )
            or "nothing: it has to be named",
        )
        for row in LENSES.values()
    ]
    made_now = table("Lens | Reads | Recognised by", rows)
    return before + begins + made_now + ends + after


def flags_tables() -> str:
    """Return the flags that set options as a table for each group."""
    text = ""
    for group in Group:
        rows = []
        for row in OPTION_ROWS.values():
            info = row.info
            if info.group is group and info.flag:
                value = f" {info.metavar}".rstrip().removesuffix("...")
                *short, long = info.flags.split()
                flags = ", ".join(map(code, (*short, f"{long}{value}")))
                meaning = plain(f"{info.summary} {info.details}".strip())
                repeatable = " Repeatable." if info.is_repeatable else ""
                rows.append((flags, code(row.name), meaning + repeatable))
        text += f"\n#### {group}\n\n{table('Flag | Option | Meaning', rows)}"
    return f"{text}\n"


def fields_table(record: type[OptionRecord]) -> str:
    """Return the fields of a scenario as a table."""
    rows = [
        (code(each.name), code(each.default), plain(each.meaning))
        for each in described_fields(record)
        if each.name != "executor"
    ]
    return table("Field | Default | Meaning", rows)


def options_page() -> str:
    """Return the page of the options."""
    text = (
        "# Options\n\n"
        "A script exports them as `options`; in Python the names may be in snake case. "
        "A [config file](../how-to/configure.md) has the same names; the script overrides "
        "it, environment variables override the script, and "
        "[flags](command-line.md) override all. "
        "`K6_` works in place of `GHARIAL_`, too. Times are strings such as `30s`, "
        "`1m30s`, `500ms`, or numbers of milliseconds. `gharial options` prints these "
        "tables.\n\n"
        + options_tables()
        + "## Scenarios\n\nA scenario (`scenarios: { name: { executor: …, … } }`) has:\n\n"
    )
    for name, record in SCENARIO_TYPES.items():
        meaning = (inspect.getdoc(record) or "").partition("\n\n")[0]
        for written, field in fields_of(record).items():
            meaning = meaning.replace(f"``{field.name}``", f"``{written}``")
        text += f"### `{name}`\n\n{plain(meaning)}\n\n"
        text += fields_table(record) + "\n"
    return text.rstrip() + "\n"


def docstring(thing: Any) -> str:
    """Return a docstring with its sections as Markdown."""
    text = inspect.getdoc(thing) or ""
    text = re.sub(r"``(.+?)``", r"`\1`", text)
    text = re.sub(r":(?:class|func|meth):`([^`]+)`", r"`\1`", text)
    text = re.sub(
        r"^Example::\n\n((?:(?:    .*)?\n?)+)",
        lambda match: f"```python\n{dedent(match[1]).strip()}\n```\n",
        text,
        flags=re.MULTILINE,
    )
    lines: list[str] = []
    for line in text.splitlines():
        section = re.fullmatch(r"(Args|Attributes|Returns|Raises|Source):", line)
        if section:
            lines.append(f"**{section[1]}**\n")
            continue
        entry = re.fullmatch(r"    (\w+): (.*)", line)
        lines.append(f"- `{entry[1]}`: {entry[2]}" if entry else line)
    return "\n".join(lines).strip()


def signature(name: str, thing: Any) -> str:
    """Return how a thing is called."""
    try:
        text = str(inspect.signature(thing))
    except (TypeError, ValueError):
        return name
    text = re.sub(r"gharial\.[\w.]+\.|collections\.abc\.|typing\.", "", text)
    # Annotations that are strings are shown as the types that they name.
    return name + re.sub(r"'([A-Za-z_][\w.]*)'", r"\1", text)


def members(thing: type) -> str:
    """Return the public members of a class."""
    text = ""
    for name, member in inspect.getmembers(thing):
        if name.startswith("_") or not inspect.getdoc(member):
            continue
        # Members that a mapping or an exception inherits are left out.
        home = getattr(getattr(member, "fget", member), "__module__", None) or ""
        if not home.startswith("gharial"):
            continue
        if isinstance(member, property):
            first = plain((inspect.getdoc(member) or "").split("\n\n")[0])
            text += f"- `{name}`: {first}\n"
        elif inspect.isfunction(member):
            first = plain((inspect.getdoc(member) or "").split("\n\n")[0])
            shown = (
                signature(name, member).replace("(self, ", "(").replace("(self)", "()")
            )
            text += f"- `{shown}`: {first}\n"
    return text


def python_page() -> str:
    """Return the page of the Python API."""
    text = "# The Python API\n\nAll of it is imported from `gharial`.\n\n"
    for group, names in PYTHON_GROUPS.items():
        things = {name: getattr(gharial, name) for name in names.split()}
        text += f"## {group}\n\n" + descriptions(things)
    return text.rstrip() + "\n"


def testing_page() -> str:
    """Return the page of the test kit."""
    text = (
        "# The test kit\n\n`gharial.testing` is for tests in Python: see also "
        "[how to use it](../how-to/test-in-pytest.md).\n\n## pytest fixtures\n\n"
        "They are available once Gharial is installed; `-p no:gharial` disables them.\n\n"
        + table("Fixture|What it is", [(code(n), t) for n, t in FIXTURES.items()])
        + "\n"
    )
    for group, modules in TESTING_GROUPS.items():
        things = {
            name: getattr(import_module(f"gharial.{module}"), name)
            for module, names in modules.items()
            for name in names.split()
        }
        text += f"## {group}\n\n" + descriptions(things)
    return text.rstrip() + "\n"


def in_plain_python(thing: Any) -> Any:
    """Return a class from its plain source: a compiled one has no signature to inspect."""
    file = Path(sys.modules[thing.__module__].__file__ or "")
    if file.suffix == ".py":
        return thing
    name = f"{thing.__module__}_in_plain_python"
    if name not in sys.modules:
        source = file.with_name(f"{file.name.partition('.')[0]}.py")
        spec = spec_from_file_location(name, source)
        assert spec is not None and spec.loader is not None
        sys.modules[name] = module_from_spec(spec)
        spec.loader.exec_module(sys.modules[name])
    return getattr(sys.modules[name], thing.__name__)


def descriptions(things: dict[str, Any]) -> str:
    """Return a section for each thing."""
    text = ""
    for name, thing in things.items():
        if inspect.isclass(thing):
            thing = in_plain_python(thing)
        callable_thing = inspect.isclass(thing) or inspect.isfunction(thing)
        shown = signature(name, thing) if callable_thing else name
        described = thing if callable_thing else type(thing)
        text += f"### `{name}`\n\n"
        if shown != name:
            text += f"```python\n{shown}\n```\n\n"
        text += docstring(described) + "\n\n"
        listed = members(described) if not inspect.isfunction(thing) else ""
        if listed:
            text += f"**Members**\n\n{listed}\n"
    return text


def made(page: Callable[[], str]) -> Callable[[], str]:
    """Return what makes a page that says that all of it is made."""
    return lambda: MADE + page()


SERVERS_INTRODUCTION = """# What servers do by themselves

{made}What ends or changes a connection although neither script nor application asked for
it. Each row was seen on 2026-11-30 on loopback, with the default options of the server, by
a client that saw the bytes. Another version may do otherwise.

Where a run meets one of these limits, its error says so: `websocket: close 1009 (message
too big) after messages of up to 1.2 MiB: this may be websockets' default limit of 1 MiB`.
One of 1011 `keepalive ping timeout` says that pongs may not have been read: uvicorn,
sanic and websockets stop reading while messages wait for a busy handler.
It names a server only if the handshake's `Server` header does, or if there is no such
header and the largest message lies just above a limit in the table.

| Server | Largest message | A larger one | Pings | Idle | permessage-deflate | SIGTERM |
|---|---|---|---|---|---|---|
"""
SERVERS_REST = """

"permessage-deflate" is the answer to the offer `permessage-deflate;
client_max_window_bits`, which browsers make. "TCP ends" is without a close frame: scripts
see the code 1006.

## Proxies

| Proxy | Idle | Reload | Stop | Connections at defaults |
|---|---|---|---|---|
"""
SERVERS_END = """

All of these pass `permessage-deflate` on unchanged (Caddy was not looked at). Varnish
passes upgrades on only with `pipe`.
"""


def servers() -> str:
    """Return the page on what servers do by themselves."""
    rows = "\n".join(
        f"| {each.name} {each.version} | {each.limit} | {each.too_big} | {each.pings} | "
        f"{each.idle} | {each.deflate} | {each.shutdown} |"
        for each in SERVERS
    )
    proxies = "\n".join(f"| {' | '.join(each)} |" for each in PROXIES)
    head = SERVERS_INTRODUCTION.format(made=MADE)
    return f"{head}{rows}{SERVERS_REST}{proxies}{SERVERS_END}"


PAGES: dict[str, Callable[[], str]] = {
    "servers.md": servers,
    "command-line.md": command_line_page,
    "lenses.md": lenses_page,
    "metrics.md": made(metrics_page),
    "options.md": made(options_page),
    "exit-codes.md": made(exit_codes_page),
    "python-api.md": made(python_page),
    "testing.md": made(testing_page),
}


def stale_pages() -> list[str]:
    """Return the names of the pages that differ from what the code generates."""
    return [
        name
        for name, page in PAGES.items()
        if not (REFERENCE / name).exists()
        or (REFERENCE / name).read_text("utf-8") != page()
    ]


def main() -> int:
    """Write the pages, or check them."""
    if "--check" in sys.argv[1:]:
        stale = stale_pages()
        for name in stale:
            print(f"docs/reference/{name} is out of date; run python docs/generate.py")
        return bool(stale)
    REFERENCE.mkdir(exist_ok=True)
    for name, page in PAGES.items():
        (REFERENCE / name).write_text(page(), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
