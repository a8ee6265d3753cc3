"""
The cluster's engine: the one file that imports Ray.

What Ray does by itself, and what is done about it here, is said at each step.
"""

import asyncio
import contextlib
import logging
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any, Final

import psutil
import ray
import ray._private.worker
from ray.exceptions import GetTimeoutError, RayActorError, RayError
from ray.util.placement_group import (
    placement_group,
    placement_group_table,
    remove_placement_group,
)
from ray.util.scheduling_strategies import PlacementGroupSchedulingStrategy

from gharial.cluster.actor import WorkerActor, WorkerJob
from gharial.cluster.clock_offset import (
    ClockOffset,
    Exchange,
    clock_offset,
    read_clocks,
)
from gharial.cluster.errors import ClusterError
from gharial.cluster.place import Place
from gharial.cluster.this_machine import address_here
from gharial.options.cluster_address import ClusterAddress
from gharial.workers.launcher import Reports, Worker
from gharial.workers.messages import FromWorker, Job, ToWorker

JOIN_LIMIT_S: Final = 60.0
"""To start a head takes 4 to 10 s, to join a cluster less than one."""

CALL_LIMIT_S: Final = 60.0
"""The longest that an actor may take to come about and answer."""

HEARTBEAT_S: Final = 2.0
"""The coordinator says so often that it is there."""

LEAVE_LIMIT_S: Final = 3.0
# Ray turns 127.0.0.1 into an address of the network, where a head of 127.0.0.1 does not
# listen; any other address of loopback stays as it is. macOS has no other.
LOCAL_ADDRESS: Final = "127.0.0.2" if sys.platform == "linux" else "127.0.0.1"
EXCHANGES: Final = 20
_ENDED: Final = "its process ended"
# One stream, and calls that are over at once.
CONCURRENCY: Final = 4


