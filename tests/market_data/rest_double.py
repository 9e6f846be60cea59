"""A server on this machine that answers as a test tells it to, and can break in every usual way."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

import pytest

# Status and body, as JSON or, given as bytes, as it is; more headers where there are any.
Answer = tuple[int, object] | tuple[int, object, dict[str, str]]


class Double:
    """``answer(path, query, headers)`` gives status and body; ``broken`` names a fault."""

    def __init__(self, answer: Callable[..., Answer]) -> None:
        self.answer = answer
        self.broken = ""
        self.retry_after: str | None = None
        self.asked: list[tuple[str, dict[str, str], dict[str, str]]] = []
        self.url = ""
        self.port = 0
        self.over = threading.Event()


BODIES = {
    "html": b"<!doctype html><html>Sign in</html>",
    "truncated": b'{"results": [{"a": 1.2',
    "empty": b"",
}
FAULTS = (*BODIES, "500", "429", "401", "redirect", "hang-up", "silent", "drip")
BRIEF = 0.9


class _Server(ThreadingHTTPServer):
    double: Double
    daemon_threads = True


def patience(request: pytest.FixtureRequest) -> float:
    """Seconds that a feed waits: few only where the test's fault is that no answer comes."""
    spec = getattr(request.node, "callspec", None)
    fault = None if spec is None else spec.params.get("fault")
    return BRIEF if fault in ("silent", "drip") else 30.0


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    server: _Server

    def do_POST(self) -> None:
        """A form is answered as a question is."""
        self.do_GET()

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        form = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        query = dict(parse_qsl(f"{parts.query}&{form}", keep_blank_values=True))
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.server.double.asked.append((parts.path, query, headers))
        if self.server.double.broken:
            self._break(self.server.double.broken)
            return
        status, body, *more = self.server.double.answer(parts.path, query, headers)
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        self._send(status, raw, dict(*more))

    def _break(self, fault: str) -> None:
        if fault in BODIES:
            self._send(200, BODIES[fault])
        elif fault == "redirect":
            self._send(302, b"{}", {"Location": "http://127.0.0.1:1/elsewhere"})
        elif fault.isdigit():
            self._send(int(fault), b'{"error": "down for maintenance"}')
        else:
            self._stall(fault)
            self.close_connection = True

    def _stall(self, fault: str) -> None:
        if fault == "silent":
            self.server.double.over.wait(30)
        elif fault == "drip":
            self.send_response(200)
            self.send_header("Content-Length", "100000")
            self.end_headers()
            with suppress(OSError):
                while not self.server.double.over.wait(0.01):
                    self.wfile.write(b" ")

    def _send(self, status: int, body: bytes, more: dict[str, str] | None = None) -> None:
        self.send_response(status)
        headers = {"Content-Type": "application/json", "Content-Length": str(len(body))}
        for name, value in {**headers, **(more or {})}.items():
            self.send_header(name, value)
        if self.close_connection:  # as it was asked to; else it would be asked again on this one
            self.send_header("Connection", "close")
        if self.server.double.retry_after is not None:
            self.send_header("Retry-After", self.server.double.retry_after)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        """Quiet."""


@contextmanager
def rest_double(answer: Callable[..., Answer]) -> Iterator[Double]:
    """A running double; it ends with the block."""
    server = _Server(("127.0.0.1", 0), _Handler)
    double = server.double = Double(answer)
    double.port = int(server.server_address[1])
    double.url = f"http://127.0.0.1:{double.port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield double
    finally:
        double.over.set()
        server.shutdown()
        server.server_close()
        thread.join()
