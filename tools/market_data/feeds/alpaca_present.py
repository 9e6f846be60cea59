"""The market of one symbol as Alpaca sees it now: its quote, and whether trading goes on.

Alpaca's REST interface doesn't tell whether trading in a share is halted, so it is inferred: see
``AlpacaPresent.status``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from tools.domain.errors import DataUnavailable
from tools.domain.market import Bar, Quote
from tools.domain.status import Borrow, Session, Status
from tools.market_data.feeds.alpaca_hours import MarketHours
from tools.market_data.feeds.alpaca_source import AlpacaSource, Api
from tools.market_data.feeds.alpaca_words import Asset, Snapshot, read
from tools.market_data.feeds.short_sale_rule import restricted
from tools.market_data.sessions import trading_day, xnys
from tools.market_data.symbols import pair
from tools.ports import Clock

# One look at the market serves the quote and the status of one decision.
SEEN_KEPT = timedelta(seconds=1)
# Trading is taken to go on when something was traded or firmly quoted within this time.
ALIVE = timedelta(minutes=5)
# How far Alpaca's clock and ours may differ.
SKEW = timedelta(seconds=2)
# How near to the price that restricts short sales one exchange's lowest leaves a doubt, a fraction.
ONE_EXCHANGE = Decimal("0.02")
# The condition of a quote that is firm and two-sided.
REGULAR = ("R",)


class AlpacaPresent:
    """Each look at the market is kept for a second. Symbols are known to be listed."""

    def __init__(self, source: AlpacaSource, clock: Clock, stock_feed: str) -> None:
        """``stock_feed`` is whose quotes and trades of shares: iex, or sip for all exchanges."""
        self._source, self._clock, self._stock_feed = source, clock, stock_feed
        self._hours = MarketHours(source)

    def quote(self, symbol: str) -> Quote:
        """The latest bid and ask; ``event_time`` is the exchange's, ``known_at`` when it came.

        DataUnavailable when there is no bid or no ask now.
        """
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

    def status(self, symbol: str, asset: Asset, bars: Callable[[], Sequence[Bar] | None]) -> Status:
        """Whether trading in it goes on, the session, and whether it can be borrowed.

        ``halted`` is True for a listing that isn't active. Else it is False while there is a
        session (extended hours too) and the latest trade, or the latest regular quote, is at most
        five minutes old. Otherwise nobody can tell, and it is None. So a halt that began within
        these five minutes isn't seen here: the venue then holds or refuses the order. Whether short
        sales are restricted is derived from the daily ``bars`` by ``short_sale_rule``, None where
        that leaves a doubt. Alpaca lends what is easy to borrow without a number: no shares are
        located.
        """
        crypto = asset.kind == "crypto"
        session = Session.OPEN if crypto else self._hours.session(self._clock.wall())
        halted: bool | None = None
        if asset.status != "active":
            halted = True
        elif session is not Session.WAITING and self._alive(symbol):
            halted = False
        short: bool | None = None
        if not crypto and asset.borrow is not Borrow.NONE:
            short = self._short_restricted(symbol, session, bars() or ())
        return Status(halted, session, asset.borrow, short)

    def _short_restricted(self, symbol: str, session: Session, bars: Sequence[Bar]) -> bool | None:
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
        return restricted(bars, lows, now, margin)

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
        return self._source.lately.ask(("look", symbol), SEEN_KEPT, lambda: self._snapshot(symbol))

    def _snapshot(self, symbol: str) -> tuple[Snapshot, datetime]:
        if pair(symbol):
            whole = self._source.ask(Api.CRYPTO, "/crypto/us/snapshots", {"symbols": symbol})
            whole = (whole or {}).get("snapshots")
        else:
            query = {"symbols": symbol, "feed": self._stock_feed}
            whole = self._source.ask(Api.STOCKS, "/stocks/snapshots", query)
        body = whole.get(symbol) if isinstance(whole, dict) else None
        return read(Snapshot, body or {}), self._clock.wall()
