"""Public REST interfaces of Binance, Coinbase and Kraken on this machine, as they document them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

NOW = datetime(2024, 6, 7, 12, 0, 30, tzinfo=UTC)
START = datetime(2024, 6, 7, 9, 0, tzinfo=UTC)
DAYS = [date(2024, 6, day) for day in (3, 4, 5, 6, 7)]
MINUTE_MS = 60_000
LENGTHS = {"1m": 60, "5m": 300, "1h": 3600, "1d": 86400}
NAMES = {"ONE_MINUTE": "1m", "FIVE_MINUTE": "5m", "ONE_HOUR": "1h", "ONE_DAY": "1d"}


def millis(moment):
    return round(moment.timestamp() * 1000)


def iso(ms):
    return f"{datetime.fromtimestamp(ms / 1000, UTC):%Y-%m-%dT%H:%M:%S.%f}Z"


class Exchange:
    """``most`` is how many rows one answer has at most, whatever was asked for."""

    def __init__(self, most=1000):
        self.most = most
        self.opens = {
            "1d": [millis(datetime(d.year, d.month, d.day, tzinfo=UTC)) for d in DAYS],
            # Nothing was traded in the fourth minute.
            "1m": [millis(START) + MINUTE_MS * n for n in range(12) if n != 3],
        }
        # (number, milliseconds); two at once, and a tenth that is later than the ninth.
        self.happened = [(n, millis(START) + 400 * ((n + 1) // 2)) for n in range(1, 25)]
        self.listed = {"BTC": "online", "GONE": "offline"}
        self.products = []

    def candles(self, frame, first, last, most):
        found = [at for at in self.opens.get(frame, []) if first <= at <= last]
        return found[: min(most, self.most)]

    def traded(self, first, last):
        return [row for row in self.happened if first <= row[1] <= last]


class Binance(Exchange):
    """developers.binance.com: spot REST API, market data endpoints."""

    def __call__(self, path, query, headers):
        assert path.startswith("/api/v3/"), path
        what = path.removeprefix("/api/v3/")
        if what != "exchangeInfo" and query["symbol"] not in ("BTCUSDT", "GONEUSDT"):
            return 400, {"code": -1121, "msg": "Invalid symbol."}
        return 200, getattr(self, what.replace("/", "_").lower())(query)

    def exchangeinfo(self, query):
        return {"timezone": "UTC", "symbols": [self._symbol(b, s) for b, s in self.listed.items()]}

    def _symbol(self, base, state):
        return {
            "symbol": f"{base}USDT",
            "status": "TRADING" if state == "online" else "BREAK",
            "baseAsset": base,
            "quoteAsset": "USDT",
            "baseAssetPrecision": 8,
            "quotePrecision": 8,
            "isSpotTradingAllowed": True,
            "permissions": ["SPOT"],
            "filters": [
                {"filterType": "PRICE_FILTER", "minPrice": "0.01", "tickSize": "0.01000000"},
                {"filterType": "LOT_SIZE", "minQty": "0.00001", "stepSize": "0.00001000"},
            ],
        }

    def klines(self, query):
        first, last = int(query.get("startTime", 0)), int(query.get("endTime", 9e15))
        found = self.candles(query["interval"], first, last, int(query.get("limit", 500)))
        prices = ["67000.01000000", "67100.50000000", "66900.00000000", "67050.25000000"]
        return [[at, *prices, "12.50000000", at + 1, "1.0", 9, "1.0", "1.0", "0"] for at in found]

    def aggtrades(self, query):
        first, last = int(query.get("startTime", 0)), int(query.get("endTime", 9e15))
        assert "startTime" not in query or last - first < 3_600_000
        found = self.traded(first, last)[-min(int(query.get("limit", 500)), self.most) :]
        return [
            {"a": n, "p": f"670{n:02}.10", "q": "0.00150000", "f": n, "l": n, "T": at, "m": False}
            for n, at in found
        ]

    def ticker_24hr(self, query):
        return {
            "symbol": query["symbol"],
            "bidPrice": "67000.01000000",
            "bidQty": "1.25000000",
            "askPrice": "67000.02000000",
            "askQty": "0.50000000",
            "lastPrice": "67000.02000000",
            "openTime": millis(NOW) - 86_400_000,
            "closeTime": millis(NOW) - 250,
        }


class Coinbase(Exchange):
    """docs.cdp.coinbase.com: Advanced Trade API, public products."""

    def __call__(self, path, query, headers):
        parts = path.removeprefix("/api/v3/brokerage/market/").split("/")
        if parts == ["products"]:
            spot = "product_type" not in query
            rows = [self.product(base, state) for base, state in self.listed.items()]
            rows += self.products
            return 200, {"products": rows if spot else []}
        if parts == ["product_book"]:
            return 200, {"pricebook": self._book()}
        if parts[1] not in ("BTC-USD", "GONE-USD"):
            return 404, {"error": "NOT_FOUND", "message": "valid product_id is required"}
        return 200, getattr(self, parts[2])(query)

    def product(self, base, state):
        return {
            "product_id": f"{base}-USD",
            "base_increment": "0.00000001",
            "quote_increment": "0.01",
            "price_increment": "0.01",
            "quote_min_size": "1",
            "status": "online",
            "trading_disabled": state != "online",
            "product_type": "SPOT",
            "quote_currency_id": "USD",
            "base_currency_id": base,
            "alias_to": [],
        }

    def _book(self):
        return {
            "product_id": "BTC-USD",
            "bids": [{"price": "67000.01", "size": "1.25"}, {"price": "66999", "size": "9"}],
            "asks": [{"price": "67000.02", "size": "0.5"}],
            "time": iso(millis(NOW) - 250),
        }

    def candles(self, query):
        first, last = int(query["start"]) * 1000, int(query["end"]) * 1000
        frame = NAMES[query["granularity"]]
        assert (last - first) // LENGTHS[frame] <= 350_000, "too many candles"
        found = super().candles(frame, first, last, 350)
        prices = {"low": "66900", "high": "67100.5", "open": "67000.01", "close": "67050.25"}
        rows = [{"start": str(at // 1000), **prices, "volume": "12.5"} for at in found]
        return {"candles": rows[::-1]}  # the newest first

    def ticker(self, query):
        first, last = (
            int(query.get(name, unset)) * 1000 for name, unset in (("start", 0), ("end", 9e12))
        )
        # The latest of the span, the newest first.
        found = self.traded(first, last)[-min(int(query["limit"]), self.most) :][::-1]
        rows = [
            {"trade_id": str(n), "product_id": "BTC-USD", "price": f"670{n:02}.1", "size": "0.0015",
             "time": iso(at), "side": "BUY"}
            for n, at in found
        ]  # fmt: skip
        return {"trades": rows, "best_bid": "67000.01", "best_ask": "67000.02"}


class Kraken(Exchange):
    """docs.kraken.com: spot REST API, market data; its answers are arrays of numbers and text."""

    def __call__(self, path, query, headers):
        return 200, {"error": [], "result": getattr(self, path.rsplit("/", 1)[1].lower())(query)}

    def assetpairs(self, query):
        pair = {
            "altname": "XBTUSD",
            "wsname": "XBT/USD",
            "base": "XXBT",
            "quote": "ZUSD",
            "pair_decimals": 1,
            "lot_decimals": 8,
            "tick_size": "0.1",
            "ordermin": "0.0001",
            "status": "online",
            "fees": [],
            "fees_maker": [],
        }
        return {"XXBTZUSD": pair}

    def assets(self, query):
        return {}

    def ticker(self, query):
        told = {"a": ["67000.2", "1", "0.5"], "b": ["67000.1", "1", "1.25"], "c": ["67000", "0.1"],
                "v": ["1", "2"], "p": ["1", "2"], "t": [1, 2], "l": ["1", "2"], "h": ["1", "2"],
                "o": "1"}  # fmt: skip
        return {"XXBTZUSD": told}

    def ohlc(self, query):
        frame = {"1": "1m", "1440": "1d"}[query["interval"]]
        rows = [
            [at // 1000, "67000.1", "67100.5", "66900.0", "67050.2", "67000.0", "12.5", 9]
            for at in self.opens[frame][-self.most :]
            if at // 1000 >= int(query.get("since", 0))
        ]
        return {"XXBTZUSD": rows, "last": 0}

    def trades(self, query):
        found = self.happened[-self.most :]
        rows = [[f"670{n:02}.1", "0.0015", at / 1000, "b", "l", "", n] for n, at in found]
        return {"XXBTZUSD": rows, "last": "0"}


def urls(exchange, rest, stream=""):
    """What takes the place of ccxt's addresses."""
    at = {
        "binance": {"public": f"{rest}/api/v3", "ws": {"spot": f"{stream}/ws"}},
        "coinbase": {"rest": rest, "ws": stream},
        "kraken": {"public": rest},
    }
    return {"api": at[exchange]}


AFTER = START + timedelta(minutes=12)
