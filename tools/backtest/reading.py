"""From the desk's market to a tape, and what is odd about the bars on it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta

import numpy as np

from tools.backtest.finding import Finding
from tools.backtest.series import CLOSE, Series, from_bars, from_columns
from tools.backtest.tape import Tape
from tools.domain.errors import DataUnavailable, InputError
from tools.domain.timeframe import DAILY, Timeframe
from tools.market_data.bars import BarData
from tools.market_data.columns import moment_of, nanoseconds
from tools.market_data.sessions import ROUND_THE_CLOCK, session_on
from tools.market_data.store.series import FIRST
from tools.market_data.symbols import canonical
from tools.ports import MarketData

# A symbol that is silent for so long before the end of a run is taken for gone.
GONE = timedelta(days=10)


def read_tape(
    market: MarketData, symbols: Sequence[str], timeframe: Timeframe, until: datetime
) -> Tape:
    """Every bar of the symbols known at ``until`` (aware), those before the run too: its history.

    Raises InputError for symbols that can't be run together or prices that can't be traded at, and
    DataUnavailable where no feed has the bars.
    """
    names = list(dict.fromkeys(canonical(symbol) for symbol in symbols))
    if not names:
        raise InputError("A backtest is about at least one symbol: say --symbol IBM.")
    tape = Tape([_series(market, name, timeframe, until) for name in names], timeframe)
    currencies = sorted({one.listed.currency for one in tape.series.values()})
    if len(currencies) > 1:
        raise InputError(
            f"These symbols trade in {' and '.join(currencies)}: a backtest has one currency. Run "
            "them apart."
        )
    return tape


def _series(market: MarketData, symbol: str, timeframe: Timeframe, until: datetime) -> Series:
    listed = market.instrument(symbol)
    if timeframe == DAILY:
        history = market.history(symbol, until)
        return from_bars(listed, history.feed, history.bars)
    if not isinstance(market, BarData):
        raise DataUnavailable(f"This market has daily bars only, not {timeframe}.")
    found = market.bars(symbol, timeframe, FIRST, until, until)
    if not len(found.columns):
        raise DataUnavailable(f"There are no {timeframe} bars of {symbol} up to {until:%Y-%m-%d}.")
    return from_columns(listed, found.feed, found.columns)


def odd_bars(tape: Tape, start: datetime, end: datetime) -> Iterator[Finding]:
    """Holes, prices that never move, and symbols that begin late or end early."""
    last = max(int(one.known[-1]) for one in tape.series.values())
    for symbol, one in tape.series.items():
        first, stop = np.searchsorted(one.known, [nanoseconds(start), nanoseconds(end) + 1])
        inside = range(int(first), int(stop))
        if not inside:
            yield Finding("no bars", "", symbol, f"{symbol} has no bar in the run.")
            continue
        closes = one.values[inside[0] : inside[-1] + 1, CLOSE]
        if len(closes) > 1 and np.ptp(closes) == 0:
            said = f"Every close of {symbol} is {closes[0]:g}: nothing can be told from it."
            yield Finding("constant", "", symbol, said)
        if not tape.timeframe.intraday:
            yield from _holes(symbol, one, inside)
        ended = moment_of(int(one.known[-1]))
        if moment_of(last) - ended > GONE:
            yield Finding(
                "ended",
                f"{ended:%Y-%m-%d}",
                symbol,
                f"{symbol} has no bar after {ended:%Y-%m-%d}, as if it was delisted. What was held "
                f"then is held to the end at its last close of {one.values[-1, CLOSE]:g}, and the "
                "gate refuses orders that add risk while it is.",
            )


def _holes(symbol: str, one: Series, inside: Sequence[int]) -> Iterator[Finding]:
    """Sessions of the calendar without a bar, one finding for each stretch."""
    calendar = one.listed.calendar
    for i in inside[1:]:
        before, bar = one.bars[i - 1].session, one.bars[i].session
        if (bar - before).days <= (1 if calendar in ROUND_THE_CLOCK else 4):
            continue
        days = (before + timedelta(days=n) for n in range(1, (bar - before).days))
        missing = [day for day in days if _is_session(calendar, day)]
        if missing:
            yield Finding(
                "hole",
                f"{missing[0]}",
                symbol,
                f"{symbol} has no bar for {len(missing)} sessions from {missing[0]} to "
                f"{missing[-1]}; an order over the hole meets the next bar there is.",
            )


def _is_session(calendar: str, day: date) -> bool:
    try:
        return session_on(calendar, day) is not None
    except DataUnavailable:
        return False
