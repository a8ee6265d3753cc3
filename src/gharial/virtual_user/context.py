"""The context of a virtual user: the run, the scenario, the services of the process."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import field
from typing import TYPE_CHECKING, Any

from gharial.lazy_dataclass import dataclass
from gharial.log_lines import Log
from gharial.metrics.tags import EMPTY, TagSet
from gharial.timing import Clock
from gharial.virtual_user.blocking import Blocking
from gharial.virtual_user.settings import VuSettings

if TYPE_CHECKING:
    from gharial.http.client import HttpClient
    from gharial.net.network import Network
    from gharial.virtual_user.instruments import Measurements
    from gharial.virtual_user.socket_rules import SocketRules

Secrets = Mapping[str, Mapping[str, str]]

# How long the end of a process waits for connections of HTTP to close.
CLOSE_LIMIT_S = 2.0


@dataclass(slots=True, eq=False)
class ScenarioContext:
    """
    One scenario while it runs, as its virtual users see it.

    Attributes:
        name: The scenario's name.
        executor: The executor's name.
        started_at_s: When it began, on the monotonic clock.
        tags: The run's tags with the scenario's over them.
        environment: The scenario's own ``env``.
        progress: Returns how much is done, 0 to 1.
        number: Returns an iteration's number in the whole run from its own worker's.
        iterations_started: How many iterations it has started so far.
        has_told_what_keeps: Whether it was said what kept one that did not end.

    """

    name: str
    executor: str
    started_at_s: float
    tags: TagSet = EMPTY
    environment: Mapping[str, str] = field(default_factory=dict)
    progress: Callable[[], float] = lambda: 0.0
    number: Callable[[int], int] = lambda own: own
    iterations_started: int = 0
    has_told_what_keeps: bool = False


@dataclass(slots=True, eq=False)
class RunContext:
    """
    The run, as its virtual users see it; the executors keep its counts.

    Attributes:
        started_at_s: When the run began, before ``setup``, on the monotonic clock; where
            there is no ``setup``, in a worker, when the scenarios did.
        options: The consolidated options, as a script may read them.
        environment: ``__ENV``.
        setup_data: What ``setup`` returned, as the arguments of every iteration.
        iterations_completed: Whole iterations, failed ones among them.
        iterations_failed: Those of them that threw.
        iterations_interrupted: Iterations that were cut off.
        vus_active: Virtual users that are handed out to a scenario.
        vus_initialized: Virtual users that exist.
        secrets: Secret values by source and name; the default source's name is empty.
        index_here: Returns which of this process's virtual users one is, from 0, by its id.
        takes_turns_here: Whether this process's own virtual users take turns with the local
            addresses, not those of the whole run: they are those of one machine of many.
        is_stopping: Whether a signal asked for the end: script code that does not
            pause is stopped then.
        is_aborted: Whether a script asked for the end of the test.
        abort: Ends the whole test, with the script's reason.
        mark_failed: Lets the run end as failed, with the script's reason.

    """

    started_at_s: float = 0.0
    options: Mapping[str, Any] = field(default_factory=dict)
    environment: dict[str, str] = field(default_factory=dict)
    setup_data: tuple[Any, ...] = ()
    iterations_completed: int = 0
    iterations_failed: int = 0
    iterations_interrupted: int = 0
    vus_active: int = 0
    vus_initialized: int = 0
    secrets: "Secrets" = field(default_factory=dict)
    index_here: Callable[[int], int] = field(
        default=lambda vu_id: vu_id - 1, repr=False
    )
    takes_turns_here: bool = False
    is_stopping: bool = False
    is_aborted: bool = False
    abort: Callable[[str], None] = lambda message: None
    mark_failed: Callable[[str], None] = lambda message: None


@dataclass(slots=True, eq=False)
class VuServices:
    """
    What all virtual users of one process share.

    Attributes:
        event_loop: The loop that everything runs on.
        clock: The monotonic clock.
        blocking: The pool of workers that script code runs in.
        measurements: Where measurements go.
        network: How sockets are opened.
        run: The run.
        settings: What the options say.
        log: Takes a level of ``logging``, a text and fields (``source``, ``scenario``…).

    """

    event_loop: asyncio.AbstractEventLoop
    clock: Clock
    blocking: Blocking
    measurements: "Measurements"
    network: "Network"
    run: RunContext
    settings: VuSettings
    log: Log
    _http: "HttpClient | None" = field(default=None, init=False, repr=False)
    _socket_rules: "SocketRules | None" = field(default=None, init=False, repr=False)
    _said: set[str] = field(default_factory=set, init=False, repr=False)

    def warn_once(self, subject: str, text: str) -> None:
        """Log a warning, unless this process said something of the subject before."""
        if subject not in self._said:
            self._said.add(subject)
            self.log(logging.WARNING, text, {"source": "gharial"})

    @property
    def http(self) -> "HttpClient":
        """What makes HTTP requests; it is there once a script makes the first."""
        if self._http is None:
            # aiohttp's client takes long to import: only where it is used.
            from gharial.http.client import HttpClient

            self._http = HttpClient(
                self.network,
                self.clock,
                rate_per_s=self.settings.rps,
                reuses_connections=not self.settings.no_connection_reuse,
            )
        return self._http

    @property
    def socket_rules(self) -> "SocketRules | None":
        """What the option ``sockets`` says, None for nothing."""
        if self._socket_rules is None and self.settings.sockets:
            from gharial.virtual_user.socket_rules import SocketRules

            self._socket_rules = SocketRules(
                self.settings.sockets, self.measurements.matched_sockets
            )
        return self._socket_rules

    def local_address(self, vu_id: int) -> str:
        """Return the address that a virtual user connects from, empty for any."""
        addresses = self.settings.local_ips
        index = self.run.index_here(vu_id) if self.run.takes_turns_here else vu_id - 1
        return addresses[index % len(addresses)] if addresses else ""

    async def iteration_ended(self, owner: int) -> None:
        """Close a virtual user's connections for HTTP, if they end with iterations."""
        settings = self.settings
        ends = settings.no_vu_connection_reuse and not settings.no_connection_reuse
        if ends and self._http is not None:
            await self._http.forget(owner)

    async def close(self) -> None:
        """End idle workers, and close connections that HTTP requests left open."""
        self.blocking.close()
        if self._http is not None:
            closing = asyncio.ensure_future(self._http.close())
            await asyncio.wait({closing}, timeout=CLOSE_LIMIT_S)
