import asyncio
import time
from types import ModuleType

import pytest
from memory_wire import MemoryTransport
from twins import both
from virtual_time import VirtualLoop

from gharial.net.turns import Turns
from gharial.websocket.wire.plain_frames import PlainFrames


@pytest.mark.parametrize("arrivals", both("websocket.wire.arrivals"))
def test_what_is_no_socket_has_no_stamps(arrivals: ModuleType) -> None:
    async def main() -> None:
        frames = PlainFrames(Turns(asyncio.get_running_loop(), time.monotonic))
        assert arrivals.date_by_kernel(MemoryTransport(), frames) is False
        assert not frames.is_dated

    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        runner.run(main())
