"""The price and the size of one fill: slippage, impact, the limit, the collar and whole lots."""

from __future__ import annotations

from datetime import datetime
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from tools.domain.altering import altered
from tools.domain.order import OrderState, TimeInForce
from tools.execution.brokers.paper.resting import Progress, Resting, Step, Trade
from tools.execution.brokers.paper.terms import Terms

BPS = Decimal("0.0001")
ZERO = Decimal(0)


def beyond(sign: int, price: Decimal, bound: Decimal | None) -> bool:
    """Whether a price is worse than a bound for who buys (``sign`` +1) or sells (-1)."""
    if bound is None:
        return False
    return price > bound if sign > 0 else price < bound


def whole(quantity: Decimal, lot: Decimal) -> Decimal:
    """The most whole lots in a quantity."""
    return quantity // lot * lot


def size_of(resting: Resting, progress: Progress, room: Decimal) -> Decimal:
    """What it can get of ``room``: all or nothing for fill-or-kill, else in whole lots."""
    left = progress.left
    if resting.endless or room >= left:
        return left
    if resting.time is TimeInForce.FOK or room <= 0:
        return ZERO
    return whole(room, resting.lot)


def slipped(
    resting: Resting, price: Decimal, share: Decimal, spread: Decimal, terms: Terms
) -> Decimal:
    """The price that a taker pays, rounded to the tick against it; ``share`` is of the volume."""
    worse = terms.slippage_bps * BPS + resting.impact
    if terms.volume_slippage:
        worse += terms.volume_slippage * share * share
    moved = price + resting.sign * (price * worse + terms.spread_share * spread)
    rounding = ROUND_CEILING if resting.sign > 0 else ROUND_FLOOR
    tick = resting.tick
    return max((moved / tick).to_integral_value(rounding) * tick, tick)


def take(
    resting: Resting,
    progress: Progress,
    price: Decimal,
    at: datetime,
    basis: str,
    room: Decimal,
    terms: Terms,
    volume: Decimal = ZERO,
    spread: Decimal = ZERO,
) -> Step:
    """Trade at once with what is on offer at ``price``; at a price beyond the collar it ends."""
    size = size_of(resting, progress, room)
    share = size / volume if volume > 0 and terms.volume_slippage else ZERO
    price = slipped(resting, price, share, spread, terms)
    limit = resting.limit
    if limit is not None and beyond(resting.sign, price, limit):
        price = limit
    return _traded(resting, progress, size, price, at, basis, maker=False)


def make(resting: Resting, progress: Progress, at: datetime, basis: str, room: Decimal) -> Step:
    """Trade at its own limit with somebody who came to it."""
    if resting.limit is None:
        return Step(progress)
    size = size_of(resting, progress, room)
    return _traded(resting, progress, size, resting.limit, at, basis, maker=True)


def _traded(
    resting: Resting,
    progress: Progress,
    size: Decimal,
    price: Decimal,
    at: datetime,
    basis: str,
    *,
    maker: bool,
) -> Step:
    if beyond(resting.sign, price, resting.collar):
        reason = (
            f"the {basis}, {price} with slippage, was worse than the collar of {resting.collar}; "
            "propose again if you still want it"
        )
        return Step(progress, None, OrderState.EXPIRED, reason)
    if size <= 0:
        return Step(progress)
    left = progress.left - size
    made = progress.made + (size * price if maker else ZERO)
    after = altered(progress, left=left, made=made)
    end = None if left else OrderState.FILLED
    return Step(after, Trade(size, price, at, basis, maker), end)
