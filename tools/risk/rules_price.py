"""Rules about an order's prices: G08 steps, G09 geometry, G10 collar.

All hold for every order, also for one that only makes a position smaller; only the least value of
G08 doesn't.
"""

from __future__ import annotations

from decimal import Decimal
from operator import attrgetter

from tools.domain.order import Order, OrderGroup, OrderType, Side
from tools.domain.verdict import Reason
from tools.risk.bounds import HALF, ZERO, Incomplete, book, collar, trail
from tools.risk.facts import Facts
from tools.risk.rules_words import NOTHING, against, money, percent, refuse, shares

PRICED = ("limit_price", "stop_price", "trail_price", "take_profit", "stop_loss", "stop_loss_limit")
priced = attrgetter(*PRICED)


def steps(facts: Facts) -> tuple[Reason, ...]:
    """G08: prices on the tick, quantity in whole lots, not dust; never rounded silently.

    ``value`` is at least ``min_order_value``, for an order that raises exposure.
    """
    order, listed = facts.order, facts.listed
    found: tuple[Reason, ...] = NOTHING
    if order.quantity <= ZERO or order.quantity % listed.lot:
        found += against(
            "G08",
            f"{shares(order.quantity)} is not a whole number of lots of {shares(listed.lot)}; "
            f"{order.symbol} trades in steps of {shares(listed.lot)}.",
        )
    if order.type is not OrderType.MARKET or order.group is not OrderGroup.SIMPLE:
        for price in priced(order):
            if price is not None and price % listed.tick:
                found += against(
                    "G08",
                    f"The price {shares(price)} is between two steps; {order.symbol} is priced in "
                    f"steps of {shares(listed.tick)}.",
                )
    if facts.value < facts.limits.min_order_value and facts.raising:
        currency = facts.account.currency
        found += against(
            "G08",
            f"The order is worth {money(facts.value, currency)}, under the least of "
            f"{money(facts.limits.min_order_value, currency)}; ask for more.",
        )
    return found


def geometry(facts: Facts) -> tuple[Reason, ...]:
    """G09: triggers wait on the side where the market is not yet, exits on both sides of the entry.

    - A buy stop is at the ask or above, a sell stop at the bid or below; a stop-limit's limit is
      no worse for being filled than its trigger (a buy's at it or above, a sell's at it or below).
    - A trailing stop's fraction is below one and its trail smaller than the price.
    - A bracket is a market, limit, stop or stop-limit order with a take profit on the winning side
      of its entry (its limit, else its trigger, else the ask or bid) and a stop loss on the other;
      a limit of the stop loss is at it or beyond.
    - An OCO order is a limit order that only makes a position smaller; its stop loss is a stop as
      above, beyond its limit.
    """
    order = facts.order
    if order.group is OrderGroup.SIMPLE and order.type in (OrderType.MARKET, OrderType.LIMIT):
        return NOTHING
    bid, ask = book(facts.market)
    price = ask if facts.buy else bid
    return tuple(
        refuse("G09", sentence)
        for wrong, sentence in (
            *_trigger(order, price),
            *_trailing(order, price),
            *_bracket(order, price),
            *_oco(facts, price),
        )
        if wrong
    )


Check = tuple[tuple[bool, str], ...]


def _trigger(order: Order, price: Decimal) -> Check:
    stop, limit = order.stop_price, order.limit_price
    if stop is None:
        return ()
    sign = order.side.sign
    early = (
        sign * (stop - price) < 0,
        (
            f"A {order.side} stop at {shares(stop)} would trigger at once with the market at "
            f"{shares(price)}; put it on the other side of the market."
        ),
    )
    if limit is None:
        return (early,)
    idle = f"The limit {shares(limit)} is short of the trigger {shares(stop)}: it might never fill."
    return early, (sign * (limit - stop) < 0, idle)


def _trailing(order: Order, price: Decimal) -> Check:
    if order.type is not OrderType.TRAILING_STOP:
        return ()
    fraction = order.trail_fraction
    far = (fraction is not None and fraction >= 1) or trail(order, price) >= price
    return ((far, "A trailing stop must stay behind by less than the price itself."),)


def _bracket(order: Order, price: Decimal) -> Check:
    if order.group is not OrderGroup.BRACKET:
        return ()
    profit, loss, limited = order.take_profit, order.stop_loss, order.stop_loss_limit
    if profit is None or loss is None:
        raise Incomplete
    sign = order.side.sign
    entry = order.limit_price or order.stop_price or price
    odd = order.type is OrderType.TRAILING_STOP
    return (
        (odd, "A bracket's entry can't be a trailing stop; use a market, limit or stop order."),
        (
            sign * (profit - entry) <= 0,
            f"The take profit {shares(profit)} is on the losing side of the entry {shares(entry)}.",
        ),
        (
            sign * (entry - loss) <= 0,
            f"The stop loss {shares(loss)} is on the winning side of the entry {shares(entry)}.",
        ),
        _short_of(sign, loss, limited),
    )


