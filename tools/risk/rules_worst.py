"""The worst that an order, with everything already open, could come to.

Open orders in a Snapshot are those at the venue, those reserved to go there and those whose fate
is unknown: all count in full.
"""

from __future__ import annotations

from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from tools.domain.instrument import Instrument
from tools.domain.order import Order, Side
from tools.domain.portfolio import Snapshot
from tools.risk.case import Case, MarketView
from tools.risk.limits import Limits
from tools.risk.rules_words import shown

# A short sale is counted at no less than this times the ask, as brokers do.
SHORT_FACTOR = Decimal("1.03")
FLAT = (Decimal(0), Decimal(0))


class Incomplete(Exception):
    """Something that a rule needs is missing; the gate refuses then."""


def parts(case: Case) -> tuple[Order, Snapshot, MarketView, Limits]:
    """The four parts of a case; raises Incomplete when one is missing."""
    if case.account is None or case.market is None or case.limits is None:
        raise Incomplete
    return case.order, case.account, case.market, case.limits


def listing(market: MarketView) -> Instrument:
    """The instrument; raises Incomplete when it is unknown."""
    if market.instrument is None:
        raise Incomplete
    return market.instrument


def book(market: MarketView) -> tuple[Decimal, Decimal]:
    """Bid and ask; raises Incomplete unless 0 < bid <= ask."""
    if market.bid is None or market.ask is None or not 0 < market.bid <= market.ask:
        raise Incomplete
    return market.bid, market.ask


def equity(account: Snapshot) -> Decimal:
    """Cash and marked positions; raises Incomplete when a position has no price."""
    total = account.equity
    if total is None:
        raise Incomplete
    return total


def collar_price(case: Case) -> Decimal:
    """The worst price that a market order may fill at, on the tick, never beyond the collar."""
    order, _, market, limits = parts(case)
    bid, ask = book(market)
    tick = listing(market).tick
    if order.side is Side.BUY:
        return _on_tick(ask * (1 + limits.price_collar), tick, ROUND_FLOOR)
    return _on_tick(bid * (1 - limits.price_collar), tick, ROUND_CEILING)


def fill_bound(case: Case) -> Decimal:
    """The worst price a fill of this order may have for the trader: its limit, or the collar."""
    limit = case.order.limit_price
    return collar_price(case) if limit is None else limit


def value_price(case: Case) -> Decimal:
    """The highest price a share of this order may stand for, in the instrument's currency."""
    order, account, market, _ = parts(case)
    if order.side is Side.BUY:
        return fill_bound(case)
    bid, ask = book(market)
    highest = bid if order.limit_price is None else max(order.limit_price, bid)
    if short_after(order, account) > 0:
        return max(highest, SHORT_FACTOR * ask)
    return highest


def order_value(case: Case) -> Decimal:
    """The most money this order may move, fees left out."""
    _, _, market, _ = parts(case)
    return case.order.quantity * value_price(case) * listing(market).multiplier


def pending(account: Snapshot, symbol: str, side: Side) -> Decimal:
    """Shares that open orders may still trade on one side of a symbol."""
    return sum(
        (o.leaves for o in account.open_orders if o.symbol == symbol and o.side is side),
        Decimal(0),
    )


def short_after(order: Order, account: Snapshot) -> Decimal:
    """Shares short if this sell and every open sell are filled and no buy is; zero when none."""
    if order.side is Side.BUY:
        return Decimal(0)
    left = account.held(order.symbol) - pending(account, order.symbol, Side.SELL) - order.quantity
    return max(-left, Decimal(0))


def raises_exposure(order: Order, account: Snapshot) -> bool:
    """Whether it could open, grow or flip a position; False when it can only make one smaller."""
    held = account.held(order.symbol)
    if held * order.side.sign >= 0:
        return True
    return order.quantity + pending(account, order.symbol, order.side) > abs(held)


def fee(limits: Limits, quantity: Decimal) -> Decimal:
    """The commission that the cash check allows for."""
    return max(limits.fee_minimum, limits.fee_per_share * quantity)


Sides = tuple[Decimal, Decimal]
"""A symbol's signed value if only its open buys fill, and if only its open sells do."""


def values(account: Snapshot) -> dict[str, Sides]:
    """Both values of every symbol held or on order, in one pass; Incomplete without a price."""
    found: dict[str, Sides] = {}
    for position in account.positions:
        worth = position.value
        if worth is None:
            raise Incomplete
        found[position.symbol] = (worth, worth)
    for o in account.open_orders:
        longest, shortest = found.get(o.symbol, FLAT)
        worth = o.leaves * o.worst_price
        if o.side is Side.BUY:
            found[o.symbol] = (longest + worth, shortest)
        else:
            found[o.symbol] = (longest, shortest - worth)
    return found


def with_order(case: Case, before: Sides) -> Sides:
    """The two values of the order's own symbol with the order added on its side."""
    longest, shortest = before
    if case.order.side is Side.BUY:
        return longest + order_value(case), shortest
    return longest, shortest - order_value(case)


def no_price_for(account: Snapshot) -> str:
    """The held symbols without a price, for a sentence; empty when all have one."""
    return ", ".join(shown(p.symbol) for p in account.positions if p.value is None)


def _on_tick(price: Decimal, tick: Decimal, rounding: str) -> Decimal:
    return (price / tick).to_integral_value(rounding) * tick
