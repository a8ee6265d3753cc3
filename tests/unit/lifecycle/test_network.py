import pytest

from gharial.lifecycle import machine
from gharial.lifecycle.network import local_addresses
from gharial.options.addresses import AUTO_ADDRESSES
from gharial.options.model import Options


def test_all_own_addresses_are_asked_of_the_machine(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(machine, "own_addresses", lambda: ("127.0.0.3", "127.0.0.4"))
    options = Options().with_(local_ips=(AUTO_ADDRESSES,))
    assert local_addresses(options) == ("127.0.0.3", "127.0.0.4")
