import pytest

from gharial.metrics import builtin
from gharial.metrics.thresholds.expression import (
    ThresholdMethodError,
    ThresholdSyntaxError,
    check_method,
    parse_expression,
)


@pytest.mark.parametrize(
    ("text", "stat", "operator", "limit"),
    [
        ("avg<200", "avg", "<", 200),
        (" p(99.9) <= 1e3 ", "p(99.9)", "<=", 1000),
        ("rate>-.5", "rate", ">", -0.5),
        ("count===0", "count", "===", 0),
        ("value == 5.", "value", "==", 5),
        ("med!=1", "med", "!=", 1),
        ("p(100)>=0", "p(100)", ">=", 0),
    ],
)
def test_an_expression_is_read(
    text: str, stat: str, operator: str, limit: float
) -> None:
    expression = parse_expression(text)
    assert (expression.stat, expression.operator, expression.limit) == (
        stat,
        operator,
        limit,
    )


@pytest.mark.parametrize(
    ("text", "column"),
    [
        ("", 0),
        ("avg", 3),
        ("avg<", 4),
        ("avg 5", 4),
        ("avg<5ms", 5),
        ("foo<5", 0),
        ("p(101)<5", 2),
        ("p(x)<5", 2),
        ("<5", 0),
    ],
)
def test_an_unreadable_expression_says_where(text: str, column: int) -> None:
    with pytest.raises(ThresholdSyntaxError) as caught:
        parse_expression(text)
    assert caught.value.column == column


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("avg<5", False),
        ("avg<=5", True),
        ("avg>5", False),
        ("avg>=5", True),
        ("avg==5", True),
        ("avg===5", True),
        ("avg!=5", False),
    ],
)
def test_a_condition_holds_as_its_operator_says(text: str, holds: bool) -> None:
    assert parse_expression(text).holds(5.0) is holds


def test_a_method_must_fit_the_type() -> None:
    check_method(parse_expression("p(5)<1"), builtin.WS_PING)
    with pytest.raises(ThresholdMethodError, match="a rate has rate"):
        check_method(parse_expression("p(5)<1"), builtin.CHECKS)


def test_people_count_columns_from_one() -> None:
    with pytest.raises(ThresholdSyntaxError) as caught:
        parse_expression("avg<")
    assert "threshold 'avg<', column 5: expected " in str(caught.value)


def test_a_percentile_without_parentheses_is_recognised() -> None:
    with pytest.raises(ThresholdSyntaxError, match=r"did you mean p\(99\.9\)\?"):
        parse_expression("p99.9 < 200")
