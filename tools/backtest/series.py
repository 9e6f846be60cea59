"""One symbol's bars of a backtest: columns for the strategy, exact bars for the desk."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import overload

import numpy as np

from tools.domain.errors import InputError
from tools.domain.instrument import Instrument
from tools.domain.market import Bar
from tools.market_data.columns import BarColumns, Floats, Times, moment_of, nanoseconds
from tools.market_data.sessions import trading_day

OPEN, HIGH, LOW, CLOSE, VOLUME, RATIO, OPENED = range(7)
QUOTED = OPENED + 1
NAMES = ("open", "high", "low", "close")


@dataclass(frozen=True, slots=True, eq=False)
class Series:
    """``values`` has a row a bar: open, high, low, close, volume, ratio and when it opened.

    The shape is ``(n, 7)``, and the last of these in microseconds since 1970 UTC.
    Of quotes, bid, ask and their sizes as they stood then follow from ``QUOTED`` on. ``opened`` and
    ``known`` are int64 nanoseconds since 1970 UTC. ``ratio`` is the adjusted close over the raw
    one, 1 where the feed doesn't tell it. ``bars`` are the same bars, exact.
    """

    listed: Instrument
    feed: str
    opened: Times
    known: Times
    values: Floats
    bars: Sequence[Bar]

    @property
    def symbol(self) -> str:
        """The listing's symbol."""
        return self.listed.symbol

    def __len__(self) -> int:
        """The number of bars."""
        return len(self.known)

    def fingerprint(self) -> str:
        """SHA-256 over all that a run can see of it."""
        digest = hashlib.sha256(repr(self.listed).encode())
        for column in (self.opened, self.known, self.values):
            digest.update(np.ascontiguousarray(column).tobytes())
        return digest.hexdigest()


def from_bars(listed: Instrument, feed: str, bars: Sequence[Bar]) -> Series:
    """Daily bars as a Series; raises InputError at the first whose prices can't be traded at."""
    rows = [
        (b.open, b.high, b.low, b.close, b.volume, (b.adjusted_close or b.close) / b.close)
        if b.close
        else (b.open, b.high, b.low, b.close, b.volume, 1)
        for b in bars
    ]
    if any(b.adjusted_close is None for b in bars):
        rows = [(*row[:5], 1) for row in rows]
    opened = np.array([nanoseconds(b.event_time) for b in bars], dtype=np.int64)
    known = np.array([nanoseconds(b.known_at) for b in bars], dtype=np.int64)
    values = _dated(opened, np.array(rows, dtype=np.float64).reshape(-1, OPENED))
    return _sound(Series(listed, feed, opened, known, values, tuple(bars)))


def from_columns(listed: Instrument, feed: str, columns: BarColumns) -> Series:
    """Shorter bars as a Series; raises InputError as ``from_bars``."""
    volume = np.nan_to_num(columns.volume, nan=0.0)
    prices = (columns.open, columns.high, columns.low, columns.close)
    values = np.column_stack((*prices, volume, np.ones(len(volume))))
    return from_rows(listed, feed, columns.start, columns.known, values)


def from_rows(listed: Instrument, feed: str, opened: Times, known: Times, values: Floats) -> Series:
    """Rows as in ``Series`` but without when each opened; raises InputError as ``from_bars``."""
    values = _dated(opened, values)
    return _sound(
        Series(listed, feed, opened, known, values, _Exact(listed, opened, known, values))
    )


def known_by(series: Series, moment: int) -> Series:
    """The bars that were known by a moment (nanoseconds), as views of the same arrays."""
    stop = int(np.searchsorted(series.known, moment, side="right"))
    return replace(
        series,
        opened=series.opened[:stop],
        known=series.known[:stop],
        values=series.values[:stop],
        bars=series.bars[:stop],
    )


def _dated(opened: Times, values: Floats) -> Floats:
    when = (opened // 1000).astype(np.float64)
    return np.column_stack((values[:, :OPENED], when, values[:, OPENED:]))


class _Exact(Sequence[Bar]):
    """Bars made from columns when somebody asks for them."""

    def __init__(self, listed: Instrument, opened: Times, known: Times, values: Floats) -> None:
        self._listed, self._opened, self._known, self._values = listed, opened, known, values

    def __len__(self) -> int:
        return len(self._known)

    @overload
    def __getitem__(self, which: int) -> Bar: ...
    @overload
    def __getitem__(self, which: slice) -> tuple[Bar, ...]: ...
    def __getitem__(self, which: int | slice) -> Bar | tuple[Bar, ...]:
        if isinstance(which, slice):
            return tuple(self[i] for i in range(*which.indices(len(self))))
        prices = [Decimal(repr(float(value))) for value in self._values[which, :RATIO]]
        opened = moment_of(self._opened[which])
        session = trading_day(self._listed.calendar, opened)
        known = moment_of(self._known[which])
        return Bar(self._listed.symbol, session, opened, known, *prices)


def _sound(series: Series) -> Series:
    prices = series.values[:, :VOLUME]
    wrong = ~(np.isfinite(prices) & (prices > 0))
    if wrong.any():
        bar, column = (int(place) for place in np.argwhere(wrong)[0])
        at = moment_of(series.opened[bar])
        raise InputError(
            f"{series.symbol}, bar of {at:%Y-%m-%d %H:%M} UTC: the {NAMES[column]} is "
            f"{prices[bar, column]:g}. A price at or below zero, or none, can't be traded at: end "
            f"the run before that bar with --to, or begin after it with --from."
        )
    return series
