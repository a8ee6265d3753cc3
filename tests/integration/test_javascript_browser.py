"""What scripts have that look for a browser, and what they must not find."""

import pytest
from default_settings import users_with
from script_runs import javascript, run

LOOKS = """
export default function () {
  console.log(typeof window, typeof document, typeof setImmediate, typeof localStorage);
}
"""
SAME = """
export default function () {
  console.log(window === self, window.window === window, typeof window.CompressionStream);
}
"""


def test_there_is_no_page_and_nothing_of_node(tmp_path) -> None:
    ran = run(javascript(tmp_path, LOOKS))
    assert ran.console == ["undefined undefined undefined object"]


@pytest.mark.parametrize(
    "source", [SAME, SAME.replace("window.", "globalThis.window.")]
)
def test_window_is_there_when_asked_for(tmp_path, source) -> None:
    settings = users_with(browser_globals=True)
    ran = run(javascript(tmp_path, source), settings=settings)
    assert ran.console == ["true true function"]
    ran = run(javascript(tmp_path, LOOKS), settings=settings)
    assert ran.console == ["object undefined undefined object"]


def test_a_storage_lasts_over_iterations(tmp_path) -> None:
    source = """
    export default function () {
      localStorage.count = Number(localStorage.count ?? 0) + 1;
      console.log(localStorage.count);
    }
    """
    ran = run(javascript(tmp_path, source), iterations=2)
    assert ran.console == ["1", "2"]


def test_an_open_port_or_channel_does_not_keep_an_iteration(tmp_path) -> None:
    source = """
    export default function () {
      const { port1, port2 } = new MessageChannel();
      const channel = new BroadcastChannel('a');
      port2.onmessage = channel.onmessage = ({ data }) => console.log(data);
      new BroadcastChannel('a').postMessage('broadcast');
      port1.postMessage('message');
    }
    """
    ran = run(javascript(tmp_path, source))
    assert (sorted(ran.console), ran.errors) == (["broadcast", "message"], [])


def test_an_error_in_a_handler_of_messages_fails_the_iteration(tmp_path) -> None:
    source = """
    export default function () {
      const { port1, port2 } = new MessageChannel();
      port2.onmessage = () => { throw new Error('bad'); };
      port1.postMessage(1);
    }
    """
    ran = run(javascript(tmp_path, source))
    assert len(ran.errors) == 1
    assert "bad" in ran.errors[0]
