"""Replaces the clients of ``websockets`` and aiohttp by ours, once in a process."""

import importlib
import sys
from importlib.util import find_spec
from typing import Any


def install() -> None:
    """
    Let client libraries open Gharial's sockets from now on.

    ``websockets.connect`` and ``aiohttp.ClientSession`` are replaced, also in modules that
    have imported them before; those that Gharial itself uses stay. Call it at the top of a
    script. A second call does nothing.
    """
    if find_spec("websockets") is not None:
        _install_websockets()
    if find_spec("aiohttp") is not None:
        _install_aiohttp()


def _install_websockets() -> None:
    ours = importlib.import_module("gharial.compat.websockets")
    client = importlib.import_module("websockets.asyncio.client")
    package = importlib.import_module("websockets")
    for name in ("connect", "unix_connect"):
        theirs = getattr(client, name)
        replacement = getattr(ours, name)
        if theirs is not replacement:
            setattr(client, name, replacement)
            setattr(package, name, replacement)
            _replace(name, theirs, replacement)


def _install_aiohttp() -> None:
    ours = importlib.import_module("gharial.compat.aiohttp").ClientSession
    package = importlib.import_module("aiohttp")
    theirs = ours.__bases__[0]
    if package.ClientSession is not ours:
        setattr(package, "ClientSession", ours)  # noqa: B010 - it is not to be checked
        _replace("ClientSession", theirs, ours)


def _replace(name: str, theirs: Any, ours: Any) -> None:
    """Replace it in the modules that have imported it by its name."""
    for module_name, module in list(sys.modules.items()):
        if module_name.partition(".")[0] in ("gharial", "websockets", "aiohttp"):
            continue
        if getattr(module, "__dict__", {}).get(name) is theirs:
            setattr(module, name, ours)