def _oco(facts: Facts, price: Decimal) -> Check:
    order = facts.order
    if order.group is not OrderGroup.OCO:
        return ()
    limit, loss = order.limit_price, order.stop_loss
    if order.type is not OrderType.LIMIT or limit is None or loss is None:
        return ((True, "An OCO order is a limit order with a stop loss."),)
    sign = order.side.sign
    return (
        (facts.raising, "An OCO order only closes what is held; ask for no more than that."),
        (
            sign * (loss - price) < 0,
            (
                f"The stop loss {shares(loss)} would trigger at once with the market at "
                f"{shares(price)}."
            ),
        ),
        (
            sign * (loss - limit) <= 0,
            (
                f"The stop loss {shares(loss)} must be on the losing side of the limit "
                f"{shares(limit)}."
            ),
        ),
        _short_of(-sign, loss, order.stop_loss_limit),
    )


def _short_of(sign: int, loss: Decimal, limited: Decimal | None) -> tuple[bool, str]:
    """``sign`` is the position's that the exit closes."""
    short = limited is not None and sign * (limited - loss) > 0
    return short, "The stop loss's limit is short of its trigger: it might never fill."


def price_collar(facts: Facts) -> tuple[Reason, ...]:
    """G10: no price far through the market, and none so far from it that it must be a slip.

    - A buy limit is at most the ask plus the collar, a sell limit at least the bid less it: the
      collar is ``banded_collar`` where both bands of the day are published, else
      ``price_collar``. A market order is sent as a limit order at the collar itself.
    - Where a trigger goes before, the limit is at most the collar beyond the trigger.
    - Every price (limit, trigger, exits) is at most ``passive_collar`` from the middle, and a trail
      at most ``passive_collar`` of it.
    """
    order = facts.order
    if order.type is OrderType.MARKET and order.group is OrderGroup.SIMPLE:
        return NOTHING
    bid, ask = book(facts.market)
    far = collar(facts.market, facts.limits)
    found: tuple[Reason, ...] = NOTHING
    if order.limit_price is not None:
        if order.stop_price is None:
            found += _through(order, order.limit_price, ask if facts.buy else bid, far)
        else:
            found += _beyond(order.side, order.limit_price, order.stop_price, far, order.currency)
    if order.stop_loss is not None and order.stop_loss_limit is not None:
        side = order.side if order.group is OrderGroup.OCO else order.side.other
        found += _beyond(side, order.stop_loss_limit, order.stop_loss, far, order.currency)
    middle = (bid + ask) * HALF
    most = facts.limits.passive_collar * middle
    prices: tuple[Decimal | None, ...] = (order.limit_price, order.stop_price)
    if order.group is not OrderGroup.SIMPLE:
        prices += (order.take_profit, order.stop_loss, order.stop_loss_limit)
    for price in prices:
        if price is not None and abs(price - middle) > most:
            found += _slip(facts, f"The price {money(price, order.currency)}", middle)
    if order.type is OrderType.TRAILING_STOP and trail(order, middle) > most:
        found += _slip(facts, f"A trail of {money(trail(order, middle), order.currency)}", middle)
    return found


def _slip(facts: Facts, what: str, middle: Decimal) -> tuple[Reason, ...]:
    return against(
        "G10",
        f"{what} is more than {percent(facts.limits.passive_collar)} from the market at "
        f"{money(middle, facts.order.currency)}; check it for a slip of the finger.",
    )


def _through(order: Order, price: Decimal, touch: Decimal, far: Decimal) -> tuple[Reason, ...]:
    sign = order.side.sign
    worst = touch * (1 + sign * far)
    if sign * (price - worst) <= 0:
        return NOTHING
    doing, where, most = (
        ("Buying", "above the ask", "highest")
        if sign > 0
        else ("Selling", "below the bid", "lowest")
    )
    return against(
        "G10",
        f"{doing} at {money(price, order.currency)} is more than {percent(far)} {where} of "
        f"{money(touch, order.currency)}; the {most} price allowed is "
        f"{money(worst, order.currency)}.",
    )


def _beyond(
    side: Side, price: Decimal, trigger: Decimal, far: Decimal, currency: str
) -> tuple[Reason, ...]:
    if side.sign * (price - trigger * (1 + side.sign * far)) <= 0:
        return NOTHING
    return against(
        "G10",
        f"The limit {money(price, currency)} is more than {percent(far)} beyond its trigger "
        f"{money(trigger, currency)}; bring them closer.",
    )
