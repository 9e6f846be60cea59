"""From the desk's market to a tape of bars."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from tools.backtest.pairs import currency_of, read_pairs
from tools.backtest.series import VOLUME, Series, from_bars, from_columns
from tools.backtest.sessions import Sessions
from tools.backtest.tape import Tape
from tools.domain.errors import DataUnavailable, InputError, TradingError
from tools.domain.market import Bar
from tools.domain.timeframe import DAILY, Timeframe
from tools.market_data.bars import BarData
from tools.market_data.columns import moment_of
from tools.market_data.store.series import FIRST
from tools.market_data.symbols import canonical
from tools.ports import MarketData


def read_tape(
    market: MarketData,
    symbols: Sequence[str],
    timeframe: Timeframe,
    until: datetime,
    currency: str = "",
) -> Tape:
    """Every bar of the symbols known at ``until`` (aware), those before the run too: its history.

    With them come the pairs that turn their currencies into the account's, ``currency`` if it was
    asked for. Raises InputError for a currency without a rate or prices that can't be traded at,
    and DataUnavailable where no feed has the bars.
    """
    names = named(symbols)
    series = [_series(market, name, timeframe, until) for name in names]
    pairs = pairs_of(market, series, currency, until)
    if not timeframe.intraday:
        return Tape(series, timeframe, pairs=pairs)
    sessions = {one.symbol: sessions_of(market, one) for one in series}
    return Tape(series, timeframe, sessions=sessions, pairs=pairs)


def named(symbols: Sequence[str]) -> Sequence[str]:
    """Each symbol once, in its one spelling; InputError for none."""
    names = list(dict.fromkeys(canonical(symbol) for symbol in symbols))
    if not names:
        raise InputError("A backtest is about at least one symbol: say --symbol IBM.")
    return names


def pairs_of(
    market: MarketData, series: Sequence[Series], currency: str, until: datetime
) -> tuple[Series, ...]:
    """The pairs that the series need, none in a run in one currency; raises as ``read_pairs``."""
    listed = [one.listed for one in series]
    return read_pairs(market, listed, currency_of(listed, currency), until)


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


def sessions_of(market: MarketData, series: Series) -> Sessions:
    """The days of shorter bars, behind the daily bars that there were before."""
    values = series.values
    before = days_before(market, series.symbol, int(series.opened[0]))
    return Sessions(
        series.listed, before, series.opened, series.known, values[:, :VOLUME], values[:, VOLUME]
    )


def days_before(market: MarketData, symbol: str, moment: int) -> Sequence[Bar]:
    """Daily bars known at a moment (nanoseconds); none where no feed has any."""
    try:
        return market.history(symbol, moment_of(moment)).bars
    except TradingError:
        return ()
