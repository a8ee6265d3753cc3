"""The executors that there are, by the names that users write."""

from collections.abc import Callable, Mapping
from typing import Any

from gharial.executors.base import Executor
from gharial.executors.constant_vus import ConstantVus
from gharial.executors.per_vu_iterations import PerVuIterations
from gharial.executors.shared_iterations import SharedIterations

EXECUTORS: Mapping[str, Callable[..., Executor | Any]] = {
    "per-vu-iterations": PerVuIterations,
    "shared-iterations": SharedIterations,
    "constant-vus": ConstantVus,
}
