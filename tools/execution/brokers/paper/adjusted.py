"""Splits as they can be read from a feed's adjusted closes; dividends can't be, for rounding."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from itertools import pairwise

from tools.domain.actions import CorporateAction, StockSplit
from tools.domain.errors import DataUnavailable
from tools.domain.market import Bar
from tools.ports import MarketData

RATIOS = tuple(
    one
    for ratio in sorted({Decimal(n) for n in range(2, 31)} | {Decimal("1.5")})
    for one in (ratio, 1 / ratio)
)
HALF_CENT = Decimal("0.005")
# No session moves a price by this factor while it also splits.
SWING = Decimal("1.3")
STILL = Decimal("0.1")


class AdjustedSplits:
    """Implements ``tools.ports.CorporateActions`` for splits of n for 1, 1 for n and 3 for 2.

    Adjusted closes are rounded to the cent, so only a jump that is such a ratio within the rounding
    is told, and only when the raw prices jumped as well. Where that is in doubt nothing is.
    """

    def __init__(self, market: MarketData) -> None:
        """Nothing is asked when made."""
        self._market = market
        self._found: dict[str, tuple[Sequence[Bar], tuple[StockSplit, ...]]] = {}

    def actions(self, symbol: str, after: datetime, until: datetime) -> Sequence[CorporateAction]:
        """The splits with an ex-moment above ``after``, up to the last bar known at ``until``."""
        try:
            bars = self._market.history(symbol, until).bars
        except DataUnavailable:
            return ()
        last = bars[-1].event_time
        known = self._known(symbol, bars)
        return [one for one in known if after < one.ex <= until and one.ex <= last]

    def _known(self, symbol: str, bars: Sequence[Bar]) -> tuple[StockSplit, ...]:
        """The splits in the bars, and perhaps later ones; only what is new is looked through."""
        seen, found = self._found.get(symbol, ((), ()))
        if not seen or not _continues(seen, bars):
            seen, found = bars[:1], ()
        if len(bars) > len(seen):
            found = (*found, *_splits(bars[len(seen) - 1 :]))
            seen = bars
        self._found[symbol] = seen, found
        return found


def _continues(seen: Sequence[Bar], bars: Sequence[Bar]) -> bool:
    """Whether one is the beginning of the other, as far as its ends tell."""
    last = min(len(seen), len(bars)) - 1
    return seen[0] == bars[0] and seen[last] == bars[last]


def _splits(bars: Sequence[Bar]) -> Iterator[StockSplit]:
    for before, bar in pairwise(bars):
        ratio = _ratio(before, bar)
        if ratio is not None:
            yield StockSplit(bar.symbol, bar.event_time, ratio)


def _ratio(before: Bar, bar: Bar) -> Decimal | None:
    """New shares for one old between two sessions; None for no split."""
    was, now = before.adjusted_close, bar.adjusted_close
    if was is None or now is None or min(was, now, before.close, bar.close, bar.open) <= 0:
        return None
    jump = (now / bar.close) / (was / before.close)
    slack = HALF_CENT / was + HALF_CENT / now + HALF_CENT / bar.close + HALF_CENT / before.close
    if abs(jump - 1) < STILL and slack < STILL:
        return None  # most days: too far from every ratio
    for ratio in RATIOS:
        if abs(jump / ratio - 1) > slack:
            continue
        if 1 / SWING < before.close / bar.open / ratio < SWING:
            return ratio
    return None
