"""The tapes of a search: prices are read once, and cut to what each run may know."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TypeVar

from tools.backtest.reading import named, pairs_of, read_tape
from tools.backtest.request import Record, Request
from tools.backtest.running import Backtester
from tools.backtest.search.folds import at_moment
from tools.backtest.series import Series, known_by
from tools.backtest.tape import Tape
from tools.domain.errors import TradingError
from tools.domain.timeframe import DAILY, Timeframe
from tools.market_data.columns import moment_of, nanoseconds
from tools.market_data.store.series import LAST
from tools.ports import MarketData

KEPT = 4
K = TypeVar("K")
V = TypeVar("V")
Names = tuple[str, ...]


class Tapes:
    """Reads a tape once for all the runs on it; the newest few are kept.

    Days are read as far as they go and cut, so that a fold that ends later reads nothing anew.
    """

    def __init__(self) -> None:
        """None so far."""
        self._kept: dict[tuple[Names, Timeframe, datetime, str], Tape] = {}
        self._whole: dict[tuple[Names, str], tuple[Series, ...]] = {}

    def __call__(
        self,
        market: MarketData,
        symbols: Sequence[str],
        timeframe: Timeframe,
        until: datetime,
        currency: str = "",
    ) -> Tape:
        """As ``read_tape``. A tape only ever grows what it remembers, so runs may share it."""
        key = (tuple(symbols), timeframe, until, currency)
        tape = (
            self._kept.pop(key, None)
            or (self._cut(market, symbols, until, currency) if timeframe == DAILY else None)
            or read_tape(market, *key)
        )
        _keep(self._kept, key, tape)
        return tape

    def _cut(
        self, market: MarketData, symbols: Sequence[str], until: datetime, currency: str
    ) -> Tape | None:
        """The days known at ``until``; None where that isn't what reading them would give."""
        names = tuple(named(symbols))
        key = names, currency
        whole = self._whole.pop(key, None)
        if whole is None:
            try:
                whole = tuple(read_tape(market, names, DAILY, LAST, currency).series.values())
            except TradingError:
                whole = ()  # what is wrong may come after the run
        _keep(self._whole, key, whole)
        parts = [known_by(one, nanoseconds(until)) for one in whole]
        if not parts or not all(map(_alike, whole, parts)):
            return None
        return Tape(parts, DAILY, pairs=pairs_of(market, parts, currency, until))


def tape_of(backtester: Backtester, request: Request, record: Record) -> Tape:
    """What a run of the record is played on: all that is known at its end."""
    frame, end = request.timeframe or DAILY, moment_of(at_moment(record.end))
    return backtester.read(backtester.market, record.symbols, frame, end, request.currency)


def _alike(whole: Series, part: Series) -> bool:
    """Whether all of it tells adjusted closes or none does, as a part alone would be read."""
    told = {bar.adjusted_close is None for bar in whole.bars}
    return len(part) > 0 and len(told) == 1


def _keep(kept: dict[K, V], key: K, value: V) -> None:
    """Put it last, and let go of the oldest."""
    kept[key] = value
    while len(kept) > KEPT:
        del kept[next(iter(kept))]
