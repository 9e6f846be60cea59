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


class AdjustedSplits:
    """Implements ``tools.ports.CorporateActions`` for splits of n for 1, 1 for n and 3 for 2.

    Adjusted closes are rounded to the cent, so only a jump that is such a ratio within the rounding
    is told, and only when the raw prices jumped as well. Where that is in doubt nothing is.
    """

    def __init__(self, market: MarketData) -> None:
        """Nothing is asked when made."""
        self._market = market
        self._found: dict[str, tuple[Bar, Bar, int, tuple[StockSplit, ...]]] = {}

    def actions(self, symbol: str, after: datetime, until: datetime) -> Sequence[CorporateAction]:
        """The splits with an ex-moment above ``after``, up to the last bar known at ``until``."""
        try:
            bars = self._market.history(symbol, until).bars
        except DataUnavailable:
            return ()
        return [split for split in self._known(symbol, bars) if after < split.ex <= until]

    def _known(self, symbol: str, bars: Sequence[Bar]) -> tuple[StockSplit, ...]:
        """The splits in the bars; read again only when there are others."""
        known, ends = self._found.get(symbol), (bars[0], bars[-1], len(bars))
        if known is None or known[:3] != ends:
            known = self._found[symbol] = (*ends, tuple(_splits(bars)))
        return known[3]


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
    for ratio in RATIOS:
        if abs(jump / ratio - 1) > slack:
            continue
        if 1 / SWING < before.close / bar.open / ratio < SWING:
            return ratio
    return None
