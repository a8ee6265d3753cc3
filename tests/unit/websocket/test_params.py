import pytest
from default_settings import limits_with

from gharial.net.settings import SocketTls
from gharial.websocket.extensions import DeflateOffer
from gharial.websocket.params import opening_params, read_params


def read(**given):
    return opening_params(read_params(given, {}), limits_with())


@pytest.mark.parametrize(
    ("given", "fields"),
    [
        pytest.param({}, {"deflate": None}, id="nothing"),
        pytest.param(
            {"compression": " deflate "}, {"deflate": DeflateOffer()}, id="deflate"
        ),
        pytest.param(
            {"compression": {"level": 9, "windowBits": 10, "contextTakeover": False}},
            {"deflate": DeflateOffer(9, 10, context_takeover=False)},
            id="compression in detail",
        ),
        pytest.param(
            {"compression": {"window_bits": 8.0}},
            {"deflate": DeflateOffer(window_bits=8)},
            id="in snake case, as JavaScript's numbers are",
        ),
        pytest.param(
            {"tls": {"cert": "c", "key": "k", "ca": "a", "sni": "s", "verify": False}},
            {"deflate": None, "tls": SocketTls("c", "k", None, ("a",), "s", False)},
            id="tls",
        ),
        pytest.param({"proxy": ""}, {"deflate": None, "proxy": ""}, id="no proxy"),
        pytest.param(
            {"localAddress": "127.0.0.2", "redirects": 3.0},
            {"deflate": None, "local_address": "127.0.0.2", "redirects": 3},
            id="local address and redirects",
        ),
        pytest.param(
            {
                "limits": {
                    "dialTimeout": "2s",
                    "close_timeout": 500,
                    "maxMessageSize": 9,
                }
            },
            {
                "deflate": None,
                "limits": limits_with(
                    dial_timeout_s=2, close_timeout_s=0.5, max_message_size_bytes=9
                ),
            },
            id="limits",
        ),
    ],
)
def test_parameters_become_fields(given, fields):
    assert read(**given) == fields


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"compresion": "deflate"}, 'did you mean "compression"?'),
        ({"compression": "gzip"}, "unsupported compression algorithm 'gzip'"),
        ({"compression": {"windowBits": 16}}, "must be from 8 to 15, not 16"),
        ({"compression": {"windowBits": 9.5}}, "must be a whole number"),
        ({"compression": {"contextTakeover": 1}}, "must be true or false"),
        ({"compression": {"lvl": 1}}, 'did you mean "level"?'),
        ({"tls": "cert"}, "tls must be an object"),
        ({"tls": {"cert": "c"}}, "cert and key together"),
        ({"tls": {"verify": "no"}}, "tls.verify must be true or false"),
        ({"proxy": 5}, "proxy must be a string"),
        ({"limits": {"dialTimeout": "soon"}}, "limits.dialTimeout"),
        ({"limits": {"dialTimeout": 0}}, "must be more than 0"),
        ({"limits": {"maxMessageSize": 0}}, "must be from 1"),
        ({"redirects": 21}, "must be from 0 to 20"),
        ({"tags": {"a": []}}, "the tag 'a' must be"),
    ],
)
def test_what_is_wrong_is_told(given, told):
    with pytest.raises(TypeError) as caught:
        read(**given)
    assert told in str(caught.value)


def test_single_arguments_win():
    assert read_params({"proxy": "a"}, {"proxy": "b", "tls": None})["proxy"] == "b"
