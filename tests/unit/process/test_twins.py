"""What the twins of this room take is the same; what they do needs a process of its own."""

import ctypes
import inspect
from types import ModuleType

import pytest
from twins import both


@pytest.mark.parametrize(
    ("module", "functions"),
    [
        ("process.last_resort", ("acknowledge", "leave_with_parent", "start")),
        ("process.native_calls", ("allow", "limit")),
    ],
)
def test_twins_take_the_same(module: str, functions: tuple[str, ...]) -> None:
    in_python, in_c = (one.values[0] for one in both(module, takes_posix=True))
    if in_c is None:
        pytest.skip("it is not compiled here")
    for name in functions:
        one, other = (
            [
                (parameter.name, parameter.default, parameter.kind)
                for parameter in inspect.signature(
                    getattr(twin, name)
                ).parameters.values()
            ]
            for twin in (in_python, in_c)
        )
        assert one == other, name


@pytest.mark.parametrize("module", both("process.native_calls", takes_posix=True))
class TestNativeCalls:
    def test_a_counter_is_taken_by_its_address(self, module: ModuleType) -> None:
        counter = ctypes.c_int32(5)
        polled = module.Polled(ctypes.addressof(counter))
        del polled
        assert counter.value == 5

    @pytest.mark.parametrize("limit_s", [1, 1.5, True])
    def test_a_limit_is_any_number(self, module: ModuleType, limit_s: float) -> None:
        # Longer ones count, and nothing is left that was not allowed to be.
        module.limit(limit_s)
        module.limit(limit_s, 1e6)


@pytest.mark.parametrize("module", both("process.last_resort", takes_posix=True))
def test_a_signal_may_be_acknowledged_at_any_time(module: ModuleType) -> None:
    assert module.acknowledge() is None
