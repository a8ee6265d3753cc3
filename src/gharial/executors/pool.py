"""Virtual users that are made once and lent to one scenario after another."""

import asyncio
import heapq
from collections.abc import Callable, Mapping

from gharial.executors.base import User
from gharial.executors.plan import Need, Steps, summed
from gharial.executors.run_time import RunTime
from gharial.virtual_user.context import RunContext

# Few enough that a batch never holds the event loop for long.
BATCH = 10
# k6 waits 5 times 400 ms for a VU that is late; then one more is made.
LATE_VU_WAIT_S = 2.0


class VuPool:
    """
    Makes virtual users, lends them, lowest number first, and closes them.

    With `retire` in use, a virtual user ends as soon as the plan has no further use for
    it, so that what it keeps over its iterations ends with the load that it stands for.
    """

    def __init__(self, factory: Callable[[int], User], run: RunContext) -> None:
        """Take what makes a virtual user, given how many were made before."""
        self._factory = factory
        self._run = run
        self._made = 0
        self._all: dict[User, None] = {}
        self._free: list[tuple[int, User]] = []
        self._given_back = asyncio.Event()
        self._is_closed = False
        self._time: RunTime | None = None
        self._expected: dict[str, tuple[float, Steps]] = {}
        self._need = Need(())
        self._retiring: set[asyncio.Task[None]] = set()

    async def initialize(self, count: int) -> None:
        """
        Make ``count`` more virtual users and run the script's top level in each.

        Raises:
            ScriptError: If the top level threw.

        """
        while count > 0 and not self._is_closed:
            batch = [self._make() for _ in range(min(BATCH, count))]
            count -= len(batch)
            results = await asyncio.gather(
                *(user.start() for user in batch), return_exceptions=True
            )
            for user, error in zip(batch, results, strict=True):
                if error is not None:
                    raise error
                self._run.vus_initialized += 1
                self._put(user)
            await asyncio.sleep(0)

    async def take(self, count: int) -> list[User]:
        """Hand out ``count`` virtual users, made now if they do not come back in time."""
        loop = asyncio.get_running_loop()
        give_up_at_s = loop.time() + LATE_VU_WAIT_S
        while len(self._free) < count:
            self._given_back.clear()
            try:
                async with asyncio.timeout_at(give_up_at_s):
                    await self._given_back.wait()
            except TimeoutError:
                await self.initialize(count - len(self._free))
        return [heapq.heappop(self._free)[1] for _ in range(count)]

    async def make_one_more(self) -> User:
        """
        Make one beyond those that were planned, and hand it out.

        Raises:
            ScriptError: If the top level threw.

        """
        user = self._make()
        await user.start()
        self._run.vus_initialized += 1
        return user

    def give_back(self, user: User) -> None:
        """Take a virtual user back; another scenario may have it now."""
        if self._has_surplus():
            self._retire(user)
            return
        self._put(user)
        self._given_back.set()

    def interrupt(self) -> None:
        """End soon what all virtual users are doing, also their start."""
        for user in self._all:
            user.interrupt()

    def close(self) -> None:
        """Free all virtual users."""
        self._is_closed = True
        for user in self._all:
            user.close()
        self._all.clear()
        self._free.clear()

    # -- Virtual users that end before the run does ----------------------------------

    def retire(
        self, time: RunTime, expected: Mapping[str, tuple[float, Steps]]
    ) -> None:
        """
        From now on, end virtual users that no scenario will need any more.

        Args:
            time: The time of the run.
            expected: Each scenario's start, and how many it needs when.

        """
        self._time = time
        self._expected = dict(expected)
        self._need = Need(summed(self._expected.values()))

    def scenario_ended(self, name: str) -> None:
        """Count a scenario's virtual users no longer among those that are needed."""
        if self._expected.pop(name, None) is None:
            return
        self._need = Need(summed(self._expected.values()))
        while self._free and self._has_surplus():
            self._retire(heapq.heappop(self._free)[1])

    async def retire_all(self) -> None:
        """End all virtual users in order; without effect unless `retire` was called."""
        if self._time is None:
            return
        self._free.clear()
        for user in list(self._all):
            self._retire(user)
        while self._retiring:
            await asyncio.wait(self._retiring)

    def _has_surplus(self) -> bool:
        if self._time is None:
            return False
        return len(self._all) > self._need.at(self._time.elapsed_s)

    def _retire(self, user: User) -> None:
        del self._all[user]
        task = asyncio.ensure_future(self._tear_down(user))
        self._retiring.add(task)
        task.add_done_callback(self._retiring.discard)

    async def _tear_down(self, user: User) -> None:
        try:
            await user.tear_down(self._run.setup_data)
        finally:
            user.close()

    def _put(self, user: User) -> None:
        heapq.heappush(self._free, (user.id, user))

    def _make(self) -> User:
        user = self._factory(self._made)
        self._made += 1
        self._all[user] = None
        return user
