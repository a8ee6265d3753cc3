"""Reading a script once, before the test, to learn what it defines."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from gharial.errors import ConfigurationError, ExitCode
from gharial.log_lines import Log
from gharial.metrics.metric import Metric
from gharial.metrics.registry import Registry
from gharial.net.network import Network
from gharial.options.model import Options
from gharial.timing import system_clock
from gharial.virtual_user.blocking import Blocking
from gharial.virtual_user.context import RunContext, VuServices
from gharial.virtual_user.instruments import Measurements
from gharial.virtual_user.script import ScriptError
from gharial.virtual_user.settings import network_settings, vu_settings
from gharial.virtual_user.virtual_user import ScriptHost, VirtualUser

# Reading a script takes what its top level takes; it is not part of the test.
READ_LIMIT_S = 60.0


class NothingToRunError(ConfigurationError):
    """
    The script has no function that could be run.

    Attributes:
        path: The script.
        advice: What it lacks and how to write it.

    """

    exit_code = ExitCode.SCRIPT_EXCEPTION

    def __init__(self, path: str, advice: str) -> None:
        super().__init__(f"{path}: the script {advice}")
        self.args = (path, advice)
        self.path = path


@asynccontextmanager
async def first_user(
    host: ScriptHost,
    environment: Mapping[str, str],
    *,
    log: Log,
    options: Options,
) -> AsyncIterator[tuple[VirtualUser, tuple[Metric, ...]]]:
    """
    Return a virtual user that ran the script's top level, and the metrics it defined.

    It measures into a registry of its own and is gone after the block.

    Args:
        host: The script.
        environment: ``__ENV``.
        log: Where its console and warnings go.
        options: What it connects with and may take meanwhile.

    Raises:
        ScriptError: If the top level threw or takes too long.

    """
    event_loop = asyncio.get_running_loop()
    registry = Registry()
    services = VuServices(
        event_loop=event_loop,
        clock=system_clock(),
        blocking=Blocking(event_loop),
        measurements=Measurements(registry),
        network=Network(network_settings(options)),
        run=RunContext(environment=dict(environment)),
        settings=vu_settings(options),
        log=log,
    )
    user = VirtualUser(0, host, services)
    try:
        try:
            async with asyncio.timeout(READ_LIMIT_S):
                await user.start()
        except TimeoutError:
            raise ScriptError(
                f"the script's top level took more than {READ_LIMIT_S:g} s",
                f"    at {host.path}",
            ) from None
        yield user, registry.custom_metrics()
    finally:
        user.close()
        await services.close()
