"""Yahoo's chart service on this machine, for the unmodified yfinance.

Every request that yfinance makes to a yahoo.com host is sent to a local server instead; the
server speaks the chart service's JSON for one symbol and answers 404 for the rest.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter

DAYS = [datetime(2024, 6, day, 13, 30, tzinfo=UTC) for day in (3, 4, 5, 6)]
SPLIT_DAY = DAYS[2]
NOT_FOUND = {"chart": {"result": None, "error": {"code": "Not Found", "description": "No data"}}}


def chart(**meta: object) -> dict[str, object]:
    """Four days with a 2:1 split before the third; prices split-adjusted, as Yahoo gives them."""
    stamps = [int(day.timestamp()) for day in DAYS]
    last = stamps[-1]
    period = {"timezone": "EDT", "start": last, "end": last + 23400, "gmtoffset": -14400}
    return {
        "chart": {
            "error": None,
            "result": [
                {
                    "meta": {
                        "currency": "USD",
                        "symbol": "IBM",
                        "exchangeName": "NYQ",
                        "fullExchangeName": "NYSE",
                        "instrumentType": "EQUITY",
                        "exchangeTimezoneName": "America/New_York",
                        "timezone": "EDT",
                        "gmtoffset": -14400,
                        "longName": "International Business Machines",
                        "dataGranularity": "1d",
                        "range": "max",
                        "validRanges": ["1d", "max"],
                        "firstTradeDate": stamps[0],
                        "priceHint": 2,
                        "regularMarketTime": last,
                        "currentTradingPeriod": dict.fromkeys(("pre", "regular", "post"), period),
                    }
                    | meta,
                    "timestamp": stamps,
                    "events": {
                        "splits": {
                            str(stamps[2]): {
                                "date": stamps[2],
                                "numerator": 2,
                                "denominator": 1,
                                "splitRatio": "2:1",
                            }
                        },
                        "dividends": {str(last): {"amount": 0.5, "date": last}},
                    },
                    "indicators": {
                        "quote": [
                            {
                                "open": [10.0, 10.1, 10.2, 10.3],
                                "high": [10.5, 10.6, 10.7, 10.8],
                                "low": [9.5, 9.6, 9.7, 9.8],
                                "close": [10.1, 10.2, 10.300000190734863, 10.4],
                                "volume": [1000, 2000, 3000, 4000],
                            }
                        ],
                        "adjclose": [{"adjclose": [9.6, 9.7, 9.8, 10.4]}],
                    },
                }
            ],
        }
    }


class Double:
    """The server's address, a session that leads to it, and what it was asked."""

    def __init__(self, server: ThreadingHTTPServer) -> None:
        self.host, self.port = str(server.server_address[0]), int(server.server_address[1])
        self.asked: list[str] = []
        self.status = 200
        self.answers: dict[str, dict[str, object]] = {"IBM": chart()}
        self.session = requests.Session()
        self.session.mount("https://", _Local(self))


class _Local(HTTPAdapter):
    def __init__(self, double: Double) -> None:
        self._double = double
        super().__init__()

    def send(self, request: requests.PreparedRequest, **kw: object) -> requests.Response:  # type: ignore[override]
        parts = urlsplit(request.url or "")
        self._double.asked.append(f"{parts.hostname}{parts.path}")
        request.url = (
            f"http://{self._double.host}:{self._double.port}{parts.path or '/'}?{parts.query}"
        )
        return super().send(request, **kw)  # type: ignore[arg-type]


@contextmanager
def yahoo_double() -> Iterator[Double]:
    """A running double; it ends with the block."""
    holder: list[Double] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = urlsplit(self.path).path
            status, body = 404, json.dumps(NOT_FOUND)
            if path == "/v1/test/getcrumb":
                status, body = 200, "crumb"
            elif path.startswith("/v8/finance/chart/"):
                answer = holder[0].answers.get(path.rpartition("/")[2])
                if answer is not None:
                    status = holder[0].status
                    body = json.dumps(answer) if status == 200 else "down for maintenance"
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *args: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    holder.append(Double(server))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield holder[0]
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
