"""Questions to Polygon (now Massive) through its own client: rows, nothing, or an error."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from itertools import islice
from typing import Any, TypeVar

import urllib3
from massive import RESTClient
from massive.exceptions import BadResponse

from tools.domain.errors import DataUnavailable
from tools.market_data.feeds.body import silent, whole
from tools.market_data.feeds.resilience.failure import Unanswered
from tools.market_data.feeds.rest import documented, judged, read_json

T = TypeVar("T")
URL, STREAM_URL = "https://api.massive.com", "wss://socket.massive.com"
# A page of rows at most, and rows at most of one question: a busy share's day of quotes.
PAGE, ROWS = 50_000, 3_000_000


class PolygonSource:
    """The unmodified client, on a transport of ours that ends every wait and tells faults apart.

    The client itself would take an answer that can't be read for an empty one, and would try again
    by itself without regard to how long it was asked to wait.
    """

    def __init__(self, key: str, url: str = URL, seconds: float = 10.0) -> None:
        """``seconds`` is for each page."""
        pool = {"retries": urllib3.Retry(False, redirect=False)}
        self.client = RESTClient(
            key,
            connect_timeout=seconds,
            read_timeout=seconds,
            base=url.rstrip("/"),
            custom_json=_Exact,
            connection_pool_kw=pool,
        )
        self.client.client = _Watched(self.client.client, seconds)

    def rows(self, ask: Callable[[RESTClient], Iterable[T]]) -> list[T]:
        """Every row of every page; empty where Polygon has nothing of the kind."""
        try:
            with documented("Polygon"):
                found = list(islice(ask(self.client), ROWS + 1))
        except _Nothing:
            return []
        except BadResponse:
            raise Unanswered("Polygon's answer can't be read.") from None
        if len(found) > ROWS:
            raise DataUnavailable("That is too much of Polygon at once: ask for a shorter span.")
        return found


class _Nothing(Exception):
    """404: there is no such thing."""


class _Exact:
    """JSON with exact numbers, whose faults the client does not swallow."""

    @staticmethod
    def loads(text: str) -> Any:
        return read_json("Polygon", text.encode())


class _Answer:
    """What the client reads of a response."""

    def __init__(self, status: int, headers: Mapping[str, str], data: bytes) -> None:
        self.status, self.headers, self.data = status, headers, data


class _Watched:
    """The client's pool of connections, with an end to each answer and its faults as ours."""

    def __init__(self, pool: urllib3.PoolManager, seconds: float) -> None:
        self._pool, self._seconds = pool, seconds

    def request(self, method: str, url: str, **named: Any) -> _Answer:
        try:
            answer = self._pool.request(method, url, preload_content=False, **named)
            data = self._whole(answer)
        except (urllib3.exceptions.HTTPError, OSError) as error:
            waited = isinstance(error, urllib3.exceptions.TimeoutError | TimeoutError)
            # To the library a port that is closed is a kind of time-out.
            if waited and not isinstance(error, urllib3.exceptions.NewConnectionError):
                raise silent("Polygon", self._seconds) from None
            raise Unanswered(f"Polygon could not be reached ({type(error).__name__}).") from None
        found = judged("Polygon", "POLYGON_API_KEY", answer.status, answer.headers, data, _words)
        if not found:
            raise _Nothing
        return _Answer(answer.status, answer.headers, data)

    def _whole(self, answer: urllib3.BaseHTTPResponse) -> bytes:
        try:
            parts = iter(lambda: answer.read1(2**16, decode_content=True), b"")
            found = whole("Polygon", parts, self._seconds)
        except BaseException:
            answer.close()  # what is left of it would be taken for the next answer
            raise
        answer.release_conn()
        return found


def _words(body: Any) -> str:
    said = body.get("error") or body.get("message") if isinstance(body, dict) else None
    return said if isinstance(said, str) else ""


def number(value: object) -> Decimal | None:
    """An exact number of an answer; None for what is none."""
    if isinstance(value, int) and not isinstance(value, bool):
        return Decimal(value)
    return value if isinstance(value, Decimal) and value.is_finite() else None
