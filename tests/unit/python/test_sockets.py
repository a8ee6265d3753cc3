from typing import Any, cast

import pytest

from gharial.executors.segment import Segment
from gharial.python.current import NotInInitContextError
from gharial.python.instance import PythonInstance
from gharial.python.sockets import VuSocketEnvironment
from gharial.virtual_user.iteration import IterationOutcome
from gharial.virtual_user.virtual_user import VirtualUser


class FakeSocket:
    def __init__(self) -> None:
        self.codes: list[int] = []

    description = "fake socket"

    def shut(self, code: int) -> None:
        self.codes.append(code)

    def abort(self) -> None:
        self.codes.append(-1)


def environment_of(user: VirtualUser) -> VuSocketEnvironment:
    instance = cast("PythonInstance", user.instance)
    return VuSocketEnvironment(instance, instance.tasks)


def test_a_socket_keeps_the_iteration_until_its_release(world: Any) -> None:
    host = world.host("def default(): pass")

    async def main() -> None:
        user = VirtualUser(1, host, world.services())
        await user.start()
        environment, socket = environment_of(user), FakeSocket()
        environment.opening(socket)  # type: ignore[arg-type]
        assert user.loop.held == 1
        environment.closed(socket)  # type: ignore[arg-type]
        assert user.loop.held == 0
        user.close()

    world.run(main)


def test_a_socket_is_shut_when_a_handler_failed(world: Any) -> None:
    host = world.host(
        """
        hook = None
        def default(): hook()
        """
    )

    async def main() -> IterationOutcome:
        user = VirtualUser(1, host, world.services())
        await user.start()
        environment, socket = environment_of(user), FakeSocket()

        def fail() -> None:
            environment.opening(socket)  # type: ignore[arg-type]
            environment.report(ValueError("bad"))
            environment.post(environment.closed, socket)

        user.instance.modules.main.hook = fail  # type: ignore[attr-defined]
        outcome = await user.run_iteration(world.scenario)
        assert socket.codes == [1000]
        user.close()
        return outcome

    assert world.run(main) is IterationOutcome.FAILED
    assert world.texts() == ["ValueError: bad"]


def test_no_socket_can_be_opened_at_the_top_level(world: Any) -> None:
    host = world.host("def default(): pass")

    async def main() -> None:
        user = VirtualUser(1, host, world.services())
        user.instance.is_starting = True  # type: ignore[attr-defined]
        with pytest.raises(
            NotInInitContextError, match=r"WebSocket\(\) cannot be used"
        ):
            environment_of(user).observer("ws://x/", {})
        user.close()

    world.run(main)


@pytest.mark.parametrize(
    ("addresses", "number", "address"),
    [((), 1, ""), (("a", "b"), 1, "a"), (("a", "b"), 2, "b"), (("a", "b"), 3, "a")],
)
def test_vus_take_turns_with_the_local_addresses(
    world: Any, addresses: tuple[str, ...], number: int, address: str
) -> None:
    world.settings["local_ips"] = addresses
    host = world.host("def default(): pass")

    async def main() -> str:
        user = VirtualUser(number, host, world.services())
        found = environment_of(user).local_address
        user.close()
        return found

    assert world.run(main) == address


def test_vus_of_one_machine_of_many_take_turns_with_its_own_addresses(
    world: Any,
) -> None:
    world.settings["local_ips"] = ("a", "b")
    host = world.host("def default(): pass")
    second_of_two = Segment(1, 2)

    async def main() -> list[str]:
        services = world.services()
        services.run.takes_turns_here = True
        services.run.index_here = lambda vu_id: second_of_two.share(vu_id - 1)
        users = [VirtualUser(number, host, services) for number in (2, 4, 6)]
        found = [environment_of(user).local_address for user in users]
        for user in users:
            user.close()
        return found

    assert world.run(main) == ["a", "b", "a"]
