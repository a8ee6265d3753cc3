from gharial.outputs.prometheus_names import labels_of
from gharial.outputs.totals import Totals


def collected(totals):
    return {
        (metric.name, labels): sink
        for metric, series in totals.series()
        for labels, sink in series
    }


def test_counts_add_up_and_gauges_follow(batch_of):
    totals = Totals(labels_of)
    totals.add(batch_of(0, ("hits", "counter", 2, {}), ("level", "gauge", 5, {})).delta)
    totals.add(batch_of(1, ("hits", "counter", 3, {}), ("vus", "gauge", 4, {})).delta)
    totals.add(batch_of(2, ("level", "gauge", 1, {}), ("vus", "gauge", 0, {})).delta)
    found = {name: sink.value for (name, _), sink in collected(totals).items()}
    assert found == {"hits": 5, "level": 1, "vus": 0}


def test_series_that_a_protocol_cannot_tell_apart_are_one(batch_of):
    totals = Totals(labels_of)
    values = [
        ("hits", "counter", 2, {"group": "", "my-tag": "x"}),
        ("hits", "counter", 3, {"my_tag": "x"}),
        ("hits", "counter", 4, {"my_tag": "y"}),
    ]
    for second in range(2):
        totals.add(batch_of(second, *values).delta)
    found = {labels: sink.value for (_, labels), sink in collected(totals).items()}
    assert found == {(("my_tag", "x"),): 10, (("my_tag", "y"),): 8}
    again = {labels: sink.value for (_, labels), sink in collected(totals).items()}
    assert again == found


def test_a_batch_stays_as_it_is(batch_of):
    totals = Totals(labels_of)
    batch = batch_of(0, ("spent", "time", 2, {}))
    for _ in range(2):
        totals.add(batch.delta)
    [sink] = collected(totals).values()
    [(_, _, own)] = batch.delta
    assert (sink.count, own.count) == (2, 1)
