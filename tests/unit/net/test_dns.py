import asyncio
import socket
import threading
from collections.abc import Awaitable, Callable, Iterator
from ipaddress import ip_network
from typing import Any

import pytest
from default_settings import dns_with, network_with

from gharial.net import dns
from gharial.net.dns import Address, Resolver, join_host_port, matches
from gharial.net.failures import FailureReason, PhaseError
from gharial.net.lookups import Lookups
from gharial.net.settings import NetworkSettings
from gharial.timing import Clock

V4 = (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("192.0.2.1", 0))
V4_OTHER = (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("192.0.2.2", 0))
V6 = (socket.AF_INET6, socket.SOCK_STREAM, 6, "", ("2001:db8::1", 0, 0, 0))


class FakeSystem:
    """Stands in for the system's resolver, and for the clock."""

    def __init__(self, answer: list[Any] | Exception) -> None:
        self.answer = answer
        self.questions = 0
        self.now_s = 0.0
        self.clock = Clock(lambda: self.now_s, 0.0)

    def getaddrinfo(self, host: str, port: int, **_: Any) -> list[Any]:
        self.questions += 1
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer

    def resolver(self, settings: NetworkSettings) -> Resolver:
        return Resolver(settings, Lookups(self.getaddrinfo))

    def run(self, work: Callable[[], Awaitable[Any]]) -> Any:
        async def main() -> Any:
            return await work()

        return asyncio.run(main())

    def resolve(self, settings: NetworkSettings, host: str, port: int = 80) -> Address:
        resolver = self.resolver(settings)
        found: Address = self.run(lambda: resolver.resolve(host, port, self.clock))
        return found


@pytest.mark.parametrize(
    ("pattern", "host", "fits"),
    [
        ("example.com", "EXAMPLE.com", True),
        ("example.com", "a.example.com", False),
        ("*.example.com", "a.example.com", True),
        ("*.example.com", "a.b.example.com", True),
        ("*.example.com", "example.com", False),
        ("*.example.com", "badexample.com", False),
        ("*", "anything", True),
    ],
)
def test_a_pattern_fits_names(pattern: str, host: str, fits: bool) -> None:
    assert matches(pattern, host) is fits


@pytest.mark.parametrize(
    ("hosts", "host", "address"),
    [
        ((("a.test", "10.0.0.1"),), "A.test", "10.0.0.1:80"),
        ((("a.test", "10.0.0.1:9"),), "a.test", "10.0.0.1:9"),
        ((("a.test", "::1"),), "a.test", "[::1]:80"),
        ((("a.test", "[::1]:9"),), "a.test", "[::1]:9"),
        ((("a.test", "10.0.0.1"), ("a.test:80", "10.0.0.2")), "a.test", "10.0.0.2:80"),
        ((("a.test:81", "10.0.0.2"), ("a.test", "10.0.0.1")), "a.test", "10.0.0.1:80"),
        ((("*.test", "10.0.0.1"),), "a.test", "10.0.0.1:80"),
        ((("*.test", "10.0.0.1"), ("*.a.test", "10.0.0.2")), "b.a.test", "10.0.0.2:80"),
        ((("*.test", "10.0.0.1"), ("a.test", "10.0.0.3")), "a.test", "10.0.0.3:80"),
        ((("*.test:80", "10.0.0.4"),), "a.test", "10.0.0.4:80"),
        ((), "10.1.1.1", "10.1.1.1:80"),
    ],
)
def test_the_hosts_map_names_the_address(
    hosts: tuple[tuple[str, str], ...], host: str, address: str
) -> None:
    found = FakeSystem([]).resolve(network_with(hosts=dict(hosts)), host)
    assert (str(found), found.asked) == (address, False)


def test_the_hosts_map_may_name_another_name() -> None:
    settings = network_with(hosts={"a.test": "b.test:99"})
    assert str(FakeSystem([V4]).resolve(settings, "a.test")) == "192.0.2.1:99"


