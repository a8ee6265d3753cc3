from gharial.http.exchange import HttpExchange, HttpFailure, Timings


def test_the_duration_leaves_out_the_connection() -> None:
    assert Timings(1, 2, 4, 8, 16, 32).duration_s == 56


def test_the_error_code_is_the_failures_or_made_of_the_status() -> None:
    failure = HttpFailure(1212, "refused", "refused there")
    assert HttpExchange("GET", "u", failure=failure).error_code == 1212
    assert HttpExchange("GET", "u", status=503).error_code == 1503
    assert HttpExchange("GET", "u", status=399).error_code == 0


def test_headers_are_found_in_any_case() -> None:
    exchange = HttpExchange("GET", "u", headers=(("A-B", "1"), ("a-b", "2")))
    assert exchange.header("a-B") == "1"
    assert exchange.header("c") == ""
    assert exchange.header_values("A-b") == ("1", "2")
