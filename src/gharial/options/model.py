"""What the user asked for, all sources together."""

from collections.abc import Mapping
from typing import Any

from gharial.options.addresses import AUTO_ADDRESSES
from gharial.options.network_options import NetworkOptions
from gharial.options.run_options import RunOptions
from gharial.options.scenarios import ScenarioOptions, ScenarioTypes

DEFAULT_SCENARIO = "default"
# The shortcuts for a single scenario, and of all options those that say how long or how
# often to run.
SHORTCUTS = ("vus", "iterations", "duration", "stages")
EXECUTION = ("iterations", "duration", "stages", "scenarios")


class Options(RunOptions, NetworkOptions):
    """
    All options of a run, checked; times in seconds, sizes in bytes.

    Each has a row, an `OptionInfo`, in the class that it comes from; ``rows`` lists them.
    """

    def effective_scenarios(self, types: ScenarioTypes) -> dict[str, ScenarioOptions]:
        """
        Return the scenarios to run, the shortcuts turned into one named ``default``.

        Raises:
            InvalidRecordError: If the shortcuts do not fit together; `consolidate` has
                checked that.

        Source:
            k6 v2.2, ``lib/executor/execution_config_shortcuts.go``.

        """
        has_shortcut = self.iterations or self.duration_s or self.stages
        if self.scenarios and not has_shortcut:
            return dict(self.scenarios)
        said = self._default_scenario()
        return {DEFAULT_SCENARIO: types[said["executor"]].read(said)}

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
        shortcuts = frozenset(
            {
                "vus",
                "iterations",
                "duration_s",
                "stages",
                "scenarios",
                "no_thresholds",
            }
        )
        seen = self.as_data(leaving_out=shortcuts, without_none=True)
        seen["thresholds"] = self.thresholds_as_given()
        seen["scenarios"] = {
            name: scenario.as_data(without_none=True)
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
