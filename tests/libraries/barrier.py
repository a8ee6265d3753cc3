"""Where virtual users wait for each other, and for what is done meanwhile."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self


class _Server(ThreadingHTTPServer):
    request_queue_size = 1024
    daemon_threads = True


class Barrier:
    """
    An HTTP server that answers once it is opened.

    Attributes:
        url: Where virtual users come to.

    """

    def __init__(self, limit_s: float) -> None:
        arrivals: list[None] = []
        opened = threading.Event()

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                arrivals.append(None)
                opened.wait(limit_s)
                self.send_response(204)
                self.end_headers()

            def log_message(self, *arguments: object) -> None:
                """Write nothing."""

        self._arrivals, self._opened = arrivals, opened
        self._server = _Server(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever)
        self.url = f"http://127.0.0.1:{self._server.server_port}/"

    @property
    def arrived(self) -> int:
        """How many have come."""
        return len(self._arrivals)

    def open(self) -> None:
        """Let all go on, now and later."""
        self._opened.set()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.open()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