@pytest.mark.parametrize(
    ("policy", "answer", "ip"),
    [
        ("preferIPv4", [V6, V4], "192.0.2.1"),
        ("preferIPv4", [V6], "2001:db8::1"),
        ("preferIPv6", [V4, V6], "2001:db8::1"),
        ("onlyIPv6", [V4, V6], "2001:db8::1"),
        ("any", [V6, V4], "2001:db8::1"),
    ],
)
def test_the_policy_chooses_the_family(policy: str, answer: list[Any], ip: str) -> None:
    settings = network_with(dns=dns_with(select="first", policy=policy))
    assert FakeSystem(answer).resolve(settings, "a.test").ip == ip


def test_round_robin_takes_turns() -> None:
    system = FakeSystem([V4, V4_OTHER, V4])
    resolver = system.resolver(network_with(dns=dns_with(select="roundRobin")))

    async def ask() -> list[str]:
        return [(await resolver.resolve("a", 1, system.clock)).ip for _ in range(3)]

    assert system.run(ask) == ["192.0.2.1", "192.0.2.2", "192.0.2.1"]


@pytest.mark.parametrize(
    ("ttl_s", "waited_s", "questions"), [(10.0, 9.9, 1), (10.0, 10.1, 2), (0.0, 0.0, 2)]
)
def test_an_answer_is_kept_for_its_time(
    ttl_s: float, waited_s: float, questions: int
) -> None:
    system = FakeSystem([V4])
    resolver = system.resolver(network_with(dns=dns_with(ttl_s=ttl_s)))

    async def ask() -> None:
        await resolver.resolve("a", 1, system.clock)
        system.now_s += waited_s
        await resolver.resolve("a", 1, system.clock)

    system.run(ask)
    assert system.questions == questions


def test_sockets_that_ask_together_share_one_lookup() -> None:
    system = FakeSystem([V4])
    resolver = system.resolver(network_with(dns=dns_with(ttl_s=0)))

    async def ask() -> None:
        asked = [resolver.resolve("a", 1, system.clock) for _ in range(5)]
        await asyncio.gather(*asked)

    system.run(ask)
    assert system.questions == 1


def test_one_cancelled_asker_does_not_fail_the_others() -> None:
    system = FakeSystem([V4])
    resolver = system.resolver(network_with())

    async def ask() -> str:
        first = asyncio.create_task(resolver.resolve("a", 1, system.clock))
        second = asyncio.create_task(resolver.resolve("a", 1, system.clock))
        await asyncio.sleep(0)
        first.cancel()
        return (await second).ip

    assert system.run(ask) == "192.0.2.1"


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (socket.gaierror(socket.EAI_NONAME, "x"), "lookup a.test: no such host"),
        (socket.gaierror(socket.EAI_AGAIN, "Try Again"), "lookup a.test: try again"),
        (OSError("no more threads"), "lookup a.test: no more threads"),
        (UnicodeError("label too long"), "lookup a.test: no such host"),
        ([], "lookup a.test: no such host"),
    ],
)
def test_a_failed_lookup_says_so(answer: list[Any] | Exception, message: str) -> None:
    with pytest.raises(PhaseError) as caught:
        FakeSystem(answer).resolve(network_with(), "a.test")
    assert (caught.value.reason, str(caught.value)) == (FailureReason.DNS, message)


@pytest.mark.parametrize(
    ("host", "message"),
    [
        ("a.bad.test", "hostname (a.bad.test) is in a blocked pattern (*.bad.test)"),
        ("10.1.2.3", "IP (10.1.2.3) is in a blacklisted range (10.0.0.0/8)"),
        ("mapped.test", "IP (10.9.9.9) is in a blacklisted range (10.0.0.0/8)"),
        (
            "::ffff:10.0.0.1",
            "IP (10.0.0.1) is in a blacklisted range (10.0.0.0/8)",
        ),
    ],
)
def test_what_is_blocked_is_not_dialled(host: str, message: str) -> None:
    settings = network_with(
        hosts={"mapped.test": "10.9.9.9"},
        block_hostnames=("*.bad.test",),
        blacklist_ips=(ip_network("10.0.0.0/8"),),
    )
    with pytest.raises(PhaseError) as caught:
        FakeSystem([]).resolve(settings, host)
    assert (caught.value.reason, str(caught.value)) == (FailureReason.BLOCKED, message)


