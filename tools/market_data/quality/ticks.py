"""Checks of trades and of quotes."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from tools.market_data.aggregation.items import AHEAD
from tools.market_data.columns import Floats, QuoteColumns, TickColumns, Times
from tools.market_data.quality.finding import Finding, Kind, Severity, Treatment, found
from tools.market_data.quality.moves import FAR, NORMAL

BESIDE = 10
"""Trades before and after that a price is compared with."""

STEPS = ((50.0, 0.03), (25.0, 0.05), (0.0, 0.10))
"""By the price, how far off a trade is "clearly erroneous" by the exchanges' own numerical
guidelines for the regular session (NYSE rule 7.10, Nasdaq rule 11890)."""

DOUBTFUL = 0.005
STUB = 0.5
"""A bid below half or an ask above twice the usual one is no offer to trade."""

BLOCK = 1000
Mask = npt.NDArray[np.bool_]


def trades(ticks: TickColumns, *, negative: bool) -> list[Finding]:
    """Each finding of a series of trades; ``negative`` as in ``bars.shape``."""
    price, at = ticks.price, ticks.time
    broken = ~np.isfinite(price) | ~np.isfinite(ticks.size)
    below = ~broken & (price <= 0) & (not negative)
    empty = ~broken & (ticks.size <= 0)
    back = np.zeros(len(ticks), bool)
    back[1:] = at[1:] < np.maximum.accumulate(at)[:-1]
    again = np.zeros(len(ticks), bool)
    again[1:] = (np.diff(at) == 0) & (np.diff(price) == 0) & (np.diff(ticks.size) == 0)
    wrong, odd = off_market(price, ~(broken | below))
    error, note, removed = Severity.ERROR, Severity.NOTE, Treatment.REMOVED
    return [
        *found(Kind.NOT_A_NUMBER, error, removed, broken, at, "price or size is no number"),
        *found(Kind.NOT_POSITIVE, error, removed, below, at, "a price is not above zero"),
        *found(Kind.NOT_POSITIVE, error, removed, empty, at, "a trade of nothing"),
        *found(
            Kind.FROM_THE_FUTURE, error, removed, at > ticks.known + AHEAD, at,
            "happened later than it was known",
        ),
        *found(
            Kind.OUT_OF_ORDER, note, Treatment.KEPT, back, at,
            "came after a trade that happened later",
        ),
        *found(
            Kind.DUPLICATE, note, Treatment.KEPT, again, at,
            "the same moment, price and size as the trade before, which real tapes have",
        ),
        *found(
            Kind.BAD_TICK, error, removed, wrong, at,
            "clearly off the trades before and after, which agree",
        ),
        *found(
            Kind.BAD_TICK, Severity.WARNING, Treatment.FLAGGED, odd, at,
            "off the trades before and after by much more than they move",
        ),
    ]  # fmt: skip


def off_market(price: Floats, valid: Mask) -> tuple[Mask, Mask]:
    """Prices that are clearly, and that are perhaps, off the market.

    A price is compared with the medians of the ten before and of the ten after it, and is off when
    it lies beyond both on the same side: after a jump that stays, the ones after agree with it.
    """
    wrong, odd = np.zeros(len(price), bool), np.zeros(len(price), bool)
    rows = np.flatnonzero(valid)
    if len(rows) <= 2 * BESIDE:
        return wrong, odd
    seen = price[rows]
    windows = np.lib.stride_tricks.sliding_window_view(seen, BESIDE)
    middle = np.median(windows, axis=1)
    before = np.concatenate([np.full(BESIDE, np.nan), middle[:-1]])
    after = np.concatenate([middle[1:], np.full(BESIDE, np.nan)])
    before, after = (
        np.where(np.isnan(before), after, before),
        np.where(np.isnan(after), before, after),
    )
    over = np.fmax(seen - np.fmax(before, after), np.fmin(before, after) - seen)
    usual = _spread(np.abs(seen - before))
    base = np.abs(before)
    clearly = np.select([base > least for least, _ in STEPS], [share for _, share in STEPS], 0.10)
    wrong[rows] = over > clearly * base
    odd[rows] = (over > np.fmax(FAR * usual, DOUBTFUL * base)) & ~wrong[rows]
    return wrong, odd


def _spread(distance: Floats) -> Floats:
    """The usual distance, block by block."""
    blocks = -(-len(distance) // BLOCK)
    usual = np.array(
        [np.median(distance[i * BLOCK : (i + 1) * BLOCK]) for i in range(blocks)], np.float64
    )
    return np.repeat(usual * NORMAL, BLOCK)[: len(distance)]


def quotes(quoted: QuoteColumns) -> list[Finding]:
    """Each finding of a series of bids and asks, of one exchange or of all together."""
    bid, ask, at = quoted.bid, quoted.ask, quoted.time
    broken = np.isinf(bid) | np.isinf(ask) | (bid < 0) | (ask < 0)
    no_bid, no_ask = ~(bid > 0), ~(ask > 0)
    none = no_bid & no_ask & ~broken
    one = (no_bid ^ no_ask) & ~broken
    two = ~no_bid & ~no_ask & ~broken
    stub = _stub(bid, at) | _stub(ask, at)
    error, note, removed = Severity.ERROR, Severity.NOTE, Treatment.REMOVED
    return [
        *found(Kind.NOT_A_NUMBER, error, removed, broken, at, "a price is no number or negative"),
        *found(Kind.ONE_SIDED, error, removed, none, at, "neither bid nor ask"),
        *found(
            Kind.ONE_SIDED, note, Treatment.FLAGGED, one & ~stub, at,
            "only one side is given; the other's zero is no price",
        ),
        *found(
            Kind.BAD_TICK, error, removed, stub & ~broken, at,
            "less than half or more than twice the usual price: nobody means to trade there",
        ),
        *found(
            Kind.CROSSED, Severity.WARNING, Treatment.FLAGGED, two & (bid > ask) & ~stub, at,
            "the bid is above the ask",
        ),
        *found(
            Kind.LOCKED, note, Treatment.KEPT, two & (bid == ask) & ~stub, at,
            "bid and ask are the same",
        ),
        *found(
            Kind.FROM_THE_FUTURE, error, removed, at > quoted.known + AHEAD, at,
            "happened later than it was known",
        ),
    ]  # fmt: skip


def _stub(side: Floats, times: Times) -> Mask:
    """Prices far from the median of their thousand; of few, from the median of all."""
    far = np.zeros(len(times), bool)
    rows = np.flatnonzero(np.isfinite(side) & (side > 0))
    blocks = max(1, len(rows) // BLOCK)
    for block in np.array_split(rows, blocks):
        if len(block):
            usual = np.median(side[block])
            far[block] = (side[block] < usual * STUB) | (side[block] > usual / STUB)
    return far
