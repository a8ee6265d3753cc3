import pytest

from gharial.options.model import Options
from gharial.workers.load import worker_count


@pytest.mark.parametrize(
    ("options", "count"),
    [
        pytest.param({"vus": 100, "duration": "1m"}, 8, id="one a core"),
        pytest.param({"vus": 3, "duration": "1m"}, 3, id="no more than VUs"),
        pytest.param({}, 1, id="a single VU"),
        pytest.param({"vus": 100, "duration": "1m", "workers": 20}, 20, id="as asked"),
        pytest.param({"vus": 2, "duration": "1m", "workers": 20}, 2, id="not empty"),
    ],
)
def test_a_run_has_a_worker_for_each_core_but_none_without_work(options, count):
    assert worker_count(Options.model_validate(options), lambda: 8) == count
