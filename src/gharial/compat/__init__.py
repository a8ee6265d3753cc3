"""
Python's own WebSocket clients, on Gharial's: what is sent through them is measured.

``install()`` at the top of a script puts them in the place of the packages' own, for
client libraries that open sockets through these. `gharial.compat.websockets` and
`gharial.compat.aiohttp` are the same to import by name.
"""

from gharial.compat.installing import install

__all__ = ["install"]
