"""
``--out prometheus``: remote write to a server, or a page for one to scrape.

Every push has the totals of all series since the run began, so one that fails loses
nothing that the next does not bring. Rates and statistics of trends are of the whole run
up to then, as in k6. See `remote_write` for why the protocol is spoken as it is.
"""

import re
from collections.abc import Mapping
from typing import Final

from gharial.lazy_pattern import lazy_pattern
from gharial.metrics.batch import Batch
from gharial.outputs.arguments import from_environment, parse_settings
from gharial.outputs.base import Output, OutputError, RunEnd, RunFacts
from gharial.outputs.basic_authorization import basic_authorization
from gharial.outputs.prometheus_names import (
    Naming,
    TrendStatistic,
    labels_of,
    parse_trend_statistic,
)
from gharial.outputs.prometheus_page import LINGER_MAXIMUM_S, PrometheusPage
from gharial.outputs.push_clock import PushClock
from gharial.outputs.remote_write import (
    STALE,
    RemoteWriter,
    Series,
    Target,
)
from gharial.outputs.setting_values import SettingValues
from gharial.outputs.totals import Totals
from gharial.servers.listening import host_and_port

DEFAULT_URL: Final = "http://localhost:9090/api/v1/write"
PREFIX: Final = "PROMETHEUS_RW_"
VARIABLES: Final = {
    "SERVER_URL": "url",
    "PUSH_INTERVAL": "pushInterval",
    "TREND_STATS": "trendStats",
    "TREND_AS_NATIVE_HISTOGRAM": "trendAsNativeHistogram",
    "STALE_MARKERS": "staleMarkers",
    "USERNAME": "username",
    "PASSWORD": "password",
    "BEARER_TOKEN": "bearerToken",
    "HTTP_HEADERS": "httpHeaders",
    "INSECURE_SKIP_TLS_VERIFY": "insecureSkipTLSVerify",
    "TLS_MINIMUM_VERSION": "tlsMinVersion",
    "CLIENT_CERTIFICATE": "clientCertificate",
    "CLIENT_CERTIFICATE_KEY": "clientCertificateKey",
    "METRIC_PREFIX": "metricPrefix",
}
"""Environment variables without ``GHARIAL_PROMETHEUS_RW_``, and the settings they give."""

PAGE_SETTINGS: Final = ("listen", "linger", "trendStats", "metricPrefix")
SETTINGS: Final = (*VARIABLES.values(), "listen", "linger")

_PREFIX = lazy_pattern(r"[a-zA-Z_:][a-zA-Z0-9_:]*|")


def make(argument: str, environment: Mapping[str, str]) -> Output:
    """
    Return what writes to a server, or what serves a page.

    Args:
        argument: ``URL`` or ``listen=HOST:PORT``, and further settings after commas.
        environment: The variables that may set more.

    Raises:
        OutputError: If a setting is wrong.

    """
    given = parse_settings("prometheus", argument, SETTINGS, main="url")
    from_variables = from_environment(environment, PREFIX, VARIABLES)
    values = SettingValues("prometheus", {**from_variables, **given})
    naming = _naming(values)
    if "listen" in given:
        beyond = [name for name in given if name not in PAGE_SETTINGS]
        if beyond:
            raise OutputError(
                f"--out prometheus: {beyond[0]} does nothing with listen, which has only "
                f"{', '.join(PAGE_SETTINGS[1:])}"
            )
        if naming.has_histograms:
            raise OutputError(
                "--out prometheus: native histograms are for remote write only; leave out "
                "trendAsNativeHistogram with listen"
            )
        return PrometheusPage(_address(given["listen"]), naming, _linger_s(values))
    if "linger" in given:
        raise OutputError("--out prometheus: linger does nothing without listen")
    for tool in ("GHARIAL_", "K6_"):
        for name, value in environment.items():
            if value and name.startswith(f"{tool}{PREFIX}SIGV4_"):
                raise OutputError(
                    f"--out prometheus: {name}: Gharial does not sign requests for AWS; "
                    "write to a proxy that does (aws-sigv4-proxy), and unset it"
                )
    return RemoteWriteOutput(
        _target(values, environment),
        naming,
        push_interval_s=values.seconds("pushInterval", 5.0),
        marks_stale=values.switch("staleMarkers"),
    )


