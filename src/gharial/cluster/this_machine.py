"""Finds the clusters that this machine belongs to, by its processes."""

import socket
from collections.abc import Iterator

import psutil

from gharial.cluster.errors import ClusterError
from gharial.options.cluster_address import ClusterAddress


def address_here(wanted: ClusterAddress) -> str:
    """
    Return the address of the cluster that this machine belongs to.

    Ray says "connected" to a driver on a machine without one, which ends the whole
    process ten seconds later.

    Args:
        wanted: The cluster of this run; not a local one.

    Raises:
        ClusterError: If it belongs to none, to another one, or to several.

    """
    here = sorted(set(_clusters_here()))
    if not wanted.is_auto:
        if _resolved(wanted.text) not in {_resolved(each) for each in here}:
            raise ClusterError(
                f"this machine does not belong to the cluster at {wanted.text}"
                + (f" (but to {', '.join(here)})" if here else "")
                + f"; run 'ray start --address={wanted.text}' here first, or submit the "
                "run as a job"
            )
        return wanted.text
    if not here:
        raise ClusterError(
            "this machine does not belong to a cluster; run 'ray start --head' here, or "
            "'ray start --address=HOST:6379' to join one, or use --cluster local"
        )
    if len(here) > 1:
        raise ClusterError(
            f"this machine belongs to several clusters: {', '.join(here)}; name one of "
            "them with --cluster"
        )
    return here[0]


def _clusters_here() -> Iterator[str]:
    flag = "--gcs-address="
    for process in psutil.process_iter(["name", "cmdline"]):
        if process.info["name"] in ("raylet", "raylet.exe"):
            for argument in process.info["cmdline"] or ():
                if argument.startswith(flag):
                    yield argument.removeprefix(flag)


def _resolved(address: str) -> str:
    host, _, port = address.rpartition(":")
    try:
        found = socket.getaddrinfo(host.strip("[]"), port, type=socket.SOCK_STREAM)
    except OSError:
        return address
    return f"{found[0][4][0]}:{port}"
