"""
The APIs of ``websockets`` and aiohttp on Gharial's sockets, so that they are measured.

``install()`` at the top of a script replaces the packages' own clients, also for the
libraries that use them. `gharial.compat.websockets` and `gharial.compat.aiohttp` are the
same clients, to import by name.
"""

from gharial.compat.installing import install

__all__ = ["install"]
