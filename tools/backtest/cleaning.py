"""Which trades and quotes a market can be told by, judged by what came before each of them.

The checks of ``market_data.quality`` know the whole series. Here a row may only be judged by those
before it, or the run would know something of what comes: the same steps, looking back.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

import numpy as np
import numpy.typing as npt

from tools.market_data.aggregation.items import AHEAD
from tools.market_data.columns import Floats, QuoteColumns, TickColumns, Times
from tools.market_data.quality.ticks import BESIDE, STEPS, STUB

WIDEST = 0.10
"""A quote whose spread is a larger share of its middle is nobody's offer: the paper venue's."""

DAY = 86_400 * 10**9
BLOCK = 100_000
Mask = npt.NDArray[np.bool_]
Kept = TypeVar("Kept", QuoteColumns, TickColumns)


@dataclass(frozen=True, slots=True, eq=False)
class Sound(Generic[Kept]):
    """What is left of ``rows``, cut to microseconds; how many rows fell out, and why."""

    columns: Kept
    left_out: Mapping[str, int]
    rows: int


def sound_trades(ticks: TickColumns) -> Sound[TickColumns]:
    """Trades above zero, of something, and near enough to the ten trades before.

    As near as the exchanges' own numbers for clearly erroneous trades ask for. After a jump that
    stays the first five are left out, for nobody could tell.
    """
    price, size = ticks.price, ticks.size
    broken = ~(np.isfinite(price) & np.isfinite(size) & (price > 0) & (size > 0))
    early = ~broken & (ticks.time > ticks.known + AHEAD)
    rows = np.flatnonzero(~broken & ~early)
    usual = _usual(price[rows])
    allowed = np.select([usual > least for least, _ in STEPS], [share for _, share in STEPS], 0.10)
    off = np.zeros(len(ticks), bool)
    off[rows] = np.abs(price[rows] - usual) > allowed * usual
    keep = ~(broken | early | off)
    said = {
        "without a price above zero and a size": broken,
        "before they had happened": early,
        "clearly off the trades before": off,
    }
    return Sound(_cut(ticks.where(keep)), _counted(said), len(ticks))


def sound_quotes(quoted: QuoteColumns) -> Sound[QuoteColumns]:
    """Quotes with both sides, not crossed and not absurdly wide.

    Where most rows tell one side only, as tapes of the best bid and offer do, the other stays as
    it was told last on the same day (UTC); else a side of zero is nobody there. A side below half
    or above twice what was usual in the ten before is not taken for told.
    """
    early = quoted.time > quoted.known + AHEAD
    bid = _told(quoted.bid) & ~early
    ask = _told(quoted.ask) & ~early
    stubs = _stub(quoted.bid, bid), _stub(quoted.ask, ask)
    stub, neither = stubs[0] | stubs[1], ~early & ~bid & ~ask
    sides = bid & ~stubs[0], ask & ~stubs[1]
    if np.count_nonzero(bid & ask) * 2 < np.count_nonzero(bid | ask):
        places = [_carried(side, quoted.known) for side in sides]
    else:
        places = [np.where(side, np.arange(len(quoted)), -1) for side in sides]
    both = (places[0] >= 0) & (places[1] >= 0)
    at_bid, at_ask = (np.maximum(place, 0) for place in places)
    folded = replace(
        quoted,
        bid=quoted.bid[at_bid],
        ask=quoted.ask[at_ask],
        bid_size=quoted.bid_size[at_bid],
        ask_size=quoted.ask_size[at_ask],
    )
    middle = (folded.bid + folded.ask) / 2
    fair = both & (folded.bid <= folded.ask) & (folded.ask - folded.bid <= WIDEST * middle)
    keep = fair & ~early & ~neither & ~stub
    said = {
        "before they had happened": early,
        "with neither bid nor ask": neither,
        "less than half or more than twice the price before": stub,
        "crossed, too wide or with one side only": ~(keep | early | neither | stub),
    }
    return Sound(_cut(folded.where(keep)), _counted(said), len(quoted))


def _told(side: Floats) -> Mask:
    return np.isfinite(side) & (side > 0)


def _stub(side: Floats, told: Mask) -> Mask:
    """Prices that nobody means to trade at."""
    found = np.zeros(len(side), bool)
    rows = np.flatnonzero(told)
    usual = _usual(side[rows])
    found[rows] = (side[rows] < usual * STUB) | (side[rows] > usual / STUB)
    return found


def _usual(values: Floats) -> Floats:
    """The median of the ten before each value; of the first ones, as if the first had stood."""
    if not len(values):
        return values
    padded = np.concatenate([np.full(BESIDE, values[0]), values])
    windows = np.lib.stride_tricks.sliding_window_view(padded, BESIDE)[:-1]
    parts = [np.median(windows[at : at + BLOCK], axis=1) for at in range(0, len(values), BLOCK)]
    found: Floats = np.concatenate(parts)
    return found


def _carried(told: Mask, known: Times) -> npt.NDArray[np.int64]:
    """The last row of the same day that told it, -1 where none has."""
    place = np.maximum.accumulate(np.where(told, np.arange(len(told)), -1))
    same = known[np.maximum(place, 0)] // DAY == known // DAY
    return np.where((place >= 0) & same, place, -1)


def _counted(said: Mapping[str, Mask]) -> dict[str, int]:
    counts = {why: int(np.count_nonzero(mask)) for why, mask in said.items()}
    return {why: count for why, count in counts.items() if count}


def _cut(columns: Kept) -> Kept:
    """To microseconds, as far as a moment goes: a row is known at its own moment."""
    return replace(columns, time=columns.time // 1000 * 1000, known=columns.known // 1000 * 1000)
