"""The past that a run is played on: every bar of its symbols, and nothing else."""

from __future__ import annotations

import hashlib
from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from datetime import datetime

from tools.backtest.series import Series
from tools.domain.errors import DataUnavailable
from tools.domain.instrument import Instrument
from tools.domain.market import AsOf, Bar, Quote
from tools.domain.timeframe import Timeframe
from tools.market_data.columns import moment_of, nanoseconds
from tools.market_data.quote import simulated_quote

# How far back the desk, the gate and the venue look: 20 bars for a volume, 21 for a volatility.
LOOKED_AT = 64


class Tape:
    """Implements ``MarketData`` for the desk and the stream of events for the paper venue.

    ``history`` has the newest ``LOOKED_AT`` bars only, so that a long tape is as quick as a short
    one. Nothing ever stands to be met: after the last bar an order waits for ever.
    """

    def __init__(self, series: Sequence[Series], timeframe: Timeframe) -> None:
        """The bars of each symbol; there must be at least one of each."""
        self.series: Mapping[str, Series] = {one.symbol: one for one in series}
        self.timeframe = timeframe
        self.whole_sessions = not timeframe.intraday
        self._known: dict[str, tuple[int, AsOf]] = {}
        self._quotes: dict[str, tuple[int, Quote]] = {}

    @property
    def hash(self) -> str:
        """SHA-256 over every bar, whatever the order of the symbols."""
        digest = hashlib.sha256(str(self.timeframe).encode())
        for symbol in sorted(self.series):
            digest.update(self.series[symbol].fingerprint().encode())
        return digest.hexdigest()

    def instruments(self) -> tuple[Instrument, ...]:
        """The run's symbols."""
        return tuple(self.series[symbol].listed for symbol in sorted(self.series))

    def instrument(self, symbol: str) -> Instrument:
        """The listing; DataUnavailable for a symbol that the run is not about."""
        return self._of(symbol).listed

    def history(self, symbol: str, as_of: datetime) -> AsOf:
        """The newest bars known at ``as_of``; DataUnavailable before the first."""
        series = self._of(symbol)
        end = self._end(series, as_of)
        kept = self._known.get(symbol)
        if kept is None or kept[0] != end:
            if not end:
                raise DataUnavailable(f"There are no prices of {symbol} at {as_of}.")
            bars = tuple(series.bars[max(end - LOOKED_AT, 0) : end])
            kept = self._known[symbol] = end, AsOf(symbol, bars[-1].known_at, bars, series.feed)
        return kept[1]

    def quote(self, symbol: str, as_of: datetime) -> Quote:
        """A simulated quote around the last close known at ``as_of``."""
        history = self.history(symbol, as_of)
        end, _ = self._known[symbol]
        kept = self._quotes.get(symbol)
        if kept is None or kept[0] != end:
            kept = self._quotes[symbol] = end, simulated_quote(self.instrument(symbol), history)
        return kept[1]

    def bars_after(self, symbol: str, moment: datetime, until: datetime) -> Sequence[Bar]:
        """Bars that opened at or after ``moment`` and were known by ``until``."""
        series = self._of(symbol)
        return series.bars[
            bisect_left(series.opened, nanoseconds(moment)) : self._end(series, until)
        ]

    def latest(self) -> datetime:
        """When the last bar of any symbol was known."""
        return moment_of(max(int(one.known[-1]) for one in self.series.values()))

    def events(self, symbol: str, after: datetime, until: datetime) -> Sequence[Bar]:
        """Of whole sessions, those that opened from ``after`` on; else those known after it."""
        if self.whole_sessions:
            return self.bars_after(symbol, after, until)
        series = self._of(symbol)
        return series.bars[self._end(series, after) : self._end(series, until)]

    def standing(self, symbol: str, at: datetime) -> Quote | None:
        """None: an order that was decided on a bar meets a later bar, or nothing."""
        return None

    def _end(self, series: Series, moment: datetime) -> int:
        return bisect_right(series.known, nanoseconds(moment))

    def _of(self, symbol: str) -> Series:
        if symbol not in self.series:
            known = ", ".join(sorted(self.series))
            raise DataUnavailable(f"This run is about {known}, not {symbol[:20]}.")
        return self.series[symbol]
