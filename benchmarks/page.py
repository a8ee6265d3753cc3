"""
Makes the documentation's page about performance from the newest results.

    python -m benchmarks.page            write it
    python -m benchmarks.page --check    fail if it is not up to date
"""

import sys
from pathlib import Path
from typing import Any

from benchmarks import results
from benchmarks.clients import JAVASCRIPT, PYTHON
from benchmarks.results import Line

EXPLANATION = Path(__file__).parent.parent / "docs" / "explanation"
PAGE = EXPLANATION / "performance.md"

# Why a line is over its budget, by the beginning of its case's name, and client.
CAUSES: tuple[tuple[str, str, str], ...] = (
    (
        "echo-100-65536",
        JAVASCRIPT,
        "Each of these messages streams through the processor's cache several times, and "
        "pushes out what the next virtual user's global object needs: the engine's part, "
        "1 µs while its memory is in the cache, takes 6 to 8 µs.",
    ),
    (
        "echo",
        JAVASCRIPT,
        "The engine's part of a message takes 1 µs while its memory is in the cache, and "
        "several times as long when many virtual users take turns: each has a global "
        "object of its own, and what a message touches of it is fetched from afar.",
    ),
    (
        "echo",
        PYTHON,
        "The script's handler, its `send` and an event object; "
        "see [the hot path](message-path.md).",
    ),
    (
        "receive",
        "",
        "A flood brings some hundred messages with each read, so the floor has hardly any "
        "cost but its own call for each. A script's handler with its event costs about as "
        "much again.",
    ),
    (
        "memory-user",
        JAVASCRIPT,
        "An empty global object of the engine takes 56 KB, our part of it 60 KB more; the "
        "socket and Python's side of the virtual user take 30 KB.",
    ),
    (
        "memory-socket-tls",
        "",
        "OpenSSL takes about 32 KB, of which 16 KB are a buffer for writing that it keeps "
        "until something is sent; what the handshake wrote of the library's buffers, and "
        "the socket itself, the rest.",
    ),
)


def cause(line: Line) -> str:
    """Return why a line misses its budget, as far as we know."""
    for case, client, text in CAUSES:
        if line.case.startswith(case) and client in ("", line.client):
            return text
    return "Not known."


def page(head: dict[str, Any], lines: list[Line]) -> str:
    """Return the page for some results."""
    machine = head["machine"]
    packages = ", ".join(f"{name} {v}" for name, v in machine["packages"].items())
    parts = [
        "<!-- Made from benchmarks/results by python -m benchmarks.page. -->\n",
        "# What it costs\n",
        "`make bench` measures what a message, a connection and a virtual user cost, and "
        "prints this table. The *floor* is the same load on a bare picows loop in Python: "
        "no script, no metrics, no limits. Compiled parts of Gharial can be below it. "
        "Floor and clients take turns, so that all meet the same conditions, and a "
        "ratio is the median of the ratios of single turns. CPU time is what the system "
        "counts for the client's processes; the server counts the messages. A line "
        "over its budget is marked, and explained below. Lag is how late the client's "
        "event loop was (p50 / p99), at the highest rate of messages that it can handle.\n",
        f"Measured on {head['at'][:10]}: {machine['processor']}, {machine['cores']} cores, "
        f"{machine['memory_gb']} GB, {machine['system']}, Python {machine['python']}, "
        f"{packages}; the hot path "
        f"{'compiled' if machine.get('is_compiled') else 'in plain Python'}. "
        "A shared machine: orders of magnitude and ratios count, not the last digit.\n",
        "| case | client | median | lowest to highest | × floor | budget | | lag |",
        "|---|---|---|---|---|---|---|---|",
    ]
    case = ""
    for one in lines:
        title = f"**{one.title}**, {one.unit}" if one.case != case else ""
        case = one.case
        ratio = "" if one.ratio is None else f"{one.ratio:.2f}"
        allowed = ""
        if one.allowed is not None:
            allowed = f"{one.allowed:g}" if one.is_absolute else f"{one.allowed:g} ×"
        mark = "" if one.allowed is None else "**missed**" if one.is_missed else "met"
        spread = f"{min(one.figures):.2f} to {max(one.figures):.2f}"
        lag = "" if one.lag_ms is None else "{:.2f} / {:.2f} ms".format(*one.lag_ms)
        parts.append(
            f"| {title} | {one.client} | {one.median:.2f} | {spread} | {ratio} | "
            f"{allowed} | {mark} | {lag} |"
        )
    missed = [one for one in lines if one.is_missed]
    if missed:
        parts.append("\n## Why a budget is missed\n")
        parts += [f"- {one.title}, {one.client}: {cause(one)}" for one in missed]
    return "\n".join(parts) + "\n"


def main() -> int:
    """Write the page, or check it; return the exit code."""
    newest = results.newest()
    if newest is None:
        print("there are no results: run 'make bench' first")
        return 1
    text = page(*results.load(newest))
    if "--check" in sys.argv:
        return int(not PAGE.exists() or PAGE.read_text("utf-8") != text)
    PAGE.write_text(text, "utf-8")
    print(PAGE)
    return 0


if __name__ == "__main__":
    sys.exit(main())
