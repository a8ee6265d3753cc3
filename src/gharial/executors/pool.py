"""Virtual users that are made once and lent to one scenario after another."""

import asyncio
import heapq
from collections.abc import Callable

from gharial.executors.base import User
from gharial.vu.context import RunContext

# Few enough that a batch never holds the event loop for long.
BATCH = 10
# k6 waits 5 times 400 ms for a VU that is late; then one more is made.
LATE_VU_WAIT_S = 2.0


class VuPool:
    """Makes virtual users, lends them, lowest number first, and closes them."""

    def __init__(self, factory: Callable[[int], User], run: RunContext) -> None:
        self._factory = factory
        self._run = run
        self._all: list[User] = []
        self._free: list[tuple[int, User]] = []
        self._given_back = asyncio.Event()
        self._is_closed = False

    async def initialize(self, count: int) -> None:
        """
        Make so many more virtual users and run the script's top level in each.

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
                heapq.heappush(self._free, (user.id, user))
            await asyncio.sleep(0)

    async def take(self, count: int) -> list[User]:
        """Hand out so many virtual users, made now if they do not come back in time."""
        loop = asyncio.get_running_loop()
        give_up_at_s = loop.time() + LATE_VU_WAIT_S
        while len(self._free) < count:
            self._given_back.clear()
            try:
                async with asyncio.timeout_at(give_up_at_s):
                    await self._given_back.wait()
            except TimeoutError:
                await self.initialize(count - len(self._free))
                break
        taken = [heapq.heappop(self._free)[1] for _ in range(count)]
        self._run.vus_active += count
        return taken

    def give_back(self, user: User) -> None:
        """Take a virtual user back; another scenario may have it now."""
        self._run.vus_active -= 1
        heapq.heappush(self._free, (user.id, user))
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

    def _make(self) -> User:
        user = self._factory(len(self._all) + 1)
        self._all.append(user)
        return user
