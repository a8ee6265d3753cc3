"""What the user asked for, all sources together."""

import ipaddress
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    InstanceOf,
    PlainSerializer,
    SerializeAsAny,
)

from gharial.errors import did_you_mean
from gharial.metrics.statistics import TrendStatisticError, parse_trend_statistics
from gharial.options.addresses import (
    AUTO_ADDRESSES,
    check_host_pattern,
    parse_hosts,
    parse_local_ips,
    parse_networks,
)
from gharial.options.cluster_address import parse_cluster
from gharial.options.scenarios import ScenarioOptions, ScenarioTypes, Stage
from gharial.options.values import (
    Count,
    Duration,
    Natural,
    OptionRecord,
    Positive,
    RunDuration,
    Size,
    TextList,
    TextMap,
    at_least,
    checked,
)

DEFAULT_SYSTEM_TAGS = frozenset(
    {
        *("proto", "subproto", "status", "method", "url", "name", "group", "check"),
        *("error", "error_code", "tls_version", "scenario", "service"),
        "expected_response",
    }
)
ALL_SYSTEM_TAGS = DEFAULT_SYSTEM_TAGS | {"iter", "vu", "ocsp_status", "ip"}
DEFAULT_TREND_STATISTICS = ("avg", "min", "med", "max", "p(90)", "p(95)")
DEFAULT_SCENARIO = "default"
DEFAULT_USER_AGENT = "Gharial"

# Stands for ``ttl: "inf"``: longer than any run.
FOREVER_S = 10 * 365 * 86_400.0

PositiveDuration = Annotated[Duration, at_least(0.001)]
TlsName = Literal["", "tls1.0", "tls1.1", "tls1.2", "tls1.3"]


class ThresholdOption(OptionRecord):
    """
    One condition on a metric.

    Attributes:
        threshold: The condition: ``p(95)<200``.
        abort_on_fail: Whether the run ends as soon as it does not hold.
        delay_abort_eval_s: For so long after the start it ends no run.

    """

    threshold: str
    abort_on_fail: bool = False
    delay_abort_eval_s: Duration = 0.0

    def as_given(self) -> str | dict[str, object]:
        """Return the text, or a mapping if there is more to say, in k6's names."""
        if not self.abort_on_fail and not self.delay_abort_eval_s:
            return self.threshold
        return {
            "threshold": self.threshold,
            "abortOnFail": self.abort_on_fail,
            "delayAbortEval": self.delay_abort_eval_s * 1000.0,
        }


def _threshold_list(value: Any) -> Any:
    entries = [value] if isinstance(value, (str, Mapping)) else value
    if not isinstance(entries, (list, tuple)):
        return value
    for entry in entries:
        if not isinstance(entry, (str, Mapping)):
            raise ValueError(
                f"{entry!r} is no threshold; write for example 'p(95)<200' or "
                "{threshold: 'p(95)<200', abortOnFail: true, delayAbortEval: '10s'}"
            )
    return [{"threshold": e} if isinstance(e, str) else e for e in entries]


Thresholds = Annotated[tuple[ThresholdOption, ...], BeforeValidator(_threshold_list)]


def _ttl(value: Any) -> Any:
    return FOREVER_S * 1000.0 if value == "inf" else value


class DnsOption(OptionRecord):
    """
    How a name becomes one address.

    Attributes:
        ttl_s: How long an answer is kept; 0 asks each time.
        select: Which of the addresses.
        policy: Which kinds of addresses, and which first.

    """

    ttl_s: Annotated[Duration, BeforeValidator(_ttl)] = 300.0
    select: Literal["first", "random", "roundRobin"] = "random"
    policy: Literal["preferIPv4", "preferIPv6", "onlyIPv4", "onlyIPv6", "any"] = (
        "preferIPv4"
    )


