from gharial.metrics import builtin
from gharial.metrics.metric import Metric


def test_every_constant_is_described() -> None:
    constants = {value for value in vars(builtin).values() if isinstance(value, Metric)}
    assert set(builtin.BUILTIN_METRICS) == constants


def test_every_description_is_a_sentence() -> None:
    for name, description in builtin.DESCRIPTIONS.items():
        assert description.metric.name == name
        assert description.text[0].isupper()
        assert description.text.endswith(".")
