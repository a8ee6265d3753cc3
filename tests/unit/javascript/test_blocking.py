import pytest

from gharial.javascript.blocking import may_block


@pytest.mark.parametrize(
    "source",
    [
        "import { CookieJar } from 'k6/http'",
        'import {CookieJar, cookieJar as jar,} from "k6/http";',
        "import {\n  asyncRequest,\n  url,\n} from 'k6/http';",
        "import { file } from 'k6/http'; import { url } from 'k6/http';",
        "await fetch('https://k6/http')",
        "const asleep = 1",
        "",
    ],
)
def test_what_cannot_wait_shares_a_heap(source) -> None:
    assert not may_block(source)


@pytest.mark.parametrize(
    "source",
    [
        "import { sleep } from 'k6'",
        "import ws from 'k6/ws'",
        "import http from 'k6/http'",
        "import http, { CookieJar } from 'k6/http'",
        "import * as http from 'k6/http'",
        "import { CookieJar, get } from 'k6/http'",
        "import { batch as b } from 'k6/http'",
        "import { default as http } from 'k6/http'",
        "export { get } from 'k6/http'",
        "export * from 'k6/http'",
        "const http = require('k6/http')",
        "const http = await import(`k6/http`)",
        "import { url } from 'k6/http'; import('k6/http')",
    ],
)
def test_what_may_wait_has_a_heap_of_its_own(source) -> None:
    assert may_block(source)