class RayEngine:
    """
    A cluster that this process has joined, and the workers that it has there.

    Use it as a context; at its end nothing of this run is left on any machine.
    """

    def __init__(self, address: ClusterAddress, *, cpus: int) -> None:
        """
        Take a cluster.

        Args:
            address: Which.
            cpus: How many CPUs one that is started here says that it has.

        """
        self._address = address
        self._cpus = cpus
        self._head: subprocess.Popen[bytes] | None = None
        self._group: Any = None
        self._actors: list[Any] = []
        self._has_joined = False
        self._is_over = threading.Event()

    def __enter__(self) -> "RayEngine":
        """
        Join the cluster.

        Raises:
            ClusterError: If that cannot be done.

        """
        try:
            self._join()
        except BaseException:
            self._leave()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        """End all workers and leave the cluster; one that was started here ends."""
        self._leave()

    # -- Joining and leaving -------------------------------------------------------------

    def _join(self) -> None:
        if self._address.is_local:
            address = self._start_head()
        else:
            address = address_here(self._address)
        _keep_stdout_clean()
        own: Any = {"_node_ip_address": LOCAL_ADDRESS} if self._address.is_local else {}
        self._bounded(
            lambda: ray.init(
                address=address,
                # Ray folds lines that differ in numbers alone: our log has its own way.
                log_to_driver=False,
                logging_level=logging.CRITICAL,
                namespace="gharial",
                **own,
            ),
            JOIN_LIMIT_S,
            f"joining the cluster at {address}",
        )
        self._has_joined = True
        _take_signals_back()
        threading.Thread(target=self._beat, name="gharial-heart", daemon=True).start()

    def _start_head(self) -> str:
        # In a session of its own: a signal to our process group would end Ray's daemons
        # under us, and Ray's own driver then hangs. It ends with its input.
        self._head = subprocess.Popen(
            [sys.executable, "-m", "gharial.cluster.local_head", str(self._cpus)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        assert self._head.stdout is not None
        stdout = self._head.stdout
        line = self._bounded(stdout.readline, JOIN_LIMIT_S, "starting Ray here")
        if not line:
            raise ClusterError("Ray could not be started on this machine")
        return str(line, "ascii").strip()

    def _leave(self) -> None:
        self._is_over.set()
        for actor in self._actors:
            _kill(actor)
        self._actors = []
        if self._has_joined:
            # Both ask the cluster, which may be gone.
            thread = threading.Thread(target=self._sign_off, daemon=True)
            thread.start()
            thread.join(LEAVE_LIMIT_S)
            self._has_joined = False
        if self._head is not None:
            assert self._head.stdin is not None
            with contextlib.suppress(OSError):
                self._head.stdin.close()
            try:
                self._head.wait(LEAVE_LIMIT_S)
            except subprocess.TimeoutExpired:
                _kill_tree(self._head.pid)
            self._head = None

    def _sign_off(self) -> None:
        with contextlib.suppress(Exception):
            if self._group is not None:
                remove_placement_group(self._group)
            ray.shutdown()

    def _bounded(self, call: Callable[[], Any], limit_s: float, what: str) -> Any:
        """Return what a call returns that nobody can end; it is left alone at the limit."""
        answers: queue.SimpleQueue[tuple[Any, BaseException | None]] = (
            queue.SimpleQueue()
        )

        def ask() -> None:
            try:
                answers.put((call(), None))
            except BaseException as error:
                answers.put((None, error))

        # Not in the main thread, where Ray takes SIGTERM's handler for itself.
        threading.Thread(target=ask, daemon=True).start()
        try:
            answer, error = answers.get(timeout=limit_s)
        except queue.Empty:
            raise ClusterError(f"{what} took more than {limit_s:g} s") from None
        if error is not None:
            raise ClusterError(f"{what} failed: {_first_line(error)}") from error
        return answer

    # -- Workers -------------------------------------------------------------------------

    def free_cpus(self) -> int:
        """Return how many CPUs nobody has asked for."""
        return _cpus(ray.available_resources)

    def all_cpus(self) -> int:
        """Return how many CPUs the cluster has."""
        return _cpus(ray.cluster_resources)

    def reserve(self, count: int, limit_s: float) -> None:
        """
        Take one CPU for each worker, over as many machines as there are.

        Raises:
            ClusterError: If not enough are free within the time.

        """
        self._group = placement_group([{"CPU": 1.0}] * count, strategy="SPREAD")
        if not self._group.wait(limit_s):
            free, whole = self.free_cpus(), self.all_cpus()
            raise ClusterError(
                f"the cluster has {whole} CPUs, {free} of them free, and this run needs "
                f"{count}, one for each worker; waited {limit_s:g} s "
                "(--cluster-timeout). Ask for fewer --workers, or add machines"
            )

    def places(self, count: int, *, measures_speed: bool) -> list[Place]:
        """
        Start the workers' processes on what was reserved, and ask them what they are.

        Raises:
            ClusterError: If one does not come about.

        """
        remote = ray.remote(WorkerActor)
        self._actors = [
            remote.options(
                num_cpus=1,
                max_restarts=0,
                max_concurrency=CONCURRENCY,
                scheduling_strategy=PlacementGroupSchedulingStrategy(
                    self._group, placement_group_bundle_index=index
                ),
            ).remote()
            for index in range(count)
        ]
        facts = _answers([actor.facts.remote() for actor in self._actors])
        speeds = [0.0] * count
        if measures_speed:
            speeds = _answers([actor.speed.remote() for actor in self._actors])
        bundles = placement_group_table(self._group)["bundles_to_node_id"]
        nodes = [bundles[index] for index in range(count)]
        clocks: dict[str, ClockOffset] = {}
        for node, actor in zip(nodes, self._actors, strict=True):
            if node not in clocks:
                clocks[node] = clock_offset(_exchanges(actor))
        return [
            Place(actor, node, each, clocks[node], speed)
            for actor, node, each, speed in zip(
                self._actors, nodes, facts, speeds, strict=True
            )
        ]

    def _beat(self) -> None:
        while not self._is_over.wait(HEARTBEAT_S):
            for actor in list(self._actors):
                _hear(actor, ())


class RayLauncher:
    """Starts workers on places that were reserved for them."""

    def __init__(self, places: Sequence[Place], archive: bytes) -> None:
        """
        Take the places.

        Args:
            places: One for each worker, in order.
            archive: The script with all that it needs.

        """
        self._places = places
        self._archive = archive

    def launch(
        self,
        job: Job,
        *,
        on_message: Callable[[FromWorker], None],
        on_gone: Callable[[str], None],
    ) -> Worker:
        """Start a worker on a job; call it on the running event loop."""
        place = self._places[job.segment.index]
        # The worker's times are dated by the coordinator's clock, whatever its own says.
        offset_s = job.epoch_offset_s
        if offset_s is not None:
            offset_s -= place.clock.monotonic_ahead_s
        given = WorkerJob(replace(job, epoch_offset_s=offset_s), self._archive)
        return _RayWorker(place, given, on_message, on_gone)


class _RayWorker:
    def __init__(
        self,
        place: Place,
        given: WorkerJob,
        on_message: Callable[[FromWorker], None],
        on_gone: Callable[[str], None],
    ) -> None:
        self.name = f"node {place.name}"
        self._actor = place.actor
        self._reports = Reports(on_message, on_gone)
        self._stream = self._actor.work.options(num_returns="streaming").remote(given)
        self._thread = threading.Thread(
            target=self._read, name="gharial-worker-reader", daemon=True
        )
        self._thread.start()

    def send(self, message: ToWorker) -> None:
        """Tell it something; without effect once it is gone."""
        _hear(self._actor, (message,))

    def release(self) -> None:
        """Let it go; never waits. All that it had to say is here."""
        _kill(self._actor)

    async def left(self) -> None:
        """Return once nothing of it is left, or its time for leaving is over."""
        await asyncio.to_thread(self._thread.join, LEAVE_LIMIT_S)

    def kill(self) -> None:
        """End it at once."""
        _kill(self._actor)

    def _read(self) -> None:
        reason = _ENDED
        try:
            for reference in self._stream:
                for message in ray.get(reference):
                    self._reports.message(message)
        except RayActorError as error:
            reason = _gone_reason(error)
        except RayError as error:
            reason = f"it failed: {_first_line(error)}"
        self._reports.gone(reason)


def start_head(cpus: int, folder: str) -> tuple[str, Callable[[], None]]:
    """
    Start a cluster of this machine alone.

    Args:
        cpus: How many CPUs it has to give.
        folder: Where it keeps its files.

    Returns:
        Its address, and what ends it.

    """
    from ray.cluster_utils import Cluster

    cluster = Cluster(
        initialize_head=True,
        head_node_args={
            "num_cpus": cpus,
            # Without it, Ray takes the address of some network.
            "node_ip_address": LOCAL_ADDRESS,
            "include_dashboard": False,
            "temp_dir": folder,
        },
    )
    return cluster.address, cluster.shutdown


# -- The inside ------------------------------------------------------------------------


def _take_signals_back() -> None:
    """Undo the handler of SIGTERM that Ray's C++ puts before Python's, with its stack."""
    if threading.current_thread() is threading.main_thread():
        handler = signal.getsignal(signal.SIGTERM)
        if handler is not None:
            signal.signal(signal.SIGTERM, handler)


def _keep_stdout_clean() -> None:
    """
    Let Ray print nothing of actors that died; the reader of their stream sees it, too.

    ``log_to_driver=False`` leaves those lines in, and they go to stdout.
    """
    if hasattr(ray._private.worker, "print_to_stdstream"):
        ray._private.worker.print_to_stdstream = lambda *_, **__: None


def _answers(references: list[Any]) -> list[Any]:
    try:
        return list(ray.get(references, timeout=CALL_LIMIT_S))
    except GetTimeoutError:
        raise ClusterError(
            f"a worker did not answer within {CALL_LIMIT_S:g} s of its start"
        ) from None
    except RayError as error:
        if "ModuleNotFoundError" in str(error) or "No module named" in str(error):
            raise ClusterError(
                "a node of the cluster does not have Gharial; install the same version "
                "there ('pip install \"gharial[ray]\"') in the Python that Ray runs in"
            ) from error
        raise ClusterError(f"a worker failed: {_first_line(error)}") from error


def _exchanges(actor: Any) -> Iterator[Exchange]:
    for _ in range(EXCHANGES):
        asked_at = read_clocks()
        answer = _answers([actor.clocks.remote()])[0]
        yield Exchange(asked_at, answer, read_clocks())


def _hear(actor: Any, messages: Sequence[ToWorker]) -> None:
    # Whether it is there is seen by its stream, not here.
    with contextlib.suppress(Exception):
        actor.hear.remote(messages)


def _kill(actor: Any) -> None:
    with contextlib.suppress(Exception):
        ray.kill(actor, no_restart=True)


def _kill_tree(pid: int) -> None:
    with contextlib.suppress(psutil.Error):
        head = psutil.Process(pid)
        for each in [*head.children(recursive=True), head]:
            with contextlib.suppress(psutil.Error):
                each.kill()


def _first_line(error: BaseException) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[0] if lines else type(error).__name__


def _gone_reason(error: RayActorError) -> str:
    # Ray's sentence ends with a full stop, and names a task, which people know nothing of.
    found = _first_line(error).rstrip(".")
    return _ENDED if found.startswith("The actor died unexpectedly") else found


def _cpus(resources: Callable[[], Any]) -> int:
    return int(resources().get("CPU", 0))
