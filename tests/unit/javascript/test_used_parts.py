import pytest

from gharial.javascript.used_parts import used_parts

SOCKETS = "gharial.javascript.sockets"
HTTP = "gharial.http.client"


@pytest.mark.parametrize(
    ("source", "used"),
    [
        ("export default function () {}", ()),
        ("const fetched = 1; const myWebSocketUrl = ''", ()),
        ("new WebSocket(url)", (SOCKETS, "gharial.virtual_user.socket_parts")),
        ("import ws from 'k6/ws'", ("gharial.javascript.legacy_sockets",)),
        ("import { url } from 'k6/http'", ("gharial.javascript.http_requests", HTTP)),
        ("fetch(x)", (HTTP,)),
        ("new XMLHttpRequest()", (HTTP,)),
        (
            "import { parseHTML } from 'k6/html'",
            ("gharial.javascript.html_selections",),
        ),
        ("import { md5 } from 'k6/crypto'", ("gharial.javascript.digests",)),
        ("new URL(x)", ("gharial.javascript.web_platform",)),
        ("socket.request(x, { match })", ("gharial.websocket.json_paths",)),
    ],
)
def test_what_a_script_uses_is_seen_in_its_text(
    source: str, used: tuple[str, ...]
) -> None:
    assert set(used) <= set(used_parts(source))
    assert used or not set(used_parts(source))
