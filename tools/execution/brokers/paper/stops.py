"""When a stop is reached: where the market stands against it, and where it trails to."""

from __future__ import annotations

from decimal import Decimal

from tools.domain.market import Bar
from tools.execution.brokers.paper.resting import Progress, Resting


def level(resting: Resting, best: Decimal | None) -> Decimal | None:
    """The price that triggers it: fixed, or as far behind ``best`` as it trails; None unknown."""
    if resting.stop is not None:
        return resting.stop
    if best is None:
        return None
    if resting.trail is not None:
        return best + resting.sign * resting.trail
    if resting.trail_fraction is not None:
        return best * (1 + resting.sign * resting.trail_fraction)
    return None


def reached(resting: Resting, price: Decimal, at: Decimal | None) -> bool:
    """Whether a buy stop's price has risen, or a sell stop's fallen, to the level ``at``."""
    if at is None:
        return False
    return price >= at if resting.sign > 0 else price <= at


def better(resting: Resting, best: Decimal | None, price: Decimal) -> Decimal | None:
    """The high-water mark of a trailing stop after ``price``: the low-water mark of a buy."""
    if resting.stop is not None:
        return None
    if best is None:
        return price
    return min(best, price) if resting.sign > 0 else max(best, price)


def in_bar(
    resting: Resting, progress: Progress, bar: Bar
) -> tuple[Decimal | None, bool, Decimal | None]:
    """The price it is triggered at in a bar, whether that is the open, and the new best price.

    A market that opens beyond the level triggers at the open, which is worse than the level. The
    best price within a bar counts only for what comes after it for certain: the close.
    """
    sign, before = resting.sign, level(resting, progress.best)
    if reached(resting, bar.open, before):
        return bar.open, True, progress.best
    best = better(resting, progress.best, bar.open)
    at = level(resting, best)
    if reached(resting, bar.high if sign > 0 else bar.low, at):
        return at, False, best
    best = better(resting, best, bar.low if sign > 0 else bar.high)
    at = level(resting, best)
    if reached(resting, bar.close, at):
        return at, False, best
    return None, False, best
