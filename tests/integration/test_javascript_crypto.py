"""`crypto.subtle` inside a virtual user: what takes long holds nobody up."""

import asyncio

import pytest
from script_runs import javascript, run

DERIVE = """
const key = await crypto.subtle.importKey(
  'raw', new Uint8Array(8), 'PBKDF2', false, ['deriveBits']);
const derive = (iterations) => crypto.subtle.deriveBits(
  { name: 'PBKDF2', hash: 'SHA-512', salt: new Uint8Array(8), iterations }, key, 256);
"""


@pytest.mark.slow
def test_a_long_derivation_lets_timers_run_and_keeps_its_iteration(tmp_path) -> None:
    source = (
        DERIVE
        + """
        export default function () {
          let ticks = 0;
          const timer = setInterval(() => { ticks++; }, 1);
          derive(400000).then((bits) => {
            clearInterval(timer);
            console.log(bits.byteLength, ticks > 3);
          });
        }
        """
    )
    ran = run(javascript(tmp_path, source), iterations=2)
    assert (ran.console, ran.errors) == (["32 true"] * 2, [])


def test_the_end_of_an_iteration_rejects_what_is_not_done(tmp_path) -> None:
    source = (
        DERIVE
        + """
        export default function () {
          console.log('begun');
          derive(2000000).catch((error) => console.log(String(error)));
        }
        """
    )

    async def during(user) -> None:
        while not user.operations.pending():  # noqa: ASYNC110 - it tells nobody
            await asyncio.sleep(0)
        [pending] = user.operations.pending()
        assert pending.description == "crypto.subtle.deriveBits()"
        assert not pending.is_established
        user.operations.shut(1000)

    ran = run(javascript(tmp_path, source), during=during)
    assert ran.console == [
        "begun",
        "OperationError: the iteration ended before the operation",
    ]


def test_too_much_at_once_is_refused(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr("gharial.javascript.web_crypto.subtle.PENDING_MAXIMUM", 2)
    source = (
        DERIVE
        + """
        export default async function () {
          const all = Array.from({ length: 5 }, () => derive(2000));
          const results = await Promise.allSettled(all);
          const failed = results.filter(({ status }) => status === 'rejected');
          console.log(failed.length, failed[0].reason.name);
        }
        """
    )
    ran = run(javascript(tmp_path, source))
    assert ran.console == ["3 OperationError"]


def test_the_top_level_may_wait_for_anything(tmp_path) -> None:
    source = (
        DERIVE
        + """
        const bits = await derive(3000);
        const pair = await crypto.subtle.generateKey({
          name: 'RSA-PSS', hash: 'SHA-256', modulusLength: 1024,
          publicExponent: new Uint8Array([1, 0, 1]),
        }, true, ['sign']).catch((error) => error);
        export default function () {
          console.log(bits.byteLength, pair.privateKey.type);
        }
        """
    )
    assert run(javascript(tmp_path, source)).console == ["32 private"]


def test_the_experimental_module_of_k6_is_the_global(tmp_path) -> None:
    source = """
        import { crypto as named } from 'k6/experimental/webcrypto';
        import module from 'k6/experimental/webcrypto';
        export default function () {
          console.log(named === crypto, module.crypto === crypto);
        }
    """
    assert run(javascript(tmp_path, source)).console == ["true true"]