def _dns(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    pairs = [part.partition("=") for part in value.split(",") if part.strip()]
    return {key.strip(): inner.strip() for key, _, inner in pairs}


class TlsVersions(OptionRecord):
    """The lowest and the highest version of TLS; empty for the library's own."""

    min: TlsName = ""
    max: TlsName = ""


def _tls_versions(value: Any) -> Any:
    return {"min": value, "max": value} if isinstance(value, str) else value


class TlsAuth(OptionRecord):
    """A client certificate (PEM text or a path to it), and whom to show it."""

    cert: str
    key: str
    password: str | None = None
    domains: TextList = ()


def _http_debug(value: Any) -> Any:
    # As in k6, any text but "full" stands for the headers; an empty one for nothing.
    if isinstance(value, str) and value != "full":
        return "headers" if value else None
    return value


def _system_tags(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    return [name.strip() for name in value.split(",") if name.strip()]


def _system_tag(name: str) -> str:
    if name not in ALL_SYSTEM_TAGS:
        raise ValueError(
            f"{name!r} is no system tag{did_you_mean(name, ALL_SYSTEM_TAGS)} (there are "
            f"{', '.join(sorted(ALL_SYSTEM_TAGS))})"
        )
    return name


def _cluster(text: str) -> str:
    return parse_cluster(text).text


def _trend_statistics(texts: tuple[str, ...]) -> tuple[str, ...]:
    try:
        parse_trend_statistics(texts)
    except TrendStatisticError as error:
        # Whoever shows it says first which option it is.
        raise ValueError(str(error).removeprefix("summaryTrendStats: ")) from None
    return texts


def _stage_list(value: Any) -> Any:
    # An explicitly empty list says as little as none (k6 v2.2, lib/options.go).
    return None if value in ([], ()) else value


SystemTag = Annotated[str, AfterValidator(_system_tag)]
# Read by `find_problems`, which knows the executors.
GivenScenario = SerializeAsAny[InstanceOf[ScenarioOptions]]
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
_SORTED = PlainSerializer(sorted, return_type=list[str], when_used="json")


class Options(OptionRecord):
    """
    All options of a run, checked, in seconds and bytes.

    Attributes:
        vus: Virtual users of the shortcuts.
        iterations: Iterations to share among them.
        duration_s: How long they loop, or with ``iterations`` how long at most.
        stages: How their number changes.
        scenarios: As given; `effective_scenarios` counts the shortcuts, too.
        thresholds: Conditions, by metric or sub-metric.
        no_thresholds: Whether they are left out.
        no_data_thresholds: Whether one without values may hold (``pass``, as in k6), or
            fails (``fail``).
        tags: Tags of every value.
        system_tags: Names of the tags that we set ourselves.
        summary_trend_stats: What the summary shows of trends.
        summary_time_unit: Unit of its times; None for the one that suits each.
        hosts: Name, or ``name:port``, to the address to use instead of DNS.
        block_hostnames: Patterns of names that must not be connected to.
        blacklist_ips: Ranges that must not be connected to.
        local_ips: Addresses to connect from, ranges expanded.
        dns: How names are resolved.
        insecure_skip_tls_verify: Whether any server certificate will do.
        ca_certificates: PEM texts or paths of authorities beside the system's.
        tls_auth: Client certificates.
        tls_version: The lowest and the highest version.
        tls_cipher_suites: OpenSSL or IANA names; empty for the library's own.
        user_agent: The ``User-Agent`` header.
        throw: Whether failed calls throw where they would otherwise warn.
        no_cookies_reset: Whether cookies outlive an iteration.
        min_iteration_duration_s: Shorter iterations are made to last so long.
        max_redirects: HTTP redirects that are followed; if not said, 10 and a warning.
        batch: HTTP requests of one batch that run at once; 0 for any number.
        batch_per_host: HTTP requests of a batch at once to one host; 0 for any number.
        rps: HTTP requests that begin in a second; 0 for any number.
        discard_response_bodies: Whether bodies of HTTP answers are read and forgotten,
            unless a request says what it wants.
        no_connection_reuse: Whether each HTTP request has a connection of its own.
        no_vu_connection_reuse: Whether connections for HTTP end with each iteration.
        http_debug: What to log of HTTP: ``headers``, or ``full`` for the bodies, too.
        no_setup: Whether ``setup`` is left out.
        no_teardown: Whether ``teardown`` is left out.
        setup_timeout_s: The longest that ``setup`` may take.
        teardown_timeout_s: The longest that ``teardown`` may take.
        handle_summary_timeout_s: The longest that ``handleSummary`` may take.
        console_output: File for the script's console lines.
        random_seed: Seeds each VU's random numbers; None for chance.
        callback_timeout_s: The longest that script code may run without a pause.
        memory_limit_bytes: What a VU's script may take (JavaScript).
        paused: Whether the run waits before its beginning until it is resumed.
        ws_redirects: How many redirects a socket follows; the standard says none.
        ws_debug: How many sockets are logged frame by frame.
        workers: Processes that share the load; None for as many as there are cores.
        cluster: Where the workers run: ``auto``, ``local`` or ``HOST:PORT``; None for
            processes of this machine.
        cluster_timeout_s: The longest wait for the cluster to have room.
        worker_weights: Whether workers on faster machines get more of the load.
        on_worker_lost: Whether the run stops when a worker is lost, or goes on without.
        allow_lost: Workers that may be lost without the run being a failed one.
        dial_timeout_s: Name resolution and TCP together.
        tls_timeout_s: TLS's handshake.
        handshake_timeout_s: From the upgrade request to the end of its answer.
        close_timeout_s: From our close frame to the end of TCP.
        max_message_size_bytes: A larger incoming message closes its socket.
        message_queue_size_bytes: What may wait for a busy virtual user before its
            sockets are not read.

    """

    vus: Natural | None = None
    iterations: Positive | None = None
    duration_s: RunDuration | None = None
    stages: Annotated[tuple[Stage, ...] | None, BeforeValidator(_stage_list)] = None
    scenarios: dict[str, GivenScenario] = Field(default_factory=dict)
    thresholds: dict[str, Thresholds] = Field(default_factory=dict)
    no_thresholds: bool = False
    no_data_thresholds: Literal["pass", "fail"] = "pass"
    tags: TextMap = Field(default_factory=dict)
    system_tags: Annotated[
        frozenset[SystemTag], BeforeValidator(_system_tags), _SORTED
    ] = DEFAULT_SYSTEM_TAGS
    summary_trend_stats: Annotated[TextList, AfterValidator(_trend_statistics)] = (
        DEFAULT_TREND_STATISTICS
    )
    summary_time_unit: Literal["s", "ms", "us"] | None = None
    hosts: Annotated[dict[str, str], BeforeValidator(parse_hosts)] = Field(
        default_factory=dict
    )
    block_hostnames: Annotated[TextList, checked(check_host_pattern)] = ()
    blacklist_ips: Annotated[tuple[Network, ...], BeforeValidator(parse_networks)] = ()
    local_ips: Annotated[tuple[str, ...], BeforeValidator(parse_local_ips)] = ()
    dns: Annotated[DnsOption, BeforeValidator(_dns)] = DnsOption()
    insecure_skip_tls_verify: bool = False
    ca_certificates: TextList = ()
    tls_auth: tuple[TlsAuth, ...] = ()
    tls_version: Annotated[TlsVersions, BeforeValidator(_tls_versions)] = TlsVersions()
    tls_cipher_suites: TextList = ()
    user_agent: str = DEFAULT_USER_AGENT
    throw: bool = False
    no_cookies_reset: bool = False
    min_iteration_duration_s: Duration = 0.0
    max_redirects: Natural | None = None
    batch: Natural = 20
    batch_per_host: Natural = 6
    rps: Natural = 0
    discard_response_bodies: bool = False
    no_connection_reuse: bool = False
    no_vu_connection_reuse: bool = Field(default=False, alias="noVUConnectionReuse")
    http_debug: Annotated[
        Literal["headers", "full"] | None, BeforeValidator(_http_debug)
    ] = None
    no_setup: bool = False
    no_teardown: bool = False
    setup_timeout_s: Duration = 60.0
    teardown_timeout_s: Duration = 60.0
    handle_summary_timeout_s: Duration = 120.0
    console_output: str | None = None
    random_seed: Count | None = None
    callback_timeout_s: PositiveDuration = 10.0
    memory_limit_bytes: Annotated[Size, Field(ge=1024 * 1024)] = 256 * 1024 * 1024
    paused: bool = False
    ws_redirects: Annotated[Natural, Field(le=20)] = 0
    ws_debug: Natural = 0
    workers: Positive | None = None
    cluster: Annotated[str, AfterValidator(_cluster)] | None = None
    cluster_timeout_s: PositiveDuration = 60.0
    worker_weights: Literal["equal", "auto"] = "equal"
    on_worker_lost: Literal["stop", "continue"] = "stop"
    allow_lost: Natural = 0
    dial_timeout_s: PositiveDuration = 30.0
    tls_timeout_s: PositiveDuration = 30.0
    handshake_timeout_s: PositiveDuration = 60.0
    close_timeout_s: PositiveDuration = 10.0
    max_message_size_bytes: Size = 64 * 1024 * 1024
    message_queue_size_bytes: Annotated[Size, Field(ge=64 * 1024)] = 8 * 1024 * 1024

    def effective_scenarios(self, types: ScenarioTypes) -> dict[str, ScenarioOptions]:
        """
        Return the scenarios to run, the shortcuts turned into one named ``default``.

        Raises:
            ValidationError: If the shortcuts do not fit together; `consolidate` has
                checked that.

        Source:
            k6 v2.2, ``lib/executor/execution_config_shortcuts.go``.

        """
        has_shortcut = self.iterations or self.duration_s or self.stages
        if self.scenarios and not has_shortcut:
            return dict(self.scenarios)
        said = self._default_scenario()
        return {DEFAULT_SCENARIO: types[said["executor"]].model_validate(said)}

    @property
    def has_own_addresses(self) -> bool:
        """Whether each machine connects from all addresses that it has."""
        return self.local_ips == (AUTO_ADDRESSES,)

    def thresholds_as_given(self) -> dict[str, list[str | dict[str, object]]]:
        """Return what `parse_thresholds` reads; nothing with ``no_thresholds``."""
        if self.no_thresholds:
            return {}
        return {
            selector: [entry.as_given() for entry in entries]
            for selector, entries in self.thresholds.items()
        }

    def as_script_sees(
        self, scenarios: Mapping[str, ScenarioOptions]
    ) -> dict[str, Any]:
        """
        Return ``exec.test.options``: JSON-like, k6's names, shortcuts as scenarios.

        Args:
            scenarios: The scenarios that run.

        Source:
            k6 v2.2: once consolidated, ``vus`` and ``duration`` are undefined and live
            on in ``scenarios``.

        """
        shortcuts = {
            "vus",
            "iterations",
            "duration_s",
            "stages",
            "scenarios",
            "no_thresholds",
        }
        seen = self.model_dump(
            mode="json", by_alias=True, exclude=shortcuts, exclude_none=True
        )
        seen["thresholds"] = self.thresholds_as_given()
        seen["scenarios"] = {
            name: scenario.model_dump(mode="json", by_alias=True, exclude_none=True)
            for name, scenario in scenarios.items()
        }
        return seen

    def _default_scenario(self) -> dict[str, Any]:
        """Return what the shortcuts say, as a script would write it as a scenario."""
        limit = None if self.duration_s is None else self.duration_s * 1000.0
        iterations = self.iterations
        if iterations is None and limit is not None:
            return {"executor": "constant-vus", "vus": self.vus, "duration": limit}
        if iterations is None and self.stages:
            return {
                "executor": "ramping-vus",
                "startVUs": self.vus,
                "stages": self.stages,
            }
        iterations = self.vus if iterations is None else iterations
        if iterations is None:
            return {"executor": "per-vu-iterations"}
        return {
            "executor": "shared-iterations",
            "vus": self.vus,
            "iterations": iterations,
            "maxDuration": limit,
        }
