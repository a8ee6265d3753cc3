"""Makes the services that the virtual users of one process share, from the options."""

import asyncio
import logging
from collections.abc import Mapping

from gharial.executors.catalog import scenarios_of
from gharial.lenses import catalog
from gharial.lifecycle.network import local_addresses
from gharial.log_lines import Log
from gharial.metrics.metric import Metric
from gharial.metrics.registry import Registry
from gharial.metrics.samples import SampleBudget
from gharial.metrics.tags import TagSet
from gharial.net.frame_log import FrameLog
from gharial.net.network import Network
from gharial.options.model import Options
from gharial.timing import system_clock
from gharial.virtual_user.blocking import Blocking
from gharial.virtual_user.context import RunContext, VuServices
from gharial.virtual_user.instruments import Measurements
from gharial.virtual_user.settings import network_settings, vu_settings


def new_registry(
    metrics: tuple[Metric, ...], log: Log | None = None, *, keeps_samples: bool = False
) -> Registry:
    """
    Return a registry that knows the script's own metrics, too.

    Args:
        metrics: The script's.
        log: Where to warn of many series, in the registry that keeps all of them.
        keeps_samples: Whether single values are wanted.

    """
    registry = Registry(
        None if log is None else lambda count: _warn_of_series(log, count),
        samples=SampleBudget() if keeps_samples else None,
    )
    for metric in metrics:
        registry.metric(metric.name, metric.type, metric.contains)
    return registry


def vu_services(
    options: Options,
    registry: Registry,
    environment: Mapping[str, str],
    log: Log,
    *,
    epoch_offset_s: float | None = None,
) -> VuServices:
    """
    Return the services of this process; call it on the running event loop.

    Args:
        options: The options.
        registry: Where virtual users measure.
        environment: ``__ENV``.
        log: Where to say something.
        epoch_offset_s: What ties the monotonic clock to the time of day, if another
            process of the run has done so.

    """
    loop = asyncio.get_running_loop()
    clock = system_clock(epoch_offset_s)
    if registry.samples is not None:
        registry.samples.now_epoch_s = clock.epoch_s
    network = Network(network_settings(options))
    # Else the first socket would wait for it.
    catalog.load(options.lenses)
    if options.ws_debug:
        network.frame_log = FrameLog(
            options.ws_debug, lambda text: log(logging.INFO, text, {"source": "frames"})
        )
    return VuServices(
        event_loop=loop,
        clock=clock,
        blocking=Blocking(loop),
        measurements=Measurements(
            registry,
            lambda text, reason: log(
                logging.WARNING, text, {"source": "websocket", "reason": reason}
            ),
            tags=TagSet.of(options.tags),
            epoch_offset_s=clock.epoch_offset_s,
        ),
        network=network,
        run=RunContext(
            options=options.as_script_sees(scenarios_of(options)),
            environment=dict(environment),
        ),
        settings=vu_settings(options, local_addresses(options)),
        log=log,
    )


def _warn_of_series(log: Log, count: int) -> None:
    log(
        logging.WARNING,
        f"{count:,} different sets of tags were measured; each takes memory. Give sockets "
        "a 'name' tag where their URLs have unique parts",
        {"source": "metrics"},
    )
