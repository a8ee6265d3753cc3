import pytest

from gharial.lifecycle import network
from gharial.options.addresses import AUTO_ADDRESSES
from gharial.options.model import Options


def test_all_own_addresses_are_asked_of_the_machine(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(network, "own_addresses", lambda: ("127.0.0.3", "127.0.0.4"))
    options = Options().model_copy(update={"local_ips": (AUTO_ADDRESSES,)})
    assert network.local_addresses(options) == ("127.0.0.3", "127.0.0.4")
