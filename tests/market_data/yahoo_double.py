"""Yahoo's chart service on this machine, for the unmodified yfinance.

Every request that yfinance makes to a yahoo.com host is sent to a local server instead; the
server speaks the chart service's JSON for one symbol and answers 404 for the rest.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

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


def minutes(
    opens: datetime, count: int, split_at: int | None = None, **meta: object
) -> dict[str, object]:
    """``count`` minutes from ``opens``; those before a split are of the day before, and halved."""
    days = [timedelta(days=0 if split_at is None or n >= split_at else -1) for n in range(count)]
    begins = [opens + day for day in days]
    stamps = [int((at + timedelta(minutes=n)).timestamp()) for n, at in enumerate(begins)]
    factor = [0.5 if split_at is not None and n < split_at else 1.0 for n in range(count)]
    whole = chart(dataGranularity="1m", range="", **meta)
    told = whole["chart"]["result"][0]  # type: ignore[index]
    told["timestamp"] = stamps
    told["events"] = {}
    if split_at is not None:
        split = {"date": stamps[split_at], "numerator": 2, "denominator": 1, "splitRatio": "2:1"}
        told["events"] = {"splits": {str(stamps[split_at]): split}}
    quote = {
        "open": [20.0 * f for f in factor],
        "high": [20.5 * f for f in factor],
        "low": [19.5 * f for f in factor],
        "close": [20.25 * f for f in factor],
        "volume": [1000 / f for f in factor],
    }
    told["indicators"] = {"quote": [quote]}
    return whole


def options(symbol: str, expiries: list[int]) -> Any:
    """Two strikes of each expiry, asked for one by one."""

    def row(kind: str, day: int, strike: int) -> dict[str, object]:
        return {
            "contractSymbol": f"{symbol}{day}{kind}{strike:08d}",
            "strike": strike,
            "currency": "USD",
            "lastPrice": 1.28,
            "bid": 1.25,
            "ask": 0,
            "volume": 12,
            "openInterest": 1543,
            "contractSize": "REGULAR",
            "lastTradeDate": int(DAYS[-1].timestamp()),
            "impliedVolatility": 0.2212,
            "inTheMoney": False,
        }

    def answer(query: dict[str, str]) -> dict[str, object]:
        day = int(query.get("date", expiries[0]))
        rows = {
            name: [row(kind, day, strike) for strike in (170, 175)]
            for name, kind in (("calls", "C"), ("puts", "P"))
        }
        told = {
            "expirationDates": expiries,
            "quote": {},
            "options": [{"expirationDate": day} | rows],
        }
        return {"optionChain": {"error": None, "result": [told]}}

    return answer


class Double:
    """The server's address, a session that leads to it, and what it was asked."""

    def __init__(self, server: ThreadingHTTPServer) -> None:
        self.host, self.port = str(server.server_address[0]), int(server.server_address[1])
        self.asked: list[str] = []
        self.spans: list[dict[str, str]] = []
        self.status = 200
        self.page = ""
        # By symbol; by symbol and interval, or "options", a function of the query.
        self.answers: dict[str, Any] = {"IBM": chart()}
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
            path, query = urlsplit(self.path).path, dict(parse_qsl(urlsplit(self.path).query))
            status, body = 404, json.dumps(NOT_FOUND)
            if path == "/v1/test/getcrumb":
                status, body = 200, "crumb"
            elif path.startswith("/v8/finance/chart/"):
                name = path.rpartition("/")[2]
                holder[0].spans.append(query)
                answer = holder[0].answers.get(f"{name} {query.get('interval')}")
                answer = answer(query) if answer else holder[0].answers.get(name)
                if answer is not None:
                    status = holder[0].status
                    body = json.dumps(answer) if status == 200 else "down for maintenance"
            elif path.startswith("/v7/finance/options/"):
                answer = holder[0].answers.get(f"{path.rpartition('/')[2]} options")
                status = holder[0].status
                told = answer(query) if answer else {"optionChain": {"result": []}}
                body = json.dumps(told) if status == 200 else "down for maintenance"
            if holder[0].page:
                status, body = 200, holder[0].page
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
