"""Quotes and trades as columns beside bars: what was seen while each bar was forming.

An item counts for the bar in whose time one could first know it. Bars before the first item are
NaN; a bar after it in which nobody traded has zeros. A quote with a side missing, at zero or
crossed stands for nothing until the next good one.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from tools.features.inputs import Inputs
from tools.features.windows import over
from tools.indicators.arrays import Floats
from tools.market_data.columns import QuoteColumns, TickColumns, Times

Rows = npt.NDArray[np.int64]
QUOTED = ("quoted_spread", "bid_share", "book_flow", "book_depth")
TRADED = ("bought", "sold", "trades", "effective_spread")


def with_quotes(inputs: Inputs, quotes: QuoteColumns) -> Inputs:
    """Adds quoted_spread, bid_share, book_flow and book_depth, NaN in bars without an update.

    ``book_flow`` sums, over the updates, what came to the bid and left the ask, in units of the
    instrument (Cont, Kukanov and Stoikov, 2014); ``book_depth`` is the mean size of a side.
    """
    size = len(inputs)
    origin = f"quotes of {quotes.symbol} from {quotes.source}"
    if not size or not len(quotes):
        return inputs.joined({name: np.full(size, np.nan) for name in QUOTED}, origin)
    row, inside = _rows(inputs, quotes.known)
    good = _good(quotes)
    middle = (quotes.bid + quotes.ask) / 2
    width = np.where(good, (quotes.ask - quotes.bid) / np.where(good, middle, 1), np.nan)
    shown = good & inside & (quotes.bid_size >= 0) & (quotes.ask_size >= 0)
    updates = _count(row, inside & good, size)
    event = _events(quotes, good)
    known = shown & ~np.isnan(event)
    depth = (quotes.bid_size + quotes.ask_size) / 2
    last = _last(row, shown, size)
    side = np.where(last >= 0, quotes.bid_size[last], np.nan)
    both = np.where(last >= 0, 2 * depth[last], np.nan)
    seen, sized = updates > 0, _count(row, shown, size)
    columns: Mapping[str, Floats] = {
        "quoted_spread": np.where(seen, _standing(inputs, quotes.known, width), np.nan),
        "bid_share": over(side, both),
        "book_flow": np.where(sized > 0, _sum(row, known, event, size), np.nan),
        "book_depth": over(_sum(row, shown, depth, size), sized),
    }
    return inputs.joined(columns, origin)


def with_trades(inputs: Inputs, ticks: TickColumns, quotes: QuoteColumns | None = None) -> Inputs:
    """Adds bought, sold and trades, and effective_spread where there are ``quotes``.

    A trade above the middle of the quote known before it was bought, one below it sold; at the
    middle, and without quotes, the last change of price decides (C. Lee and M. Ready, 1991). One
    that nothing decides counts for neither.
    """
    size = len(inputs)
    row, inside = _rows(inputs, ticks.known)
    inside &= (ticks.price > 0) & (ticks.size > 0)
    middle = np.full(len(ticks), np.nan) if quotes is None else _before(quotes, ticks.known)
    side = np.where(np.isnan(middle), 0, np.sign(ticks.price - middle))
    side = np.where(side == 0, _tick_rule(ticks.price), side)
    begun = _begun(inputs, ticks.known)
    columns = {
        "bought": np.where(begun, _sum(row, inside & (side > 0), ticks.size, size), np.nan),
        "sold": np.where(begun, _sum(row, inside & (side < 0), ticks.size, size), np.nan),
        "trades": np.where(begun, _count(row, inside, size), np.nan),
    }
    origin = f"trades of {ticks.symbol} from {ticks.source}"
    if quotes is not None:
        quoted = inside & ~np.isnan(middle)
        paid = 2 * np.abs(ticks.price - middle) / np.where(quoted, middle, 1) * ticks.size
        weight = _sum(row, quoted, ticks.size, size)
        columns["effective_spread"] = over(_sum(row, quoted, paid, size), weight)
        origin += f", quotes from {quotes.source}"
    return inputs.joined(columns, origin)


def _rows(inputs: Inputs, known: Times) -> tuple[Rows, npt.NDArray[np.bool_]]:
    """Each item's bar, and whether it has one: none is known between the bars of two sessions."""
    row = np.searchsorted(inputs.known, known, side="left")
    if not len(inputs):
        return row, np.zeros(len(known), np.bool_)
    kept = np.minimum(row, len(inputs) - 1)
    return kept, (row < len(inputs)) & (known >= inputs.start[kept])


