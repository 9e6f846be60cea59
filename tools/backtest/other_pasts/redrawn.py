"""The strategy played again on markets that never were: the days of this one in another order.

All symbols' days are drawn together, so that what they had in common stays. Prices are free of
splits, as the feed adjusts them, and no company acts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import numpy as np
import numpy.typing as npt

from tools.backtest.other_pasts.assumptions import on_markets
from tools.backtest.other_pasts.near import Told, again, way_of
from tools.backtest.other_pasts.seen import Seen
from tools.backtest.other_pasts.way import Way
from tools.backtest.report.shapes import Run
from tools.backtest.running import Backtester
from tools.backtest.series import CLOSE, OPEN, RATIO, VOLUME, Series, from_rows
from tools.backtest.tape import Tape
from tools.domain.errors import InputError, StateError
from tools.domain.timeframe import Timeframe
from tools.market_data.columns import Floats, nanoseconds
from tools.ports import MarketData

LEAST, MOST = 3, 1_000
DIGITS, RATE_DIGITS = 4, 10


@dataclass(frozen=True, slots=True)
class Redrawn:
    """Reads a tape and redraws it; ``number`` tells one market of a seed from another."""

    backtester: Backtester
    start: datetime
    data: str
    block: float
    seed: int
    number: int

    def __call__(
        self,
        market: MarketData,
        symbols: Sequence[str],
        timeframe: Timeframe,
        until: datetime,
        currency: str = "",
    ) -> Tape:
        """Days before ``start`` stay as they were. Raises StateError for other prices than then."""
        tape = self.backtester.read(market, symbols, timeframe, until, currency)
        if tape.hash != self.data:
            raise StateError(
                "the prices are others than the kept run saw, so its market can't be redrawn. Run "
                "the strategy anew"
            )
        if not tape.whole_sessions:
            raise InputError("Markets are redrawn from daily bars: this run is on shorter ones.")
        series = list(tape.series.values())
        first = [int(np.searchsorted(one.known, nanoseconds(self.start))) for one in series]
        days = [one.known[begun:] for one, begun in zip(series, first, strict=True)]
        if any(not np.array_equal(days[0], other) for other in days[1:]):
            raise InputError("Not all symbols have a bar on every day, so they can't be redrawn.")
        drawn = drawn_days(len(days[0]) - 1, self.block, self.seed, self.number)
        rates = [_on_days_of(series[0], pair) for pair in tape.pairs.values()]
        return Tape(
            [_redrawn(one, begun, drawn) for one, begun in zip(series, first, strict=True)],
            tape.timeframe,
            pairs=[_redrawn(one, first[0], drawn, RATE_DIGITS) for one in rates],
        )


def redrawn_markets(
    run: Run,
    document: Mapping[str, Any],
    seen: Seen,
    wanted: tuple[int, float, int],
    backtester: Backtester,
    told: Told | None,
) -> Way:
    """``wanted`` is how many, the mean length of a block, and the seed; raises as ``near``."""
    count, block, seed = wanted
    request, record = again(document["record"]), document["record"]
    if not LEAST <= count <= MOST:
        raise InputError(f"Markets must be from {LEAST} to {MOST:,}, were {count}.")
    start, data = datetime.fromisoformat(str(record["start"])), str(record.get("data"))
    found = []
    for number in range(count):
        read = Redrawn(backtester, start, data, block, seed, number)
        tester = replace(backtester, read=read, actions=lambda *_: ())
        found.append(tester.run(request).document)
        if told is not None:
            told(number + 1, count)
    beside = [one["benchmarks"]["buy and hold"]["total_return"] for one in found]
    mine = [one["figures"]["total_return"] for one in found]
    better = sum(own > theirs for own, theirs in zip(mine, beside, strict=True))
    said = on_markets(count, block, float(np.median(beside)), better)
    return way_of("redrawn markets", run, seen, found, said)


def drawn_days(count: int, block: float, seed: int, number: int) -> npt.NDArray[np.int64]:
    """Places from 0 to below ``count``, in blocks of the mean length ``block``, round the end."""
    lots = np.random.Generator(np.random.PCG64([seed, number]))
    fresh = lots.random(count) < 1.0 / block
    fresh[:1] = True
    began = np.flatnonzero(fresh)
    starts = lots.integers(0, count, len(began))
    which = np.cumsum(fresh) - 1
    return np.asarray((starts[which] + np.arange(count) - began[which]) % count, dtype=np.int64)


def _on_days_of(series: Series, pair: Series) -> Series:
    """A pair as it was known at the close of each of the series' bars; at first as it began."""
    places = np.searchsorted(pair.known, series.known, side="right") - 1
    close = pair.values[np.maximum(places, 0), CLOSE]
    values = np.column_stack(
        (close, close, close, close, np.zeros(len(close)), np.ones(len(close)))
    )
    return from_rows(pair.listed, pair.feed, series.opened, series.known, values)


def _redrawn(one: Series, first: int, drawn: npt.NDArray[np.int64], digits: int = DIGITS) -> Series:
    """The bars from ``first`` on, each made of the moves of the day that was drawn for it."""
    raw = one.values[:, OPEN : VOLUME + 1]
    ratio = one.values[:, RATIO]
    # As prices were at the beginning of the run, whatever was split later.
    prices = raw[:, :VOLUME] * (ratio / ratio[first])[:, np.newaxis]
    traded = raw[:, VOLUME] * raw[:, CLOSE]
    days = first + 1 + drawn
    moves = prices[days] / prices[days - 1, CLOSE][:, np.newaxis]
    closes = prices[first, CLOSE] * np.cumprod(moves[:, CLOSE])
    before = np.append(prices[first, CLOSE], closes[:-1])
    made = np.concatenate([prices[: first + 1], moves * before[:, np.newaxis]])
    made = np.maximum(np.round(made, digits), 10.0**-digits)
    volume = np.round(np.append(traded[: first + 1], traded[days]) / made[:, CLOSE])
    values: Floats = np.column_stack((made, volume, np.ones(len(made))))
    return from_rows(one.listed, one.feed, one.opened, one.known, values)
