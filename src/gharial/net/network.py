"""State that all connections of a process share: settings, resolver, TLS, proxies."""

import asyncio
import logging
import os
from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING

from gharial.net.frame_log import FrameLog
from gharial.net.settings import NetworkSettings

# A run that opens no connection needs none of it.
if TYPE_CHECKING:
    from gharial.net.dns import Resolver
    from gharial.net.proxy import Proxies
    from gharial.net.tls import TlsContexts
    from gharial.net.turns import Turns
    from gharial.net.url import Target

_ANSWERED_MAXIMUM = 10_000


class Network:
    """
    The settings and caches that all sockets of a process share.

    Attributes:
        frame_log: Which sockets are logged frame by frame: none unless set otherwise.

    """

    def __init__(self, settings: NetworkSettings) -> None:
        self.settings = settings
        self.frame_log = FrameLog(0, lambda text: None)
        self._turns: Turns | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._polled_loop: asyncio.AbstractEventLoop
        self._warnings: set[str] = set()
        self._answered: set[tuple[bool, str, int]] = set()

    @cached_property
    def resolver(self) -> "Resolver":
        """What resolves names."""
        from gharial.net.dns import Resolver

        return Resolver(self.settings)

    @cached_property
    def tls(self) -> "TlsContexts":
        """The contexts of TLS."""
        from gharial.net.tls import TlsContexts

        return TlsContexts(self.settings.tls)

    @cached_property
    def proxies(self) -> "Proxies":
        """Which proxies there are."""
        from gharial.net.proxy import Proxies

        has_them = self.settings.proxies_from_environment
        return Proxies(os.environ if has_them else {})

    def answered(self, target: "Target") -> None:
        """Take note that a port speaks what it was spoken to in: TLS, or not."""
        if len(self._answered) < _ANSWERED_MAXIMUM:
            self._answered.add((target.secure, target.host, target.port))

    def hint(self, target: "Target", scheme: str) -> str:
        """
        Return a question for a message about a port that behaves as if it spoke otherwise.

        Empty if it has answered before: it is not the scheme then.
        """
        if (target.secure, target.host, target.port) in self._answered:
            return ""
        return f"; does this port speak TLS? try {scheme}"

    def loop(self) -> asyncio.AbstractEventLoop:
        """Return the running event loop as transports are to see it."""
        loop = asyncio.get_running_loop()
        if loop is not self._loop:
            from gharial.net.polled_loop import polled_loop

            self._loop, self._polled_loop = loop, polled_loop(loop)
        return self._polled_loop

    def warn_once(self, text: str) -> None:
        """Log a warning, unless the same was logged before."""
        if text not in self._warnings:
            self._warnings.add(text)
            logging.getLogger("gharial").warning(text)

    def turns(self, now_s: Callable[[], float]) -> "Turns":
        """Return what dates the bytes that sockets read on the running event loop."""
        loop, turns = asyncio.get_running_loop(), self._turns
        if turns is None or turns.loop is not loop or turns.now_s is not now_s:
            from gharial.net.turns import Turns

            turns = self._turns = Turns(loop, now_s)
        return turns