class RemoteWriteOutput:
    """
    Writes the totals to a server every few seconds.

    Attributes:
        wants_samples: No.

    """

    wants_samples = False

    def __init__(
        self,
        target: Target,
        naming: Naming,
        *,
        push_interval_s: float,
        marks_stale: bool,
    ) -> None:
        """
        Take settings.

        Args:
            target: Where to write.
            naming: What becomes of metrics.
            push_interval_s: Time between two pushes.
            marks_stale: Whether to mark all series as ended when the run ends.

        """
        self._writer = RemoteWriter(target, "gharial")
        self._naming = naming
        self._clock = PushClock(push_interval_s)
        self._marks_stale = marks_stale
        self._totals = Totals(labels_of)
        self._time_ms = 0
        self._is_behind = False

    def start(self, run: RunFacts) -> None:
        """
        See whether the server can be written to.

        Raises:
            OutputError: If not.

        """
        self._writer.check()

    def write(self, batch: Batch) -> None:
        """Add what was measured, and push if it is time to."""
        self._totals.add(batch.delta)
        self._is_behind = True
        self._advance_to(batch.end_epoch_s)
        if self._clock.is_due(batch.end_s):
            self._push()

    def stop(self, end: RunEnd) -> None:
        """Push the rest, and mark all series as ended if asked to."""
        try:
            if self._is_behind:
                self._advance_to(self._time_ms / 1000)
                self._push()
            if self._marks_stale:
                self._advance_to(end.ended_at_epoch_s)
                ended = [
                    Series(series.labels, STALE)
                    for series in self._naming.series(self._totals)
                ]
                self._writer.write(ended, self._time_ms)
        finally:
            self._writer.close()

    def _advance_to(self, epoch_s: float) -> None:
        # Samples of one series must have different times, each later than the last, also
        # when the machine's clock is set back.
        self._time_ms = max(round(epoch_s * 1000), self._time_ms + 1)

    def _push(self) -> None:
        self._writer.write(list(self._naming.series(self._totals)), self._time_ms)
        self._is_behind = False


def _naming(values: SettingValues) -> Naming:
    prefix = values.text("metricPrefix", "k6_")
    if not _PREFIX.fullmatch(prefix):
        raise values.wrong(
            "metricPrefix", "may have only letters, digits, underscores and colons"
        )
    # On the command line commas part settings, so "+" parts statistics, too.
    texts = re.split(r"[,+]", values.text("trendStats", "p(99)"))
    return Naming(
        prefix,
        tuple(_statistic(text.strip(), values) for text in texts if text.strip()),
        values.switch("trendAsNativeHistogram"),
    )


def _statistic(text: str, values: SettingValues) -> TrendStatistic:
    statistic = parse_trend_statistic(text)
    if statistic is None:
        raise values.wrong(
            "trendStats",
            f"has {text!r}, which is none of avg, min, med, max, count, sum and p(0) to "
            "p(100)",
        )
    return statistic


def _linger_s(values: SettingValues) -> float:
    linger_s = values.seconds("linger", 0.0)
    if linger_s > LINGER_MAXIMUM_S:
        raise values.wrong("linger", f"is longer than {LINGER_MAXIMUM_S:g} s")
    return linger_s


def _address(text: str) -> tuple[str, int]:
    found = host_and_port(text)
    if found is None:
        raise OutputError(
            f"--out prometheus: listen: {text!r} is not HOST:PORT; write for example "
            "listen=127.0.0.1:9464"
        )
    return found[0] or "0.0.0.0", found[1]


def _target(values: SettingValues, environment: Mapping[str, str]) -> Target:
    headers = {
        name.removeprefix(f"{tool}{PREFIX}HEADERS_"): value
        for tool in ("K6_", "GHARIAL_")
        for name, value in environment.items()
        if name.startswith(f"{tool}{PREFIX}HEADERS_")
    }
    headers |= values.pairs("httpHeaders", ":")
    if values.has("username"):
        user = f"{values.text('username')}:{values.text('password')}"
        headers["Authorization"] = basic_authorization(user)
    if values.has("bearerToken"):
        headers["Authorization"] = f"Bearer {values.text('bearerToken')}"
    return Target(
        values.text("url", DEFAULT_URL),
        headers,
        verifies=not values.switch("insecureSkipTLSVerify"),
        tls_1_2=values.one_of("tlsMinVersion", ("1.3", "1.2")) == "1.2",
        certificate=values.file("clientCertificate"),
        key=values.file("clientCertificateKey"),
    )