def test_host_and_port_are_joined() -> None:
    assert (join_host_port("a", 1), join_host_port("::1", 2)) == ("a:1", "[::1]:2")


class StuckSystem(FakeSystem):
    """Does not answer about names that end in ``.stuck`` before it is released."""

    def __init__(self) -> None:
        super().__init__([V4])
        self.released = threading.Event()
        self.asked: list[str] = []
        # One for each thread that is held.
        self.held = threading.Semaphore(0)

    def getaddrinfo(self, host: str, port: int, **options: Any) -> list[Any]:
        self.asked.append(host)
        if host.endswith(".stuck"):
            self.held.release()
            self.released.wait()
        return super().getaddrinfo(host, port, **options)

    def resolver(self, settings: NetworkSettings) -> Resolver:
        return Resolver(settings, Lookups(self.getaddrinfo, threads_maximum=2))


@pytest.fixture
def stuck() -> Iterator[StuckSystem]:
    system = StuckSystem()
    yield system
    system.released.set()


def test_names_that_nobody_waits_for_any_more_are_not_asked(
    stuck: StuckSystem,
) -> None:
    resolver = stuck.resolver(network_with())

    async def ask() -> str:
        names = [f"{number}.stuck" for number in range(10)]
        asked = [
            asyncio.create_task(resolver.resolve(name, 1, stuck.clock))
            for name in (*names, *names)
        ]
        await asyncio.sleep(0)
        for _ in range(2):
            assert stuck.held.acquire(timeout=240)
        for task in asked:
            task.cancel()
        await asyncio.wait(asked)
        later = asyncio.create_task(resolver.resolve("well.test", 1, stuck.clock))
        await asyncio.sleep(0)
        stuck.released.set()
        return (await later).ip

    assert stuck.run(ask) == "192.0.2.1"
    # Two that held the threads, and the one that was waited for.
    assert len(stuck.asked) == 3


def test_a_late_answer_is_kept_for_those_who_ask_later(stuck: StuckSystem) -> None:
    resolver = stuck.resolver(network_with())

    async def ask() -> bool:
        asked = asyncio.create_task(resolver.resolve("a.stuck", 1, stuck.clock))
        await asyncio.sleep(0)
        assert stuck.held.acquire(timeout=240)
        asked.cancel()
        await asyncio.wait((asked,))
        again = asyncio.create_task(resolver.resolve("a.stuck", 1, stuck.clock))
        await asyncio.sleep(0)
        stuck.released.set()
        await again
        return (await resolver.resolve("a.stuck", 1, stuck.clock)).asked

    assert stuck.run(ask) is False
    assert len(stuck.asked) == 1


def test_a_loop_ends_though_the_system_does_not_answer(stuck: StuckSystem) -> None:
    resolver = stuck.resolver(network_with())

    async def ask() -> None:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(resolver.resolve("a.stuck", 1, stuck.clock), 0.01)

    # Returns: nobody waits for the thread.
    stuck.run(ask)
    stuck.released.set()

    async def ask_again() -> str:
        return (await resolver.resolve("a.stuck", 1, stuck.clock)).ip

    assert stuck.run(ask_again) == "192.0.2.1"


def test_names_without_end_do_not_fill_the_memory(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(dns, "NAMES_MAXIMUM", 3)
    system = FakeSystem([V4])
    resolver = system.resolver(network_with(dns=dns_with(select="roundRobin")))

    async def ask() -> None:
        for name in "abcdeea":
            await resolver.resolve(name, 1, system.clock)

    system.run(ask)
    # "e" was known the second time, "a" was forgotten.
    assert system.questions == 6
