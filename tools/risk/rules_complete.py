"""G02: every input is there, finite and of its own type; whatever is odd refuses."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import cast

from tools.domain.instrument import AssetClass, Instrument
from tools.domain.money import LARGEST
from tools.domain.order import Order, OrderType, Reason, Side, TimeInForce
from tools.domain.portfolio import OpenOrder, Position, RecentOrder, Snapshot
from tools.risk.case import Case, MarketView
from tools.risk.limits import Limits
from tools.risk.mode import Mode
from tools.risk.rules_words import refuse, shown

SYMBOL_EXTRA = frozenset(".-/=^_")
LONGEST = 200


def complete(case: Case) -> Iterator[Reason]:
    """G02: complete and well formed."""
    for problem in _problems(case):
        yield refuse("G02", problem)


def _problems(case: Case) -> Iterator[str]:
    mode, approved = cast("tuple[object, object]", (case.mode, case.approved))
    if type(mode) is not Mode:
        yield "The trading mode is unknown; the desk must say it."
    if type(approved) is not bool:
        yield "Whether a person approved must be true or false."
    dated, simulated = cast("tuple[object, object]", (case.dated, case.simulated_venue))
    if type(dated) is not bool or type(simulated) is not bool:
        yield "Whether the order or the venue is a simulation must be true or false."
    if case.latest is not None and not _moment(case.latest):
        yield "The latest moment of the market clock has no time zone."
    if case.reference is not None and not (_number(case.reference) and case.reference > 0):
        yield "The price that the order was proposed on is not a number above zero."
    if not _moment(case.now):
        yield "The moment of the decision is missing or has no time zone."
    if type(case.limits) is not Limits:
        yield "No limits are loaded; name a limits file in the settings."
    else:
        yield from (f"The limits can't be used: {wrong}." for wrong in case.limits.problems())
    if type(case.order) is not Order:
        yield "There is no order."
        return
    yield from _order(case.order)
    if type(case.account) is not Snapshot:
        yield "The account is unknown; nothing is traded without its cash and positions."
    else:
        yield from _account(case.account, case.order)
    if type(case.market) is not MarketView:
        yield f"No price of {shown(case.order.symbol)} is known; nothing is traded without one."
    else:
        yield from _market(case.market, case.order)


def _order(order: Order) -> Iterator[str]:
    for name, least in (("intent_id", 1), ("account", 1), ("principal", 1), ("strategy", 0)):
        text = getattr(order, name)
        if type(text) is not str or not least <= len(text) <= LONGEST or not text.isprintable():
            yield f"The order's {name} must be printable text of at most {LONGEST} characters."
    if not _symbol(order.symbol):
        yield f"The symbol must be one such as IBM or BTC/USD, was {shown(order.symbol)}."
    for name, kind in (
        ("side", Side),
        ("type", OrderType),
        ("time_in_force", TimeInForce),
        ("asset_class", AssetClass),
    ):
        if type(getattr(order, name)) is not kind:
            known = ", ".join(kind)
            yield f"The order's {name} must be one of {known}, was {shown(getattr(order, name))}."
    if not _currency(order.currency):
        yield f"The order's currency must be three letters, was {shown(order.currency)}."
    if not _number(order.quantity) or order.quantity <= 0:
        yield f"The quantity must be a number above zero, was {shown(order.quantity)}."
    if order.type is OrderType.LIMIT and (
        not _number(order.limit_price) or order.limit_price is None or order.limit_price <= 0
    ):
        yield f"A limit order needs a price above zero, was {shown(order.limit_price)}."
    if order.type is OrderType.MARKET and order.limit_price is not None:
        yield "A market order must not have a limit price; leave it out or ask for a limit order."
    if not _moment(order.as_of):
        yield "The order's market moment is missing or has no time zone."


def _account(account: Snapshot, order: Order) -> Iterator[str]:
    if not _moment(account.at):
        yield "The moment of the account's figures is missing or has no time zone."
    if account.account != order.account:
        yield f"The figures are of account {shown(account.account)}, not of {shown(order.account)}."
    if not _currency(account.currency) or account.currency != order.currency:
        yield (
            f"The order is in {shown(order.currency)} but the account is in "
            f"{shown(account.currency)}; exchange the money first."
        )
    if not _number(account.cash) or not _number(account.fees):
        yield "The account's cash or fees are not finite numbers."
    lists = (("positions", Position), ("open_orders", OpenOrder), ("recent", RecentOrder))
    for name, kind in lists:
        rows = getattr(account, name)
        if type(rows) is not tuple or not all(type(row) is kind for row in rows):
            yield f"The account's {name.replace('_', ' ')} are missing or odd."
            return
    yield from _rows(account)


def _rows(account: Snapshot) -> Iterator[str]:
    for p in account.positions:
        numbers = (p.quantity, p.average_cost, p.realised)
        marked = p.mark is None or (_number(p.mark) and p.mark >= 0)
        if not (_symbol(p.symbol) and all(map(_number, numbers)) and marked):
            yield f"The position in {shown(p.symbol)} has figures that can't be used."
    if len({p.symbol for p in account.positions}) != len(account.positions):
        yield "The account lists a symbol twice."
    for o in account.open_orders:
        amounts = (o.leaves, o.worst_price)
        fine = type(o.side) is Side and all(_number(n) and n >= 0 for n in amounts)
        if not (fine and _symbol(o.symbol) and type(o.client_order_id) is str):
            yield f"An open order in {shown(o.symbol)} has figures that can't be used."
    for r in account.recent:
        priced = r.limit_price is None or _number(r.limit_price)
        fine = type(r.side) is Side and type(r.age) is timedelta and _number(r.quantity) and priced
        named = type(r.strategy) is str and type(r.client_order_id) is str
        named = named and type(r.waiting) is bool
        if not (fine and named and _symbol(r.symbol)):
            yield f"A recent order in {shown(r.symbol)} has figures that can't be used."


def _market(market: MarketView, order: Order) -> Iterator[str]:
    listed = market.instrument
    if type(listed) is not Instrument:
        yield f"The listing of {shown(order.symbol)} is unknown: no price, tick, lot or currency."
        return
    if not _number(market.bid) or not _number(market.ask):
        because = f" ({shown(market.note, 160)})" if market.note else ""
        yield f"No bid and ask of {shown(order.symbol)} are known{because}."
    elif not _moment(market.at):
        yield f"It is not known how old the price of {shown(order.symbol)} is."
    if market.average_volume is not None and not _number(market.average_volume):
        yield "The average volume is not a finite number."
    steps = (listed.tick, listed.lot, listed.multiplier)
    if not all(_number(step) and step > 0 for step in steps):
        yield f"The listing of {shown(order.symbol)} has a tick, lot or multiplier of no use."
    if listed.currency != order.currency:
        yield (
            f"{shown(order.symbol)} trades in {shown(listed.currency)}, "
            f"the order is in {shown(order.currency)}."
        )
    if listed.asset_class is not order.asset_class:
        yield (
            f"{shown(order.symbol)} is listed as {shown(listed.asset_class)}, "
            f"not {shown(order.asset_class)}."
        )


def _number(value: object) -> bool:
    return type(value) is Decimal and value.is_finite() and abs(value) <= LARGEST


def _moment(value: object) -> bool:
    return isinstance(value, datetime) and value.utcoffset() is not None


def _symbol(value: object) -> bool:
    return (
        type(value) is str
        and 0 < len(value) <= 32
        and value.isascii()
        and all(c.isalnum() or c in SYMBOL_EXTRA for c in value)
    )


def _currency(value: object) -> bool:
    return type(value) is str and len(value) == 3 and value.isascii() and value.isupper()
