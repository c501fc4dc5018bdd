"""A server between a log and who reads it, which passes everything on, but for what it is told to change."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

Answer = tuple[int, bytes]
Change = Callable[[str, int, bytes], Answer]
"""Takes path and query of a request, and the status and the body that the log answers; returns others."""


@contextmanager
def between(url: str, change: Change) -> Iterator[str]:
    """Yield the address of a server that answers as the one at `url` does, changed."""

    parts = urlsplit(url)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            wanted = {name: self.headers[name] for name in ("Authorization",) if name in self.headers}
            connection = HTTPConnection(parts.hostname or "", parts.port, timeout=10)
            connection.request("GET", self.path, headers=wanted)
            answer = connection.getresponse()
            status, body = change(self.path, answer.status, answer.read())
            connection.close()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *arguments: Any) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()
