"""The crossing from exact bars to float64 arrays, adjusted for what was known and nothing later."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt

from tools.domain.errors import DataUnavailable
from tools.domain.market import AsOf

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class PriceArrays:
    """One symbol's bars as read-only float64 arrays of shape ``(n,)``, oldest first.

    Prices are in the instrument's currency. With ``adjusted`` they are as they would have been
    had the splits and dividends up to the last bar always been paid, so the last close is the raw
    one. ``volume`` is as traded, never adjusted. ``dates`` are session dates.
    """

    open: Floats
    high: Floats
    low: Floats
    close: Floats
    volume: Floats
    dates: tuple[date, ...]
    adjusted: bool

    def __len__(self) -> int:
        """The number of bars."""
        return len(self.dates)


def adjusted_prices(history: AsOf) -> PriceArrays:
    """Bars as arrays; raw when any bar lacks an adjusted close.

    ``factor_t = (adjusted_t / raw_t) / (adjusted_last / raw_last)`` with ``last`` the last bar in
    ``history``. A feed's adjusted close knows every later split and dividend; each of those scales
    numerator and denominator alike and cancels, so none is seen. Never NaN; raises DataUnavailable
    when there are no bars or a price is not above zero.
    """
    raw, volume, ratio = read(history)
    if ratio is not None:
        raw = raw * (ratio / ratio[-1])[:, np.newaxis]
    opened, high, low, close = (np.ascontiguousarray(raw[:, i]) for i in range(4))
    for column in (opened, high, low, close, volume):
        column.setflags(write=False)
    return PriceArrays(
        opened, high, low, close, volume, tuple(b.session for b in history.bars), ratio is not None
    )


def read(history: AsOf) -> tuple[Floats, Floats, Floats | None]:
    """Raw prices of shape ``(n, 4)``, volume, and each adjusted close over the raw one.

    The last is None when any bar lacks an adjusted close. Errors as in ``adjusted_prices``.
    """
    bars = history.bars
    if not bars:
        raise DataUnavailable(f"There are no prices of {history.symbol} at {history.now}.")
    raw = np.array([(b.open, b.high, b.low, b.close) for b in bars], dtype=np.float64)
    volume = np.array([b.volume for b in bars], dtype=np.float64)
    closes = [b.adjusted_close for b in bars if b.adjusted_close is not None]
    adjusted = len(closes) == len(bars)
    if not (raw > 0).all() or (adjusted and min(closes) <= 0):
        raise DataUnavailable(
            f"The feed {history.feed} has a price of {history.symbol} that is not above zero."
        )
    return raw, volume, np.array(closes, dtype=np.float64) / raw[:, 3] if adjusted else None
