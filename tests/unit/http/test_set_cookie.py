import pytest

from gharial.http.set_cookie import SetCookie, parse_set_cookies


@pytest.mark.parametrize(
    ("header", "cookie"),
    [
        ("a=b", SetCookie("a", "b")),
        (" a = b=c ; Path=/x", SetCookie("a", "b=c", path="/x")),
        ('a="quoted"', SetCookie("a", "quoted")),
        (
            "a=; Domain=d.e; Secure; HttpOnly; Max-Age=60",
            SetCookie("a", "", domain="d.e", secure=True, http_only=True, max_age_s=60),
        ),
        (
            "a=b; Expires=Thu, 01 Jan 1970 00:01:00 GMT",
            SetCookie("a", "b", expires_at_epoch_s=60.0),
        ),
        ("a=b; Max-Age=soon; Expires=never", SetCookie("a", "b")),
    ],
)
def test_a_header_is_a_cookie(header, cookie) -> None:
    assert parse_set_cookies([header]) == [cookie]


@pytest.mark.parametrize("header", ["", "a", "=b", "; Path=/"])
def test_what_has_no_name_or_value_is_left_out(header) -> None:
    assert parse_set_cookies([header]) == []
