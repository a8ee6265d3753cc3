"""What a whole run measured between two moments, for whoever shows it or passes it on."""

from dataclasses import field

from gharial.lazy_dataclass import dataclass
from gharial.metrics.samples import NO_SAMPLES, Samples
from gharial.metrics.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Batch:
    """
    About one second of a run, all workers together.

    Those who are handed a batch share it: none of its sinks may be changed.

    Attributes:
        begin_s: When it begins, in seconds since the run's beginning.
        end_s: When it ends.
        end_epoch_s: The same, since the Unix epoch.
        delta: What was measured: of counters, rates and trends only what has come in this
            time, of gauges the value at its end.
        samples: Single values, if anybody wants them.

    """

    begin_s: float
    end_s: float
    end_epoch_s: float
    delta: Snapshot = field(default_factory=Snapshot)
    samples: Samples = NO_SAMPLES

    @property
    def seconds(self) -> float:
        """How long it is."""
        return self.end_s - self.begin_s
