import pickle

import pytest
from tests.unit.report.record_samples import digest, document

from gharial.metrics.metric import Contains, MetricType
from gharial.report.document import FinalMetric, RunDocument
from gharial.report.fail_on import FailOnError, judge, parse_condition
from gharial.report.timeline import Share


def run(
    *,
    errors: float | None = 4.0,
    times: tuple[float, ...] = (100.0, 100.0),
    passes: int = 99,
    sent: float = 1000.0,
) -> RunDocument:
    counter, default = MetricType.COUNTER, Contains.DEFAULT
    metrics = [
        FinalMetric("checks", MetricType.RATE, default, share=Share(passes, 100)),
        FinalMetric("vus", MetricType.GAUGE, default, gauge=(1.0, 0.0, 5.0)),
        FinalMetric("data_sent", counter, Contains.DATA, total=sent),
        FinalMetric("mine", MetricType.TREND, default, digest=digest(1.0)),
        FinalMetric(
            "ws_req_duration", MetricType.TREND, Contains.TIME, digest=digest(*times)
        ),
    ]
    if errors is not None:
        metrics.append(FinalMetric("ws_errors", counter, default, total=errors))
    return RunDocument(document().identity, tuple(metrics))


def holds(text: str, before: RunDocument, after: RunDocument) -> bool:
    return judge(parse_condition(text), before, after).holds


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # The average and all percentiles go from 100 ms to 110 ms.
        ("ws_req_duration:avg>+5%", True),
        ("ws_req_duration:avg>+10%", False),
        ("ws_req_duration:avg>=+10%", True),
        ("ws_req_duration:avg>+9ms", True),
        ("ws_req_duration:avg>+11ms", False),
        ("ws_req_duration:avg>+0.009s", True),
        ("ws_req_duration:avg>+9000us", True),
        ("ws_req_duration:p(95) > +5 %", True),
        ("ws_req_duration:p(99.9)>+11%", False),
        ("ws_req_duration:med>+5%", True),
        ("ws_req_duration:avg<-5%", False),
        ("ws_req_duration:count>+0", False),
        # 99 % to 97 %.
        ("checks:rate<-1%", True),
        ("checks:rate<-5%", False),
        ("checks:rate<-0.01", True),
        ("checks:rate<=-0.03", False),
        # 4 to 6, in 5 seconds.
        ("ws_errors:count>+0", True),
        ("ws_errors:count>+2", False),
        ("ws_errors:count>+40%", True),
        ("ws_errors:rate>+0.3", True),
        # None of these in either.
        ("ws_errors{reason:reset}:count>+0", False),
        ("dropped_iterations:count>+0%", False),
        ("data_sent:count<-0.5kB", True),
        ("data_sent:count<-1MB", False),
        ("vus:max<-0", False),
        ("vus:value>=+0", True),
    ],
)
def test_a_condition(text: str, expected: bool) -> None:
    before = run()
    after = run(errors=6.0, times=(110.0, 110.0), passes=97, sent=400.0)
    assert holds(text, before, after) is expected


def test_something_is_more_than_any_share_of_nothing() -> None:
    assert holds("ws_errors:count>+1000%", run(errors=None), run(errors=1.0))
    assert not holds("ws_errors:count>+1000%", run(errors=0.0), run(errors=None))


@pytest.mark.parametrize(
    ("before", "after", "which"),
    [(run(times=()), run(), "first"), (run(), run(times=()), "second")],
)
def test_what_cannot_be_judged_fails(
    before: RunDocument, after: RunDocument, which: str
) -> None:
    judged = judge(parse_condition("ws_req_duration:avg>+5%"), before, after)
    assert judged.holds
    assert judged.reason == f"ws_req_duration:avg has no value in the {which} run"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (
            "ws_req_duration:avg>+5%",
            "ws_req_duration:avg went from 100ms to 110ms (+10.0%)",
        ),
        (
            "ws_req_duration:avg>+5ms",
            "ws_req_duration:avg went from 100ms to 110ms (+10ms)",
        ),
        ("ws_errors:count>+1%", "ws_errors:count went from 0 to 5 (from 0)"),
        ("ws_errors:rate>+1", "ws_errors:rate went from 0/s to 1/s (+1/s)"),
    ],
)
def test_both_numbers_are_told(text: str, reason: str) -> None:
    before, after = run(errors=0.0), run(errors=5.0, times=(110.0, 110.0))
    assert judge(parse_condition(text), before, after).reason == reason


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "expected a metric, a colon and a statistic, as in 'ws_req_duration"),
        ("ws_errors>+1", "expected a metric, a colon and a statistic"),
        ("ws_errors:count", "expected one of > >= < <= and a change"),
        ("ws_errors:count=+1", "expected one of > >= < <= and a change"),
        ("ws_errors:count>1", "expected a change with its sign"),
        ("ws_errors:count>+", "expected METRIC:STATISTIC, an operator, and a signed"),
        ("ws_errors:count>+1 2", "expected METRIC:STATISTIC"),
        ("ws_errors:sum>+1", "there is no statistic 'sum'; there are count, rate"),
        ("ws_req_duration:p(101)>+1%", "there is no statistic 'p\\(101\\)'"),
        ("ws_errors{reason:count>+1", "expected '}' as the last character"),
    ],
)
def test_what_is_no_condition_is_told_what_would_be(text: str, expected: str) -> None:
    with pytest.raises(FailOnError, match=expected) as raised:
        parse_condition(text)
    assert str(raised.value).startswith(f"--fail-on {text!r}: ")
    assert str(pickle.loads(pickle.dumps(raised.value))) == str(raised.value)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ws_req_duratin:avg>+1%", 'did you mean "ws_req_duration"'),
        ("ws_req_duration{name:x}:avg>+1%", "neither run has a metric"),
        ("own{a:b}:avg>+1%", "parts are saved if a threshold asks for them"),
        ("checks:avg>+1%", "checks is a rate and has rate"),
        ("ws_errors:p(95)>+1%", "ws_errors is a counter and has count, rate"),
        ("vus:rate>+1%", "vus is a gauge and has value, avg, min, max"),
        ("ws_req_duration:rate>+1%", "is a trend and has avg, min, med, max, count"),
        ("ws_req_duration:avg>+1", "is given in % or us or µs or ms or s or m"),
        ("ws_req_duration:avg>+1kB", "is given in % or us"),
        ("ws_req_duration:count>+1ms", "is given in % or no unit"),
        ("mine:avg>+1ms", "is given in % or no unit"),
        ("data_sent:count>+1ms", "is given in % or B or kB or MB or GB"),
    ],
)
def test_what_the_runs_do_not_have_is_refused(text: str, expected: str) -> None:
    with pytest.raises(FailOnError, match=expected):
        judge(parse_condition(text), run(), run())
