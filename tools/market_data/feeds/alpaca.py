"""Alpaca's market data through alpaca-py: shares, coins and options, past, present and live."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import quote as quoted
from urllib.parse import urlsplit

from tools.alpaca_session import DATA_URL, PAPER_URL, Keys, checked_url, stream_url
from tools.domain.actions import Dividend, StockSplit
from tools.domain.instrument import Instrument
from tools.domain.market import Bar, Quote
from tools.domain.options import OptionQuote
from tools.domain.status import Status
from tools.domain.timeframe import Timeframe
from tools.market_data.columns import BarColumns, QuoteColumns, TickColumns
from tools.market_data.feeds.alpaca_chain import chain_of
from tools.market_data.feeds.alpaca_companies import AlpacaCompanies
from tools.market_data.feeds.alpaca_past import TIMEFRAMES, AlpacaPast
from tools.market_data.feeds.alpaca_present import AlpacaPresent
from tools.market_data.feeds.alpaca_source import AlpacaSource, Api
from tools.market_data.feeds.alpaca_words import Asset, instrument_of, read
from tools.market_data.feeds.feed import Heard, Line
from tools.market_data.feeds.live_line import Patience
from tools.market_data.feeds.reach import Reachability
from tools.market_data.symbols import pair
from tools.ports import Clock

BARS_KEPT = timedelta(minutes=10)
ASSET_KEPT = timedelta(minutes=1)


class AlpacaFeed:
    """Shares and coins that Alpaca lists; others are left to the next feed.

    Only a host that can't be reached at all counts as absent. Whatever else goes wrong (the keys, a
    rate limit, an error of Alpaca's, an answer that can't be read) raises DataUnavailable, so that
    the prices of a symbol never change their source in silence. Bars are kept for ten minutes of
    ``clock.wall()``, a listing for one, a look at the market for a second.
    """

    name = "alpaca"
    live = True
    timeframes = TIMEFRAMES

    def __init__(
        self,
        keys: Keys,
        clock: Clock,
        state: Path | None = None,
        *,
        stock_feed: str = "iex",
        trading_url: str = PAPER_URL,
        data_url: str = DATA_URL,
        streams_url: str | None = None,
        seconds: float = 8.0,
        patience: Patience | None = None,
    ) -> None:
        """``stock_feed`` is whose quotes and trades of shares: iex, or sip for all exchanges.

        ``trading_url`` is the venue that the keys are of; ``streams_url`` is beside ``data_url``
        unless it is given. ``seconds`` is the wait for one answer, ``patience`` that of the
        stream. Raises ConfigError for an address that isn't Alpaca's.
        """
        data_url, trading_url = (checked_url(url, live=True) for url in (data_url, trading_url))
        self._stream_url = checked_url(streams_url or stream_url(data_url), live=True)
        self._keys, self._clock, self._stock_feed = keys, clock, stock_feed
        self._patience = patience
        # Where one is out of order the other is asked all the same.
        self._source, companies = (
            AlpacaSource(keys, clock, data_url=data_url, trading_url=trading_url, seconds=seconds)
            for _ in range(2)
        )
        self._companies = AlpacaCompanies(companies)
        self._past = AlpacaPast(self._source, clock, whole=stock_feed == "sip")
        self._present = AlpacaPresent(self._source, clock, stock_feed)
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
        ask = self._past.daily
        return self._source.lately.ask(("bars", symbol), BARS_KEPT, lambda: ask(symbol)) or None

    def dividends(self, symbol: str) -> tuple[Dividend, ...] | None:
        """As in DividendsFeed, since 2016."""
        told = self._told(symbol)
        return None if told is None else told[0]

    def splits(self, symbol: str) -> tuple[StockSplit, ...] | None:
        """As in SplitsFeed, since 2016; dividends in shares among them."""
        told = self._told(symbol)
        return None if told is None else told[1]

    def quote(self, symbol: str) -> Quote | None:
        """The latest bid and ask; DataUnavailable when there is no bid or no ask now."""
        return None if self._asset(symbol) is None else self._present.quote(symbol)

    def status(self, symbol: str) -> Status | None:
        """As ``AlpacaPresent.status`` infers it."""
        asset = self._asset(symbol)
        if asset is None:
            return None
        return self._present.status(symbol, asset, lambda: self.bars(symbol))

    def range(
        self, symbol: str, timeframe: Timeframe, start: datetime, end: datetime
    ) -> BarColumns | None:
        """Bars as traded, of all exchanges; InputError for another timeframe."""
        if self._asset(symbol) is None:
            return None
        return self._past.range(symbol, timeframe, start, end)

    def trades(self, symbol: str, start: datetime, end: datetime) -> TickColumns | None:
        """Trades as reported, from ``start`` until before ``end``."""
        return None if self._asset(symbol) is None else self._past.trades(symbol, start, end)

    def quotes(self, symbol: str, start: datetime, end: datetime) -> QuoteColumns | None:
        """Best bids and asks as reported, from ``start`` until before ``end``."""
        return None if self._asset(symbol) is None else self._past.quotes(symbol, start, end)

    def chain(self, underlying: str) -> tuple[OptionQuote, ...] | None:
        """Every contract of a hundred shares; empty for a share without options."""
        if pair(underlying) or self._asset(underlying) is None:
            return None
        # The subscription that has all exchanges of shares has those of options too. Without it
        # Alpaca's indicative quotes are given, which are altered, and say so by their source.
        kind = "opra" if self._stock_feed == "sip" else "indicative"
        path = f"/options/snapshots/{quoted(underlying, safe='')}"
        query = {"feed": kind, "limit": "1000"}
        told: dict[str, object] = {}
        for page in self._source.pages(Api.OPTIONS, path, query, "snapshots"):
            told |= page
        return chain_of(underlying, told, f"{self.name} {kind}", self._clock.wall())

    def streams(self, symbol: str) -> bool:
        """US shares and coins."""
        from tools.market_data.feeds.alpaca_lines import streamed

        return streamed(symbol)

    def lists(self, symbol: str) -> bool | None:
        """Whether it has the symbol; None where that can't be asked."""
        return self._asset(symbol) is not None if self._reached() else None

    def stream(self, symbols: Sequence[str], heard: Heard) -> Line:
        """Trades, quotes and minute bars as they happen; ``live_line`` says how it fails."""
        from tools.market_data.feeds.alpaca_lines import open_lines

        feed, url, patience = self._stock_feed, self._stream_url, self._patience
        return open_lines(
            self._keys, symbols, heard, self._clock, stock_feed=feed, url=url, patience=patience
        )

    def label(self, symbol: str) -> str:
        """The same for every symbol."""
        return self.name

    def latest(self) -> datetime | None:
        """The wall's now when Alpaca can be reached, else None."""
        return self._clock.wall() if self._reached() else None

    def notice(self) -> str:
        """That Alpaca could not be reached for the last question, else empty."""
        return self._notice

    def _told(self, symbol: str) -> tuple[tuple[Dividend, ...], tuple[StockSplit, ...]] | None:
        listed, wall = self.instrument(symbol), self._clock.wall()
        if listed is None:
            return None
        ask = self._companies.told
        return self._source.lately.ask(("told", symbol), BARS_KEPT, lambda: ask(listed, wall))

    def _asset(self, symbol: str) -> Asset | None:
        """The listing of a share or coin, None when Alpaca has none or can't be reached."""
        if not self._reached():
            return None
        return self._source.lately.ask(("asset", symbol), ASSET_KEPT, lambda: self._listed(symbol))

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
