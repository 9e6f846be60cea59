"""From the desk's market, or a recorded day, to a tape of trades or quotes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Protocol, runtime_checkable

import numpy as np

from tools.backtest.cleaning import sound_quotes, sound_trades
from tools.backtest.reading import days_before, named, pairs_of
from tools.backtest.sessions import Rows, Sessions
from tools.backtest.tape import Tape
from tools.backtest.tick_series import shown
from tools.backtest.ticks import On, Ticks
from tools.domain.errors import DataUnavailable, InputError
from tools.domain.instrument import AssetClass, Instrument
from tools.domain.timeframe import Timeframe
from tools.market_data.columns import QuoteColumns, TickColumns, nanoseconds
from tools.market_data.store.series import FIRST, LAST
from tools.market_data.symbols import listing
from tools.ports import MarketData
from tools.streaming.reading import read
from tools.streaming.recording import Kind, Recording


@runtime_checkable
class TickSource(Protocol):
    """Trades and quotes as they came, from ``start`` until before ``end``; None without any."""

    def trades(self, symbol: str, start: datetime, end: datetime) -> TickColumns | None:
        """Each trade of a symbol."""
        ...

    def quotes(self, symbol: str, start: datetime, end: datetime) -> QuoteColumns | None:
        """Each change of its bid and ask."""
        ...


def source_of(market: MarketData, recording: Path | None) -> TickSource:
    """What was recorded, else the market; InputError for a recording that can't be read."""
    if recording is not None:
        return Recorded(read(recording), recording.name)
    if isinstance(market, TickSource):
        return market
    raise DataUnavailable("This market has no trades or quotes of the past.")


def read_ticks(
    market: MarketData,
    source: TickSource,
    symbols: Sequence[str],
    on: On,
    timeframe: Timeframe | None,
    start: datetime,
    until: datetime,
    currency: str = "",
) -> Tape:
    """Every sound trade or quote from ``start`` to ``until`` (aware), and what a strategy sees.

    ``timeframe`` is that of bars made from them, None for each moment of them. ``market`` has the
    listings, the daily bars before and the rates into ``currency``. Raises as ``read_tape``, and
    InputError where the gate could let no order through for want of a volume.
    """
    ticks, sessions = {}, {}
    for name in named(symbols):
        listed = _listed(market, name)
        ticks[name] = one = _ticks(source, listed, on, start, until)
        before = days_before(market, name, int(one.columns.time[0]))
        if not (before or one.volume.any() or listed.asset_class is AssetClass.FOREX):
            raise InputError(
                f"The quotes of {name} tell no volume, and the gate holds each order to a part of "
                f"an average day's: put daily bars ({name}.csv) or its trades beside them."
            )
        price = one.price
        prices = np.column_stack((price, price, price, price))
        sessions[name] = Sessions(listed, before, one.columns.time, one.known, prices, one.volume)
    series = [shown(one, timeframe) for one in ticks.values()]
    pairs = pairs_of(market, series, currency, until)
    return Tape(series, timeframe, sessions=sessions, ticks=ticks, pairs=pairs)


class Recorded:
    """Implements ``TickSource`` over a recording; ``name`` is that of its file or folder."""

    def __init__(self, recording: Recording, name: str) -> None:
        """Nothing is copied until it is asked for."""
        self._recording, self._source = recording, f"recording:{name}"

    def trades(self, symbol: str, start: datetime, end: datetime) -> TickColumns | None:
        """See ``TickSource``."""
        rows = self._rows(symbol, Kind.TICK, start, end)
        if not len(rows):
            return None
        of = self._recording
        price, size = of.figures[rows, :2].T
        return TickColumns(symbol, self._source, of.known[rows], of.time[rows], price, size)

    def quotes(self, symbol: str, start: datetime, end: datetime) -> QuoteColumns | None:
        """See ``TickSource``."""
        rows = self._rows(symbol, Kind.QUOTE, start, end)
        if not len(rows):
            return None
        of = self._recording
        figures = of.figures[rows, :4].T
        return QuoteColumns(symbol, self._source, of.known[rows], of.time[rows], *figures)

    def _rows(self, symbol: str, kind: Kind, start: datetime, end: datetime) -> Rows:
        of = self._recording
        if symbol not in of.symbols:
            return np.empty(0, np.int64)
        mine = (of.kind == kind) & (of.symbol == of.symbols.index(symbol))
        inside = (of.time >= nanoseconds(start)) & (of.time < nanoseconds(end))
        return np.flatnonzero(mine & inside)


def _ticks(
    source: TickSource, listed: Instrument, on: On, start: datetime, until: datetime
) -> Ticks:
    symbol = listed.symbol
    traded = source.trades(symbol, start, until)
    trades = None if traded is None else sound_trades(traded)
    if on is On.TRADES:
        if trades is None or not len(trades.columns):
            raise _none(symbol, on, start, until)
        columns = trades.columns
        return Ticks(listed, columns.source, columns, columns.size, trades.left_out)
    quoted = source.quotes(symbol, start, until)
    quotes = None if quoted is None else sound_quotes(quoted)
    if quotes is None or not len(quotes.columns):
        raise _none(symbol, on, start, until)
    volume = np.zeros(len(quotes.columns))
    if trades is not None:
        place = np.searchsorted(quotes.columns.known, trades.columns.known)
        inside = place < len(volume)
        size = trades.columns.size[inside]
        volume = np.bincount(place[inside], size, len(volume)).astype(np.float64)
    return Ticks(listed, quotes.columns.source, quotes.columns, volume, quotes.left_out)


def _none(symbol: str, on: On, start: datetime, until: datetime) -> DataUnavailable:
    since = "" if start == FIRST else f" from {start:%Y-%m-%d} on"
    end = "" if until == LAST else f" up to {until:%Y-%m-%d}"
    return DataUnavailable(
        f"There are no sound {on} of {symbol}{since}{end}: put "
        f"{symbol.replace('/', '-')}.{on}.csv into the folder of TOLLGATE_DATA, or say --recording "
        "with a recorded day."
    )


def _listed(market: MarketData, symbol: str) -> Instrument:
    """The feed's listing, else the one that the symbol's shape implies."""
    try:
        return market.instrument(symbol)
    except DataUnavailable:
        return listing(symbol, symbol, "FILE")
