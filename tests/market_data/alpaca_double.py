"""Alpaca's market data on this machine, beside the double of its trading API on the same port.

Both follow Alpaca's documents, to which every request and answer is held. Prices, listings and the
virtual time are those of the trading double's market, so that orders fill at the quotes told here.
"""

from __future__ import annotations

from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from tests.execution.alpaca.document import OF_PRICES
from tests.execution.alpaca.server import SECRET, Handler, Server

NEW_YORK = ZoneInfo("America/New_York")
LAST = date(2026, 1, 5)  # the day of the trading double's START, still under way


class Prices(Handler):
    """One connection."""

    def carried_out(self, command, path, query, body):
        if not path.startswith(OF_PRICES):
            return super().carried_out(command, path, query, body)
        if self.headers.get("APCA-API-SECRET-KEY") != SECRET:
            return 403, {"message": "forbidden."}
        double = self.server
        if path.endswith("/bars") and query["timeframe"] == "1Day":
            return 200, double.page(query, crypto="crypto" in path)
        if path.endswith(("/bars", "/trades", "/quotes")):
            return 200, double.past(path.rpartition("/")[2], query)
        if path.startswith("/v1beta1/options/snapshots/"):
            return 200, double.chain(path.rpartition("/")[2], query)
        told = {
            "/v1/corporate-actions": double.companies,
            "/v2/stocks/snapshots": double.snapshots,
            "/v1beta3/crypto/us/snapshots": lambda query: {"snapshots": double.snapshots(query)},
        }.get(path)
        return (200, told(query)) if told else (404, {"message": "endpoint not found."})


class AlpacaDouble(Server):
    """``rows`` are daily closes with volumes by symbol; from ``split`` on shares are one for two.

    ``traded_at`` and ``quoted_at`` are when that last happened, None for the market's now. ``kept``
    are rows of the past by kind and symbol, as they are told; ``chains`` contracts by underlying;
    ``acts`` corporate actions as pairs of their list's name and a row.
    """

    handler = Prices

    def __init__(self, page=10_000, **kinds):
        super().__init__(**kinds)
        self.page_size = page
        self.split = date(2025, 12, 15)
        self.traded_at = self.quoted_at = None
        self.conditions = ["R"]
        self.quote_extra, self.trade_extra = {}, {}
        self.day_extra = {}
        self.midnight = time(0)
        self.kept, self.chains, self.acts = {}, {}, []
        self.token = lambda after, whole: str(after) if after < whole else None
        self.rows = {
            "IBM": [(day, "200", 4_000_000) for day in weekdays(40)],
            "BTC/USD": [(LAST - timedelta(days=back), "50000", 30) for back in range(40, -1, -1)],
        }

    def page(self, query, *, crypto):
        """One page of bars from the token on."""
        symbol, begin = query["symbols"], int(query.get("page_token", "0"))
        whole = self.rows.get(symbol, [])
        rows = whole[begin : begin + min(self.page_size, int(query["limit"]))]
        told = [self.bar(row, query.get("adjustment", "raw"), crypto=crypto) for row in rows]
        token = self.token(begin + len(rows), len(whole))
        return {"bars": {symbol: told} if told else {}, "next_page_token": token}

    def past(self, kind, query):
        """One page of what was kept between the start and the end, both in it."""
        symbol, begin = query["symbols"], int(query.get("page_token", "0"))
        first, last = (datetime.fromisoformat(query[name]) for name in ("start", "end"))
        whole = [
            row
            for row in self.kept.get((kind, symbol), [])
            if first <= datetime.fromisoformat(row["t"]) <= last
        ]
        rows = whole[begin : begin + min(self.page_size, int(query["limit"]))]
        token = self.token(begin + len(rows), len(whole))
        return {kind: {symbol: rows} if rows else {}, "next_page_token": token}

    def chain(self, underlying, query):
        """One page of contracts."""
        begin, whole = int(query.get("page_token", "0")), self.chains.get(underlying, {})
        some = list(whole.items())[begin : begin + min(self.page_size, int(query["limit"]))]
        token = self.token(begin + len(some), len(whole))
        return {"snapshots": dict(some), "next_page_token": token}

    def companies(self, query):
        """One page of what was processed from the start to the end, both in it."""
        begin, kinds = int(query.get("page_token", "0")), query["types"].split(",")
        whole = [
            (name, row)
            for name, row in sorted(self.acts, key=lambda one: one[1]["process_date"])
            if name.removesuffix("s") in kinds
            and row["symbol"] in query["symbols"].split(",")
            and query["start"] <= row["process_date"] <= query["end"]
        ]
        some = whole[begin : begin + min(self.page_size, int(query["limit"]))]
        found = {}
        for name, row in some:
            found.setdefault(name, []).append(row)
        token = self.token(begin + len(some), len(whole))
        return {"corporate_actions": found, "next_page_token": token}

    def bar(self, row, adjustment, *, crypto):
        day, close, volume = row
        price = float(close)
        if not crypto and adjustment == "raw" and day < self.split:
            price *= 2
        zone = ZoneInfo("UTC") if crypto else NEW_YORK
        begins = datetime.combine(day, self.midnight, zone).astimezone(ZoneInfo("UTC"))
        stamp = begins.isoformat().replace("+00:00", "Z")
        ends = {"o": price, "c": price, "h": price + 1, "l": price - 1, "vw": price}
        return {"t": stamp, "v": volume, "n": 1000} | ends

    def snapshots(self, query):
        symbol = query["symbols"]
        if symbol not in self.market.quotes or symbol not in self.rows:
            return {}
        now = self.market.wall
        bid, ask = map(float, self.market.quotes[symbol])
        quote = {"t": stamped(self.quoted_at or now), "bp": bid, "bs": 300, "ap": ask, "as": 200}
        trade = {"t": stamped(self.traded_at or now), "p": ask, "s": 100, "i": 7}
        if "/" in symbol:
            trade |= {"tks": "B"}
        else:
            quote |= {"bx": "V", "ax": "V", "c": self.conditions, "z": "A"}
            trade |= {"x": "V", "c": ["@"], "z": "A"}
            day = {"t": f"{LAST}T05:00:00Z", "v": 1000, "n": 10, "vw": ask}
            ends = {"o": ask, "c": ask, "h": ask + 1, "l": bid * 0.99} | self.day_extra
            daily = {"dailyBar": day | ends, "prevDailyBar": day | ends}
        told = {"latestQuote": quote | self.quote_extra, "latestTrade": trade | self.trade_extra}
        told |= {} if "/" in symbol else daily
        return {symbol: told}


def stamped(moment):
    """Nanoseconds, as Alpaca writes them."""
    return f"{moment:%Y-%m-%dT%H:%M:%S.%f}123Z"


def weekdays(count):
    """The last ``count`` up to the day under way."""
    days = (LAST - timedelta(days=back) for back in range(2 * count, -1, -1))
    return [day for day in days if day.weekday() < 5][-count:]


@contextmanager
def alpaca_double(**kinds):
    """A running double; it ends with the block, and nothing may have been against the documents."""
    double = AlpacaDouble(**kinds)
    try:
        yield double
    finally:
        double.close()
    assert double.wrong == []
