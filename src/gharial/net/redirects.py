"""What redirects of sockets and of HTTP requests have in common."""

STATUSES = frozenset({301, 302, 303, 307, 308})


BOUND_HEADERS = frozenset({"authorization", "cookie", "host", "proxy-authorization"})
"""Headers that are meant for one origin (scheme, host and port), in lower case."""
