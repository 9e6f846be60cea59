"""The desk's market during a replay of trades and quotes: its history, and the recording's day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from tools.domain.errors import DataUnavailable
from tools.domain.feed_health import FeedHealth
from tools.domain.instrument import Instrument
from tools.domain.market import AsOf, Bar, Quote
from tools.domain.timeframe import Timeframe
from tools.market_data.bars import BarData, BarsAsOf
from tools.market_data.symbols import canonical
from tools.ports import FeedsHealth, MarketData
from tools.streaming.played import Played


class PlayedMarket:
    """Implements ``tools.ports.MarketData``: another market's bars, and what was ``played``.

    Only what is played has a quote, so only that can be traded.
    """

    def __init__(self, market: MarketData, played: Played) -> None:
        """``market`` has what came before."""
        self._market, self._played = market, played

    def instruments(self) -> tuple[Instrument, ...]:
        """Those of the market."""
        return self._market.instruments()

    def instrument(self, symbol: str) -> Instrument:
        """That of the market; it must know what is played."""
        return self._market.instrument(symbol)

    def history(self, symbol: str, as_of: datetime) -> AsOf:
        """The market's bars, then the sessions played since; the notice says which are so far.

        DataUnavailable where neither has any.
        """
        name = canonical(symbol)
        played = self._played.sessions(name, as_of)
        try:
            known = self._market.history(symbol, as_of)
        except DataUnavailable:
            if not played:
                raise
            known = AsOf(name, as_of, (), "replay")
        more = _after(known, played)
        if not more:
            return known
        said = f"The session of {more[-1].session} is a replay and not over: its bar is so far."
        bars = (*known.bars, *more)
        return replace(known, bars=bars, notice=" ".join(filter(None, (known.notice, said))))

    def quote(self, symbol: str, as_of: datetime) -> Quote:
        """The recording's, called simulated; DataUnavailable for what is not played."""
        return self._played.quote(self._market.instrument(symbol), as_of)

    def bars_after(self, symbol: str, moment: datetime, until: datetime) -> Sequence[Bar]:
        """The market's whole sessions."""
        return self._market.bars_after(symbol, moment, until)

    def latest(self) -> datetime:
        """The market's."""
        return self._market.latest()

    def bars(
        self, symbol: str, timeframe: Timeframe, start: datetime, end: datetime, as_of: datetime
    ) -> BarsAsOf:
        """The market's; DataUnavailable where it has none."""
        if not isinstance(self._market, BarData):
            raise DataUnavailable(f"There are no {timeframe} bars of {symbol} here.")
        return self._market.bars(symbol, timeframe, start, end, as_of)

    def feeds(self) -> tuple[FeedHealth, ...]:
        """The market's."""
        return self._market.feeds() if isinstance(self._market, FeedsHealth) else ()


def _after(known: AsOf, played: tuple[Bar, ...]) -> tuple[Bar, ...]:
    """Sessions that the market doesn't have, adjusted as its last one is: no split came since."""
    if not known.bars:
        return played
    last = known.bars[-1]
    ratio = None if last.adjusted_close is None else last.adjusted_close / last.close
    return tuple(
        replace(bar, adjusted_close=None if ratio is None else bar.close * ratio)
        for bar in played
        if bar.session > last.session
    )
