import pytest

from gharial.metrics.tags import TagSet
from gharial.outputs.exponential import ExponentialHistogram
from gharial.outputs.prometheus_names import Naming, labels_of, parse_trend_statistic
from gharial.outputs.totals import Totals


def naming(*statistics, **more):
    parsed = tuple(parse_trend_statistic(text) for text in statistics)
    assert None not in parsed
    return Naming(trend_statistics=parsed, **more)  # type: ignore[arg-type]


def series(given, *batches):
    totals = Totals(labels_of)
    for batch in batches:
        totals.add(batch.delta)
    return {
        (dict(each.labels)["__name__"], each.labels[1:]): each.value
        for each in given.series(totals)
    }


def test_names_and_units_are_those_of_k6(batch_of):
    tags = {"scenario": "s"}
    batches = [
        batch_of(
            second,
            ("hits", "counter", 2, tags),
            ("level", "gauge", 5 + second, tags),
            ("odd", "rate", second, tags),
            ("spent", "time", 1000 * (second + 1), tags),
            ("size", "bytes", 10, tags),
        )
        for second in range(2)
    ]
    given = naming("p(99)", "p(99.9)", "avg", "count", "sum")
    labels = (("scenario", "s"),)
    found = {name: value for (name, at), value in series(given, *batches).items()}
    assert all(at == labels for _, at in series(given, *batches))
    assert found == pytest.approx(
        {
            "k6_hits_total": 4,
            "k6_level": 6,
            "k6_odd_rate": 0.5,
            "k6_spent_p99": 1.99,
            "k6_spent_p999": 1.999,
            "k6_spent_avg": 1.5,
            "k6_spent_count": 2,
            "k6_spent_sum": 3,
            "k6_size_p99": 10,
            "k6_size_p999": 10,
            "k6_size_avg": 10,
            "k6_size_count": 2,
            "k6_size_sum": 20,
        }
    )


def test_native_histograms_stand_for_trends_and_name_their_unit(batch_of):
    batch = batch_of(
        0,
        ("spent", "time", 2000, {}),
        ("size", "bytes", 10, {}),
        ("score", "trend", 3, {}),
    )
    given = Naming(prefix="", has_histograms=True)
    found = {name: value for (name, _), value in series(given, batch).items()}
    assert set(found) == {"spent_seconds", "size_bytes", "score"}
    assert all(isinstance(each, ExponentialHistogram) for each in found.values())
    assert found["spent_seconds"].sum == 2


@pytest.mark.parametrize(
    ("tag", "label"),
    [
        ("url", "url"),
        ("my-tag", "my_tag"),
        ("9lives", "_9lives"),
        ("-9", "_9"),
        ("__name__", "_name__"),
        ("größe", "gr__e"),
        ("", "_"),
    ],
)
def test_labels_are_such_as_prometheus_takes(tag, label):
    assert labels_of(TagSet.of({tag: "x"})) == ((label, "x"),)


def test_labels_are_sorted_and_not_empty():
    tags = TagSet.of({"b-": "1", "a": "2", "c": "", "b": "3"})
    assert labels_of(tags) == (("a", "2"), ("b", "3"), ("b_", "1"))


@pytest.mark.parametrize("text", ["rate", "value", "p95", "p(101)", "mean", ""])
def test_what_trends_have_not_is_no_statistic(text):
    assert parse_trend_statistic(text) is None
