"""The past that a run is played on: what its symbols did, and nothing else."""

from __future__ import annotations

import hashlib
from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

from tools.backtest.series import VOLUME, Series
from tools.backtest.sessions import Sessions
from tools.backtest.ticks import Ticks
from tools.domain.errors import DataUnavailable
from tools.domain.instrument import AssetClass, Instrument
from tools.domain.market import AsOf, Bar, Quote, Tick
from tools.domain.timeframe import Timeframe
from tools.market_data.columns import moment_of, nanoseconds
from tools.market_data.quote import simulated_quote

# How far back the desk, the gate and the venue look: 20 bars for a volume, 21 for a volatility.
LOOKED_AT = 64
DEEP = Decimal(10) ** 12
"""Stands for a day's volume of currencies, whose market tells none: no order is large in it."""


class Tape:
    """Implements ``MarketData`` for the desk and the stream of events for the paper venue.

    ``series`` is what the strategy is shown. Orders meet the same bars, or the ``ticks`` where
    there are any; a quote that stands is met at once, all else only by what comes later. The desk
    reckons in days: of shorter bars and of ticks ``history`` is made of ``sessions``. It has the
    newest ``LOOKED_AT`` days only, so that a long tape is as quick as a short one. ``pairs`` are
    daily bars of currencies that only tell rates: ``history`` knows them, and nobody trades them.
    """

    def __init__(
        self,
        series: Sequence[Series],
        timeframe: Timeframe | None,
        *,
        sessions: Mapping[str, Sessions] | None = None,
        ticks: Mapping[str, Ticks] | None = None,
        pairs: Sequence[Series] = (),
    ) -> None:
        """The rows of each symbol, at least one each; ``timeframe`` is None of rows of each tick.

        ``sessions`` are of what orders meet, and needed unless that is whole sessions.
        """
        self.series: Mapping[str, Series] = {one.symbol: one for one in series}
        self.pairs: Mapping[str, Series] = {
            one.symbol: one for one in pairs if one.symbol not in self.series
        }
        self.timeframe = timeframe
        self.intraday = timeframe is None or timeframe.intraday
        self.ticks: Mapping[str, Ticks] = ticks or {}
        self.whole_sessions = not self.intraday and not self.ticks
        self._sessions: Mapping[str, Sessions] = sessions or {}
        self._latest = moment_of(max(int(one.known[-1]) for one in series))
        self._known: dict[str, tuple[int, AsOf]] = {}
        self._quotes: dict[str, tuple[tuple[int, date], Quote]] = {}
        self.deep = frozenset(name for name, one in self.series.items() if _deep(one))

    @property
    def hash(self) -> str:
        """SHA-256 over every bar, trade, quote and rate, whatever the order of the symbols."""
        digest = hashlib.sha256(str(self.timeframe).encode())
        for symbol in sorted(self.series):
            digest.update(self.series[symbol].fingerprint().encode())
            if symbol in self.ticks:
                digest.update(self.ticks[symbol].fingerprint().encode())
        for symbol in sorted(self.pairs):
            digest.update(self.pairs[symbol].fingerprint().encode())
        return digest.hexdigest()

    def show(self, series: Series) -> None:
        """Show a strategy these rows of a symbol instead."""
        self.series = {**self.series, series.symbol: series}

    def instruments(self) -> tuple[Instrument, ...]:
        """The run's symbols."""
        return tuple(self.series[symbol].listed for symbol in sorted(self.series))

    def instrument(self, symbol: str) -> Instrument:
        """The listing; DataUnavailable for a symbol that the run is not about."""
        return self._of(symbol).listed

    def history(self, symbol: str, as_of: datetime) -> AsOf:
        """The newest sessions known at ``as_of``; DataUnavailable before the first."""
        if symbol in self.pairs:
            return self._rate(self.pairs[symbol], as_of)
        series = self._of(symbol)
        end = self._count(symbol, as_of)
        kept = self._known.get(symbol)
        if kept is None or kept[0] != end:
            bars = self._days(series, end, as_of)
            if not bars:
                raise DataUnavailable(f"There are no prices of {symbol} at {as_of}.")
            kept = self._known[symbol] = end, AsOf(symbol, bars[-1].known_at, bars, series.feed)
        return kept[1]

    def quote(self, symbol: str, as_of: datetime) -> Quote:
        """The quote that stood at ``as_of``, else one made from the last price; both simulated.

        Somebody offered the first then, and nobody does now.
        """
        now = self._count(symbol, as_of), as_of.date()
        kept = self._quotes.get(symbol)
        if kept is None or kept[0] != now:
            kept = self._quotes[symbol] = now, self._quoted(symbol, as_of)
        return kept[1]

    def bars_after(self, symbol: str, moment: datetime, until: datetime) -> Sequence[Bar]:
        """Bars that opened at or after ``moment`` and were known by ``until``."""
        series = self._of(symbol)
        return series.bars[
            bisect_left(series.opened, nanoseconds(moment)) : self._end(series, until)
        ]

    def latest(self) -> datetime:
        """When the last bar of any symbol was known."""
        return self._latest

    def events(
        self, symbol: str, after: datetime, until: datetime
    ) -> Sequence[Bar] | Sequence[Quote | Tick]:
        """Of whole sessions, those that opened from ``after`` on; else what was known after it."""
        if self.whole_sessions:
            return self.bars_after(symbol, after, until)
        if symbol in self.ticks:
            return self.ticks[symbol].events(after, until)
        series = self._of(symbol)
        return series.bars[self._end(series, after) : self._end(series, until)]

    def standing(self, symbol: str, at: datetime) -> Quote | None:
        """The quote that an order meets when it arrives; None where it waits for what comes."""
        return self.ticks[symbol].standing(at) if symbol in self.ticks else None

    def _rate(self, series: Series, as_of: datetime) -> AsOf:
        """The newest bar of a pair; DataUnavailable before the first."""
        end = self._end(series, as_of)
        if not end:
            raise DataUnavailable(f"There is no rate of {series.symbol} at {as_of}.")
        newest = series.bars[end - 1]
        return AsOf(series.symbol, newest.known_at, (newest,), series.feed)

    def _days(self, series: Series, end: int, as_of: datetime) -> tuple[Bar, ...]:
        symbol = series.symbol
        if self.whole_sessions:
            bars = tuple(series.bars[max(end - LOOKED_AT, 0) : end])
        else:
            known = self._sessions[symbol].at(end, LOOKED_AT)
            bars = tuple(bar for bar in known if bar.known_at <= as_of)
        if symbol not in self.deep:
            return bars
        return tuple(replace(bar, volume=DEEP) for bar in bars)

    def _quoted(self, symbol: str, as_of: datetime) -> Quote:
        found = self.ticks[symbol].standing(as_of) if symbol in self.ticks else None
        if found is None:
            return simulated_quote(self.instrument(symbol), self.history(symbol, as_of))
        said = f"past quote of {found.event_time:%Y-%m-%d %H:%M:%S} UTC ({found.source})"
        return replace(found, source=said, simulated=True)

    def _count(self, symbol: str, moment: datetime) -> int:
        """How many rows of what orders meet are known."""
        if symbol in self.ticks:
            return self.ticks[symbol].count(moment)
        return self._end(self._of(symbol), moment)

    def _end(self, series: Series, moment: datetime) -> int:
        return bisect_right(series.known, nanoseconds(moment))

    def _of(self, symbol: str) -> Series:
        if symbol not in self.series:
            known = ", ".join(sorted(self.series))
            raise DataUnavailable(f"This run is about {known}, not {symbol[:20]}.")
        return self.series[symbol]


def _deep(series: Series) -> bool:
    """Whether it is of a market that tells no volume and takes any order."""
    return series.listed.asset_class is AssetClass.FOREX and not series.values[:, VOLUME].any()
