"""Polygon's REST interface on this machine, with pages that a ``next_url`` leads through."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

KEY = "polygon-secret"
NEW_YORK = ZoneInfo("America/New_York")
NOW = datetime(2024, 6, 7, 12, 0, tzinfo=UTC)
SESSION = datetime(2024, 6, 6, 13, 30, tzinfo=UTC)
LISTED = {
    "IBM": {"name": "International Business Machines", "market": "stocks", "active": True},
    "GONE": {"name": "Gone Corp.", "market": "stocks", "active": False},
    "X:BTCUSD": {"name": "Bitcoin", "market": "crypto", "active": True},
}


def millis(moment):
    return round(moment.timestamp() * 1000)


def nanos(moment):
    return round(moment.timestamp() * 1_000_000) * 1000


class Polygon:
    """``page`` is how many rows a page has."""

    def __init__(self, page=2):
        self.page = page
        self.base = ""
        self.days = [date(2024, 6, day) for day in (3, 4, 5, 6, 7)]
        self.minutes = [SESSION + timedelta(minutes=step) for step in range(7)]
        self.ticks = [SESSION + timedelta(milliseconds=150 * step) for step in range(9)]
        self.paid, self.splits = [], []
        self.contracts = [
            contract(kind, strike) for strike in (170, 175) for kind in ("put", "call")
        ]

    def __call__(self, path, query, headers):
        if headers.get("authorization") != f"Bearer {KEY}":
            return 401, {"status": "ERROR", "error": "Unknown API Key"}
        parts = path.strip("/").split("/")
        if path.startswith("/v3/reference/tickers/"):
            told = LISTED.get(parts[-1])
            if told is None:
                return 404, {"status": "NOT_FOUND", "message": "Ticker not found."}
            more = {"ticker": parts[-1], "currency_name": "usd", "primary_exchange": "XNYS"}
            return 200, {"status": "OK", "results": told | more}
        return 200, self._paged(path, query, self._rows(parts, query))

    def _rows(self, parts, query):
        if parts[:2] == ["v3", "reference"]:
            rows = self.paid if parts[2] == "dividends" else self.splits
            return [row for row in rows if row["ticker"] == query["ticker"]]
        if parts[1] == "aggs":
            return self._bars(
                parts[3], parts[6], int_or_text(parts[7]), int_or_text(parts[8]), query
            )
        if parts[1] == "trades":
            return [trade(at, n) for n, at in enumerate(self.ticks) if within(at, query)]
        if parts[1] == "quotes":
            return [quote(at, n) for n, at in enumerate(self.ticks) if within(at, query)]
        assert parts[:3] == ["v3", "snapshot", "options"]
        return self.contracts if parts[3] == "IBM" else []

    def _bars(self, ticker, timespan, first, last, query):
        if timespan == "day":
            split = 2 if query.get("adjusted") == "true" else 1
            zone = UTC if ticker.startswith("X:") else NEW_YORK
            at = [datetime(day.year, day.month, day.day, tzinfo=zone) for day in self.days]
            return [bar(moment, split if n < 2 else 1) for n, moment in enumerate(at)]
        return [bar(at) for at in self.minutes if first <= millis(at) <= last]

    def _paged(self, path, query, rows):
        begin = int(query.get("cursor", 0))
        answer = {"status": "OK", "results": rows[begin : begin + self.page]}
        if begin + self.page < len(rows):
            kept = {**query, "cursor": str(begin + self.page)}
            words = "&".join(f"{name}={value}" for name, value in kept.items())
            answer["next_url"] = f"https://api.massive.com{path}?{words}"
        return answer


def int_or_text(text):
    return int(text) if text.isdigit() else text


def within(at, query):
    return int(query["timestamp.gte"]) <= nanos(at) < int(query["timestamp.lt"])


def bar(at, split=1):
    prices = {"o": 10.1, "h": 10.6, "l": 9.6, "c": 10.2}
    return {name: value / split for name, value in prices.items()} | {"v": 1000.5, "t": millis(at)}


def trade(at, n):
    return {
        "price": 170.01 + n,
        "size": 100,
        "sip_timestamp": nanos(at),
        "participant_timestamp": nanos(at) - 350_123,
        "conditions": [12],
        "sequence_number": n,
        "a_field_of_tomorrow": 1,
    }


def quote(at, n):
    return {
        "bid_price": 170.0,
        "ask_price": 170.02 + n,
        "bid_size": 2,
        "ask_size": 3,
        "sip_timestamp": nanos(at),
        "participant_timestamp": nanos(at) - 350_123,
    }


def contract(kind, strike, shares=100):
    return {
        "details": {
            "contract_type": kind,
            "expiration_date": "2024-06-21",
            "strike_price": strike,
            "shares_per_contract": shares,
            "ticker": f"O:IBM240621{kind[0].upper()}00{strike}000",
            "exercise_style": "american",
        },
        "day": {"volume": 12, "last_updated": nanos(SESSION)},
        "last_quote": {"bid": 1.25, "ask": 1.3, "bid_size": 4, "ask_size": 7},
        "last_trade": {"price": 1.28, "sip_timestamp": nanos(SESSION)},
        "greeks": {"delta": 0.51, "gamma": 0.03, "theta": -0.08, "vega": 0.12},
        "implied_volatility": 0.2212,
        "open_interest": 1543,
        "underlying_asset": {"ticker": "IBM"},
    }
