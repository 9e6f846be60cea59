"""What companies do, at the paper venue: what it makes of orders that rest and of what is held.

As US venues do (FINRA rule 5330): a forward split changes the price and the size of every resting
order, a reverse split ends it, and a cash dividend lowers buys at a limit and stops to sell.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Decimal

from tools.domain.actions import (
    CashEvent,
    CashKind,
    CorporateAction,
    Delisting,
    Dividend,
    Entry,
    Split,
    StockSplit,
)
from tools.domain.money import CENT, Price, Quantity, plain
from tools.domain.order import OrderState, OrderType, Side
from tools.execution.brokers.paper.placed import Placed
from tools.execution.brokers.paper.taking import whole

STOPS = (OrderType.STOP, OrderType.STOP_LIMIT)
NO_SHARES = Decimal("1e-9")
"""As a split: of so few new shares for one old that whatever was held becomes less than a lot."""


def name_of(action: CorporateAction) -> str:
    """What it is booked under, once: of one kind there is one on a day."""
    return f"{type(action).__name__}-{action.ex.isoformat()}"


def ex_of(name: str) -> datetime:
    """The ex-moment in what ``name_of`` gave."""
    return datetime.fromisoformat(name.partition("-")[2])


def acted_on(
    placed: Placed, action: CorporateAction, tick: Decimal, lot: Decimal, *, ends: bool = False
) -> Placed:
    """A resting order from the ex-moment on; ``ends`` says that any split ends it."""
    placed = replace(placed, acted=action.ex)
    if isinstance(action, Dividend):
        return _lowered(placed, action, tick)
    if isinstance(action, Delisting):
        reason = f"{action.symbol} was taken for delisted on {action.ex.date()}"
        return replace(placed, state=OrderState.CANCELED, reason=reason)
    ratio = action.ratio
    if ratio < 1 or ends:
        kind = "reverse split" if ratio < 1 else "split"
        reason = f"a {kind} on {action.ex.date()} ended it; propose it again"
        return replace(placed, state=OrderState.CANCELED, reason=reason)
    order, progress = placed.order, placed.progress
    left = whole(progress.left * ratio, lot)
    done = placed.carried + placed.traded

    def cut(price: Price | None) -> Price | None:
        return None if price is None else _to_tick(price / ratio, tick)

    best = None if progress.best is None else progress.best / ratio
    return replace(
        placed,
        order=replace(
            order,
            quantity=Quantity(done + left),
            limit_price=cut(order.limit_price),
            stop_price=cut(order.stop_price),
            trail_price=cut(order.trail_price),
            take_profit=cut(order.take_profit),
            stop_loss=cut(order.stop_loss),
            stop_loss_limit=cut(order.stop_loss_limit),
        ),
        collar=None if placed.collar is None else placed.collar / ratio,
        progress=replace(progress, left=left, best=best, ahead=None),
    )


def booked(
    symbol: str,
    held: Decimal,
    action: CorporateAction,
    lot: Decimal,
    last: Decimal | None,
    currency: str,
    mark: str = "",
) -> tuple[Entry, ...]:
    """What an action makes of a position, longs receiving and shorts paying; nothing when flat.

    ``last`` is the last price before it, at which a part of a lot is paid out; without one the
    part stays in the position. ``currency`` is the listing's; ``mark`` ends the entries' ids.
    """
    if not held:
        return ()
    day = action.ex.date()
    if isinstance(action, Dividend):
        amount = (held * action.amount).quantize(CENT, ROUND_HALF_UP)
        basis = f"{plain(action.amount)} {action.currency} a share on {plain(held)} from {day}"
        if action.payable is not None:
            basis += f", payable {action.payable}"
        key = f"dividend-{symbol}-{action.ex.isoformat()}{mark}"
        return (
            CashEvent(key, symbol, CashKind.DIVIDEND, amount, action.currency, action.ex, basis),
        )
    if isinstance(action, Delisting):
        return _taken_off(symbol, held, action, currency, mark)
    return _split(symbol, held, action, lot, last, currency, mark)


def _taken_off(
    symbol: str, held: Decimal, action: Delisting, currency: str, mark: str
) -> tuple[Entry, ...]:
    """All shares become none, and are paid for: a short pays."""
    day = action.ex.date()
    amount = (held * action.price).quantize(CENT, ROUND_HALF_UP)
    basis = f"taken for delisted on {day}: {plain(held)} at {plain(action.price)}"
    key = f"delisting-{symbol}-{action.ex.isoformat()}{mark}"
    gone = Split(f"{key}-shares", symbol, NO_SHARES, action.ex, -held, basis)
    return gone, CashEvent(key, symbol, CashKind.CASH_IN_LIEU, amount, currency, action.ex, basis)


def _split(
    symbol: str,
    held: Decimal,
    action: StockSplit,
    lot: Decimal,
    last: Decimal | None,
    currency: str,
    mark: str,
) -> tuple[Entry, ...]:
    after = held * action.ratio
    kept = after if last is None else whole(abs(after), lot).copy_sign(held)
    basis = f"{plain(action.ratio)} for 1 from {action.ex.date()}"
    key = f"split-{symbol}-{action.ex.isoformat()}{mark}"
    split = Split(key, symbol, action.ratio, action.ex, kept - held, basis)
    part = after - kept
    if last is None or not part:
        return (split,)
    price = last / action.ratio
    amount = (part * price).quantize(CENT, ROUND_HALF_UP)
    said = f"{plain(part.quantize(Decimal('0.000001')))} of a share at {plain(price)}"
    lieu = f"cash-in-lieu-{symbol}-{action.ex.isoformat()}{mark}"
    return (
        split,
        CashEvent(lieu, symbol, CashKind.CASH_IN_LIEU, amount, currency, action.ex, said),
    )


def _lowered(placed: Placed, action: Dividend, tick: Decimal) -> Placed:
    """A buy at a limit, or a stop to sell; what it says of it is told to whoever asks for it."""
    order, amount = placed.order, action.amount
    limit, stop = order.limit_price, order.stop_price
    if order.side is Side.BUY and order.type is OrderType.LIMIT and limit is not None:
        limit = _to_tick(limit - amount, tick)
        said = f"limit is {plain(limit)}"
    elif order.side is Side.SELL and order.type in STOPS and stop is not None:
        stop = _to_tick(stop - amount, tick)
        limit = None if limit is None else _to_tick(limit - amount, tick)
        said = f"stop is {plain(stop)}"
    else:
        return placed
    reason = f"For the dividend of {action.ex.date()} its {said} now."
    return replace(placed, reason=reason, order=replace(order, limit_price=limit, stop_price=stop))


def _to_tick(price: Decimal, tick: Decimal) -> Price:
    return Price(max((price / tick).to_integral_value(ROUND_FLOOR) * tick, tick))
