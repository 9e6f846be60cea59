"""What a strategy is shown of trades or quotes: each moment of them, or bars made from them."""

from __future__ import annotations

import numpy as np

from tools.backtest.series import Series, from_rows
from tools.backtest.ticks import Ticks
from tools.domain.errors import InputError
from tools.domain.timeframe import Timeframe
from tools.market_data.aggregation.batch import aggregate
from tools.market_data.aggregation.conditions import by_size
from tools.market_data.aggregation.grid import Grid
from tools.market_data.columns import Floats, QuoteColumns, TickColumns, Times


def shown(ticks: Ticks, timeframe: Timeframe | None) -> Series:
    """Bars of ``timeframe``, or a row for each moment at which anything became known.

    Quotes make bars of their middles. Bars are those that ``aggregation`` makes of the regular
    session, as they were first known; of New York's trades an odd lot sets no price. Of quotes a
    row ends with the one that stood: bid, ask and their sizes.
    """
    opened, known, rows = _moments(ticks) if timeframe is None else _bars(ticks, timeframe)
    if not len(known):
        raise InputError(f"No bar of {timeframe} can be made of {ticks.listed.symbol}.")
    if isinstance(ticks.columns, QuoteColumns):
        of = ticks.columns
        last = np.searchsorted(of.known, known, side="right") - 1
        standing = (of.bid[last], of.ask[last], of.bid_size[last], of.ask_size[last])
        rows = np.column_stack((rows, *standing))
    return from_rows(ticks.listed, ticks.feed, opened, known, rows)


def _moments(ticks: Ticks) -> tuple[Times, Times, Floats]:
    known, first = np.unique(ticks.known, return_index=True)
    last = np.append(first[1:], len(ticks.known)) - 1
    price = ticks.price
    rows = (
        price[first],
        np.maximum.reduceat(price, first),
        np.minimum.reduceat(price, first),
        price[last],
        np.add.reduceat(ticks.volume, first),
        np.ones(len(first)),
    )
    return ticks.columns.time[first], known, np.column_stack(rows)


def _bars(ticks: Ticks, timeframe: Timeframe) -> tuple[Times, Times, Floats]:
    of, calendar = ticks.columns, ticks.listed.calendar
    trades = isinstance(of, TickColumns)
    effects = by_size(ticks.volume) if trades and calendar == "XNYS" else None
    told = TickColumns(of.symbol, of.source, of.known, of.time, ticks.price, ticks.volume)
    made = aggregate(told, Grid(timeframe, calendar), effects)
    bars = made.bars.where(made.version == 0)
    prices = (bars.open, bars.high, bars.low, bars.close)
    return bars.start, bars.known, np.column_stack((*prices, bars.volume, np.ones(len(bars))))