def _good(quotes: QuoteColumns) -> npt.NDArray[np.bool_]:
    with np.errstate(invalid="ignore"):
        good: npt.NDArray[np.bool_] = (quotes.bid > 0) & (quotes.ask >= quotes.bid)
    return good & np.isfinite(quotes.ask)


def _events(quotes: QuoteColumns, good: npt.NDArray[np.bool_]) -> Floats:
    """What each update did to the book; NaN after none, or where a size is missing."""
    event = np.full(len(quotes), np.nan)
    bid, ask, bids, asks = quotes.bid, quotes.ask, quotes.bid_size, quotes.ask_size
    both = good[1:] & good[:-1]
    with np.errstate(invalid="ignore"):
        made = (
            np.where(bid[1:] >= bid[:-1], bids[1:], 0)
            - np.where(bid[1:] <= bid[:-1], bids[:-1], 0)
            - np.where(ask[1:] <= ask[:-1], asks[1:], 0)
            + np.where(ask[1:] >= ask[:-1], asks[:-1], 0)
        )
    event[1:] = np.where(both, made, np.nan)
    return event


def _standing(inputs: Inputs, known: Times, width: Floats) -> Floats:
    """Mean of ``width`` over each bar's time, by how long each value stood."""
    left = np.maximum(inputs.start, np.concatenate([inputs.start[:1], inputs.known[:-1]]))
    good = ~np.isnan(width)
    lasted = np.diff(known, append=known[-1:]).astype(np.float64)
    areas = np.concatenate([[0.0], np.cumsum(np.where(good, width, 0) * lasted)])
    times = np.concatenate([[0.0], np.cumsum(np.where(good, lasted, 0))])

    def until(edge: Times) -> tuple[Floats, Floats]:
        at = np.searchsorted(known, edge, side="right") - 1
        some = np.maximum(at, 0)
        more = np.where((at >= 0) & good[some], (edge - known[some]).astype(np.float64), 0)
        value = np.where(good[some], width[some], 0)
        return areas[some] + value * more, times[some] + more

    (first_area, first_time), (area, time) = until(left), until(inputs.known)
    stood = time - first_time
    # A bar whose only quote came at its very end has that one.
    at_end = width[np.maximum(np.searchsorted(known, inputs.known, side="right") - 1, 0)]
    return np.where(stood > 0, (area - first_area) / np.where(stood > 0, stood, 1), at_end)


def _before(quotes: QuoteColumns, known: Times) -> Floats:
    """The middle of the last quote known before each trade; NaN where that one is no good."""
    if not len(quotes):
        return np.full(len(known), np.nan)
    at = np.searchsorted(quotes.known, known, side="left") - 1
    middle = np.where(_good(quotes), (quotes.bid + quotes.ask) / 2, np.nan)
    return np.where(at >= 0, middle[np.maximum(at, 0)], np.nan)


def _tick_rule(price: Floats) -> Floats:
    """1 when the last change of price was a rise, -1 a fall, 0 before any."""
    change = np.sign(np.diff(price, prepend=price[:1]))
    last = np.maximum.accumulate(np.where(change != 0, np.arange(len(price)), 0))
    return change[last] if len(price) else change


def _begun(inputs: Inputs, known: Times) -> npt.NDArray[np.bool_]:
    """Bars that end after the first item was known."""
    return inputs.known >= known[0] if len(known) else np.zeros(len(inputs), np.bool_)


def _sum(row: Rows, which: npt.NDArray[np.bool_], values: Floats, size: int) -> Floats:
    return np.bincount(row[which], values[which], minlength=size).astype(np.float64)


def _count(row: Rows, which: npt.NDArray[np.bool_], size: int) -> Floats:
    return np.bincount(row[which], minlength=size).astype(np.float64)


def _last(row: Rows, which: npt.NDArray[np.bool_], size: int) -> Rows:
    """The last item of each bar, -1 without one."""
    last = np.full(size, -1, np.int64)
    last[row[which]] = np.flatnonzero(which)
    return last
