"""The flags that set options of a test, named as in k6; texts are read by ``options``."""

from collections.abc import Callable
from typing import Any, TypeVar

import click

from gharial.options.sources import option_of_flag

_Command = TypeVar("_Command", bound=Callable[..., Any])

# Flags, what the value looks like, help. A value that ends in "..." may be repeated; one in
# brackets may be left out, which means the first; an empty one marks a switch. All values
# are texts: the options say what is wrong with them in the same words whether they came
# from a flag, from a variable or from the script.
_FLAGS = (
    ("-u --vus", "COUNT", "Virtual users."),
    ("-i --iterations", "COUNT", "Iterations, shared among the virtual users."),
    ("-d --duration", "TIME", "How long to run, such as 30s or 1m30s."),
    ("-s --stage", "TIME:VUS...", "Go to so many virtual users in this time."),
    ("--tag", "NAME=VALUE...", "Tag every measurement."),
    ("--hosts", "NAME=ADDRESS...", "Resolve a name to ADDRESS or ADDRESS:PORT."),
    ("--insecure-skip-tls-verify", "", "Accept any certificate."),
    ("--ca-cert", "FILE...", "Trust the authorities in this PEM file, too."),
    ("--user-agent", "TEXT", "The User-Agent header."),
    ("--local-ips", "ADDRESSES", "Addresses or ranges to connect from."),
    ("--dns", "SETTINGS", "As in ttl=5m,select=random,policy=preferIPv4."),
    ("--block-hostnames", "PATTERN...", "Refuse to connect to these names."),
    ("--blacklist-ip", "RANGE...", "Refuse to connect to these addresses."),
    ("--dial-timeout", "TIME", "Longest wait for name resolution and TCP."),
    ("--tls-timeout", "TIME", "Longest wait for TLS."),
    ("--handshake-timeout", "TIME", "Longest wait for the server's HTTP answer."),
    ("--close-timeout", "TIME", "Longest wait for a closing handshake."),
    ("--max-message-size", "SIZE", "Largest message to accept, such as 64MiB."),
    ("--message-queue-size", "SIZE", "What may wait for a busy virtual user."),
    ("--max-redirects", "COUNT", "HTTP redirects to follow."),
    ("--batch", "COUNT", "HTTP requests of a batch at once."),
    ("--batch-per-host", "COUNT", "HTTP requests of a batch at once to one host."),
    ("--rps", "COUNT", "HTTP requests to begin in a second, at most."),
    ("--discard-response-bodies", "", "Read bodies of HTTP answers and forget them."),
    ("--no-connection-reuse", "", "A connection of its own for each HTTP request."),
    ("--no-vu-connection-reuse", "", "End HTTP connections with each iteration."),
    ("--http-debug", "[headers|full]", "Log HTTP requests and answers."),
    ("--ws-redirects", "COUNT", "Redirects that a socket follows (usually none)."),
    ("--ws-debug", "COUNT", "Log the frames of so many sockets."),
    ("--callback-timeout", "TIME", "Longest run of script code without a pause."),
    ("--memory-limit", "SIZE", "What a virtual user's script may take."),
    ("--min-iteration-duration", "TIME", "Make shorter iterations last so long."),
    ("-w --throw", "", "Let failed calls throw rather than warn."),
    ("--random-seed", "NUMBER", "Seed of each virtual user's random numbers."),
    ("--system-tags", "NAMES", "System tags to set, separated by commas."),
    ("--workers", "COUNT", "Processes to share the load (default: one a core)."),
    ("--cluster", "ADDRESS", "Run on a Ray cluster: auto, HOST:PORT or local."),
    ("--cluster-timeout", "TIME", "Longest wait for free CPUs in the cluster."),
    ("--worker-weights", "KIND", "Shares of the workers: equal, or auto by speed."),
    ("--on-worker-lost", "ACTION", "When a worker is lost: stop or continue."),
    ("--allow-lost", "COUNT", "Lost workers that do not fail the run."),
    ("-p --paused", "", "Wait before the beginning until the run is resumed."),
    ("--no-thresholds", "", "Do not judge thresholds."),
    ("--no-data", "pass|fail", "What thresholds without values do: pass or fail."),
    ("--no-setup", "", "Do not call setup()."),
    ("--no-teardown", "", "Do not call teardown()."),
    ("--console-output", "FILE", "Write the script's console lines to a file."),
    ("--summary-trend-stats", "NAMES", "Of trends show: avg,min,med,max,count,p(99)."),
    ("--summary-time-unit", "UNIT", "Unit of times: s, ms or us."),
)


def option_flags(command: _Command) -> _Command:
    """Add the flags that set options of a test to a command; not given means None."""
    for names, metavar, text in reversed(_FLAGS):
        if metavar.startswith("["):
            decorator = click.option(
                *names.split(),
                metavar=metavar,
                is_flag=False,
                flag_value=metavar[1:].partition("|")[0],
                help=text,
            )
        elif metavar:
            is_repeated = metavar.endswith("...")
            decorator = click.option(
                *names.split(),
                metavar=metavar.removesuffix("..."),
                multiple=is_repeated,
                help=f"{text[:-1]}; repeatable." if is_repeated else text,
            )
        else:
            decorator = click.option(
                *names.split(), is_flag=True, default=None, help=text
            )
        command = decorator(command)
    return command


def flags_by_option() -> dict[str, str]:
    """Return the long flag of each option that has one, by the option's name."""
    found = {}
    for names, _, _ in _FLAGS:
        flag = names.split()[-1]
        found[option_of_flag(flag)] = flag
    return found
