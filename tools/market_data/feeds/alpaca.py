"""Alpaca's market data through alpaca-py: daily bars, real quotes, and whether trading goes on.

Alpaca's REST interface doesn't tell whether trading in a share is halted, so it is inferred: see
``AlpacaFeed.status``.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from urllib.parse import quote as quoted
from urllib.parse import urlsplit

from tools.alpaca_session import DATA_URL, PAPER_URL, Keys, checked_url
from tools.domain.errors import DataUnavailable
from tools.domain.instrument import Instrument
from tools.domain.market import Bar, Quote
from tools.domain.status import Borrow, Session, Status
from tools.market_data.feeds.alpaca_hours import MarketHours
from tools.market_data.feeds.alpaca_source import AlpacaSource, Api
from tools.market_data.feeds.alpaca_words import (
    Asset,
    Snapshot,
    adjusted_of,
    bars_of,
    instrument_of,
    read,
)
from tools.market_data.feeds.reach import Reachability
from tools.market_data.feeds.short_sale_rule import restricted
from tools.market_data.sessions import trading_day, xnys
from tools.market_data.symbols import pair
from tools.ports import Clock

BARS_KEPT = timedelta(minutes=10)
ASSET_KEPT = timedelta(minutes=1)
# One look at the market serves the quote and the status of one decision.
SEEN_KEPT = timedelta(seconds=1)
# Trading is taken to go on when something was traded or firmly quoted within this time.
ALIVE = timedelta(minutes=5)
# How far Alpaca's clock and ours may differ.
SKEW = timedelta(seconds=2)
# Alpaca's bars of all exchanges begin with 2016; without a subscription their last 15 minutes stay
# closed, which a finished session doesn't need.
FIRST, DELAY = "2016-01-01T00:00:00Z", timedelta(minutes=16)
# How near to the price that restricts short sales one exchange's lowest leaves a doubt, a fraction.
ONE_EXCHANGE = Decimal("0.02")
# The condition of a quote that is firm and two-sided.
REGULAR = ("R",)


class AlpacaFeed:
    """Shares and coins that Alpaca lists; others are left to the next feed.

    Only a host that can't be reached at all counts as absent. Whatever else goes wrong (the keys, a
    rate limit, an error of Alpaca's, an answer that can't be read) raises DataUnavailable, so that
    the prices of a symbol never change their source in silence. Bars are kept for ten minutes of
    ``clock.wall()``, a listing for one, a look at the market for a second.
    """

    name = "alpaca"
    live = True

    def __init__(
        self,
        keys: Keys,
        clock: Clock,
        state: Path | None = None,
        *,
        stock_feed: str = "iex",
        trading_url: str = PAPER_URL,
        data_url: str = DATA_URL,
        seconds: float = 8.0,
    ) -> None:
        """``stock_feed`` is whose quotes and trades of shares: iex, or sip for all exchanges.

        ``trading_url`` is the venue that the keys are of. ``seconds`` is the wait for one answer.
        Raises ConfigError for an address that isn't Alpaca's.
        """
        data_url, trading_url = (checked_url(url, live=True) for url in (data_url, trading_url))
        self._clock, self._stock_feed = clock, stock_feed
        self._source = AlpacaSource(
            keys, clock, data_url=data_url, trading_url=trading_url, seconds=seconds
        )
        self._hours = MarketHours(self._source)
        parts = urlsplit(data_url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
        memory = state / "alpaca_reachable.json" if state else None
        self._reach = Reachability(parts.hostname or "", port, clock, memory)
        self._notice = ""

    def symbols(self) -> tuple[str, ...]:
        """None: Alpaca lists thousands, it is asked by name."""
        return ()

    def instrument(self, symbol: str) -> Instrument | None:
        """The listing, its price step by the last close."""
        asset = self._asset(symbol)
        if asset is None:
            return None
        bars = self.bars(symbol)
        return instrument_of(symbol, asset, bars[-1].close if bars else None)

    def bars(self, symbol: str) -> tuple[Bar, ...] | None:
        """Settled daily bars of all exchanges since 2016; coins as traded at Alpaca."""
        asset = self._asset(symbol)
        if asset is None:
            return None
        ask = self._crypto_bars if asset.kind == "crypto" else self._stock_bars
        return self._source.kept(("bars", symbol), BARS_KEPT, lambda: ask(symbol)) or None

    def quote(self, symbol: str) -> Quote | None:
        """The latest bid and ask; ``event_time`` is the exchange's, ``known_at`` when it came.

        DataUnavailable when there is no bid or no ask now.
        """
        if self._asset(symbol) is None:
            return None
        told, known_at = self._look(symbol)
        now = told.latestQuote
        if now is None or not now.bp or not now.ap:
            raise DataUnavailable(f"Alpaca has no bid and ask of {symbol} now.")
        return Quote(
            symbol,
            now.bp,
            now.ap,
            now.t.astimezone(UTC),
            known_at,
            f"alpaca {'us' if pair(symbol) else self._stock_feed}",
            simulated=False,
            bid_size=now.bs,
            ask_size=now.as_,
        )

    def status(self, symbol: str) -> Status | None:
        """Whether trading in it goes on, the session, and whether it can be borrowed.

        ``halted`` is True for a listing that isn't active. Else it is False while there is a
        session (extended hours too) and the latest trade, or the latest regular quote, is at most
        five minutes old. Otherwise nobody can tell, and it is None. So a halt that began within
        these five minutes isn't seen here: the venue then holds or refuses the order. Whether short
        sales are restricted is derived from prices by ``short_sale_rule``, None where that leaves a
        doubt. Alpaca lends what is easy to borrow without a number: no shares are located.
        """
        asset = self._asset(symbol)
        if asset is None:
            return None
        crypto = asset.kind == "crypto"
        session = Session.OPEN if crypto else self._hours.session(self._clock.wall())
        halted: bool | None = None
        if asset.status != "active":
            halted = True
        elif session is not Session.WAITING and self._alive(symbol):
            halted = False
        restricted = None
        if not crypto and asset.borrow is not Borrow.NONE:
            restricted = self._short_restricted(symbol, session)
        return Status(halted, session, asset.borrow, restricted)

    def label(self, symbol: str) -> str:
        """The same for every symbol."""
        return self.name

    def latest(self) -> datetime | None:
        """The wall's now when Alpaca can be reached, else None."""
        return self._clock.wall() if self._reached() else None

    def notice(self) -> str:
        """That Alpaca could not be reached for the last question, else empty."""
        return self._notice

    def _asset(self, symbol: str) -> Asset | None:
        """The listing of a share or coin, None when Alpaca has none or can't be reached."""
        if not self._reached():
            return None
        return self._source.kept(("asset", symbol), ASSET_KEPT, lambda: self._listed(symbol))

    def _reached(self) -> bool:
        reached = self._reach.ok()
        self._notice = "" if reached else "Alpaca could not be reached"
        return reached

    def _listed(self, symbol: str) -> Asset | None:
        body = self._source.ask(Api.TRADING, f"/assets/{quoted(symbol, safe='')}")
        asset = None if body is None else read(Asset, body)
        # Asked by name, Alpaca may answer with another spelling: that isn't this symbol.
        if asset is None or asset.symbol != symbol or instrument_of(symbol, asset, None) is None:
            return None
        return asset

    def _stock_bars(self, symbol: str) -> tuple[Bar, ...]:
        query = {"feed": "sip", **self._range(symbol)}
        raw, adjusted = (
            self._source.pages(Api.STOCKS, "/stocks/bars", {**query, "adjustment": kind}, symbol)
            for kind in ("raw", "all")
        )
        closes: dict[date, Decimal] = adjusted_of(symbol, "XNYS", adjusted)
        return bars_of(symbol, "XNYS", raw, closes, self._clock.wall())

    def _crypto_bars(self, symbol: str) -> tuple[Bar, ...]:
        rows = self._source.pages(Api.CRYPTO, "/crypto/us/bars", self._range(symbol), symbol)
        return bars_of(symbol, "24/7", rows, {}, self._clock.wall())

    def _range(self, symbol: str) -> dict[str, str]:
        end = (self._clock.wall() - DELAY).astimezone(UTC)
        return {
            "symbols": symbol,
            "timeframe": "1Day",
            "start": FIRST,
            "end": f"{end:%Y-%m-%dT%H:%M:%SZ}",
            "limit": "10000",
        }

    def _short_restricted(self, symbol: str, session: Session) -> bool | None:
        """By the settled days of all exchanges, and what the quotes' own feed saw of today."""
        told, _ = self._look(symbol)
        now = self._clock.wall()
        day, today = told.dailyBar, trading_day("XNYS", now)
        lows: list[Decimal] | None = None
        if day is not None and trading_day("XNYS", day.t) == today:
            lows = [day.l]
        elif session is Session.EXTENDED and now < xnys(today)[0]:
            lows = []
        if lows is not None and told.latestTrade is not None and session is Session.OPEN:
            lows.append(told.latestTrade.p)
        margin = Decimal(0) if self._stock_feed == "sip" else ONE_EXCHANGE
        return restricted(self.bars(symbol) or (), lows, now, margin)

    def _alive(self, symbol: str) -> bool:
        told, _ = self._look(symbol)
        moments = []
        if told.latestTrade is not None and told.latestTrade.u not in ("canceled", "incorrect"):
            moments.append(told.latestTrade.t)
        if told.latestQuote is not None and told.latestQuote.c in (None, REGULAR):
            moments.append(told.latestQuote.t)
        now = self._clock.wall()
        return any(-SKEW <= now - moment <= ALIVE for moment in moments)

    def _look(self, symbol: str) -> tuple[Snapshot, datetime]:
        """The latest trade and quote, and when they came."""
        return self._source.kept(("look", symbol), SEEN_KEPT, lambda: self._snapshot(symbol))

    def _snapshot(self, symbol: str) -> tuple[Snapshot, datetime]:
        if pair(symbol):
            whole = self._source.ask(Api.CRYPTO, "/crypto/us/snapshots", {"symbols": symbol})
            whole = (whole or {}).get("snapshots")
        else:
            query = {"symbols": symbol, "feed": self._stock_feed}
            whole = self._source.ask(Api.STOCKS, "/stocks/snapshots", query)
        body = whole.get(symbol) if isinstance(whole, dict) else None
        return read(Snapshot, body or {}), self._clock.wall()
