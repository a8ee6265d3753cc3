from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from gharial.cli import run as run_module
from gharial.cli.main import outcome
from gharial.errors import ExitCode
from gharial.lifecycle.run_result import RunResult
from gharial.metrics.metric import Metric
from gharial.options.model import Options
from gharial.program.parts import ChosenView, Parts, ViewRequest
from gharial.report.run_report import RunReport
from gharial.scripting.origin import Origin
from gharial.views.terminal.quiet import QuietView


class FakeHost:
    language = "javascript"

    def __init__(self, path: str, environment: Mapping[str, str]) -> None:
        self.path = path
        self.environment = environment
        self.exports = frozenset({"default"})
        self.options: Mapping[str, Any] = {}
        self.metrics: tuple[Metric, ...] = ()
        self.is_closed = False
        self.error: BaseException | None = None

    def known(self) -> Origin:
        return Origin()

    def read(
        self,
        log: Callable[[int, str, Mapping[str, str]], None],
        *,
        memory_limit_bytes: int | None = None,
    ) -> None:
        self.memory_limit_bytes = memory_limit_bytes
        log(20, "read", {"source": "console"})
        if self.error is not None:
            raise self.error

    def instance(self, user: object) -> Any:
        raise NotImplementedError

    def close(self) -> None:
        self.is_closed = True


@dataclass
class CommandLine:
    """Runs commands against fakes, and keeps what these were given."""

    hosts: list[FakeHost] = field(default_factory=list)
    requests: list[ViewRequest] = field(default_factory=list)
    options: Options | None = None
    environment: Mapping[str, str] = field(default_factory=dict)
    script_options: Mapping[str, Any] = field(default_factory=dict)
    read_error: BaseException | None = None
    result: RunResult = field(
        default_factory=lambda: RunResult(RunReport(1.0), ExitCode.OK, ())
    )

    def __call__(self, *arguments: str) -> int:
        return outcome(list(arguments), Parts(self._host, self._view))  # type: ignore[arg-type]

    def _host(
        self, path: str, environment: Mapping[str, str], origin: Origin
    ) -> FakeHost:
        host = FakeHost(path, environment)
        host.options = self.script_options
        host.error = self.read_error
        self.hosts.append(host)
        return host

    def _view(self, request: ViewRequest) -> ChosenView:
        self.requests.append(request)
        return ChosenView(QuietView())

    def execute(
        self,
        host: object,
        options: Options,
        *,
        environment: Any,
        view: Any,
        log: Any,
        make_load: Any,
        companions: Any,
        secrets: Any,
        keeps_samples: bool,
        on_result: Callable[[RunResult], None],
        say: Callable[[str], None],
        machines: Any,
        no_color: bool,
        lingers: bool,
    ) -> RunResult:
        self.options = options
        self.environment = environment
        log(20, "running", {"source": "console"})
        on_result(self.result)
        return self.result


@pytest.fixture
def command_line(monkeypatch: pytest.MonkeyPatch) -> CommandLine:
    for name in (
        "NO_COLOR",
        "K6_NO_COLOR",
        "GHARIAL_NO_COLOR",
        "K6_VUS",
        "K6_DURATION",
    ):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("GHARIAL_WORKERS", "1")
    fakes = CommandLine()
    monkeypatch.setattr(run_module, "execute", fakes.execute)
    return fakes
