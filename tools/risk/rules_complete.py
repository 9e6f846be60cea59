"""G02: every input is there, finite and of its own kind; whatever is odd refuses.

Types and finite numbers are read from the annotations (``tools.risk.shapes``); here stands what
must fit together. Applies to every order alike, also to one that only reduces.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from operator import attrgetter

from tools.domain.instrument import Instrument
from tools.domain.order import Order, OrderGroup, OrderType, TimeInForce
from tools.domain.portfolio import Activity, Health, Snapshot
from tools.domain.venue import Accepts
from tools.domain.verdict import Reason
from tools.risk.bounds import ZERO
from tools.risk.case import Approval, Case, MarketView, Source
from tools.risk.facts import Facts
from tools.risk.kept import Kept
from tools.risk.limits import Limits
from tools.risk.mode import Mode
from tools.risk.rules_words import NOTHING, refuse, shown
from tools.risk.shapes import Shape
from tools.risk.totals import totals

LONGEST = 200
SYMBOL = re.compile(r"[A-Za-z0-9.\-/=^_]{1,32}").fullmatch
CURRENCY = re.compile(r"[A-Z]{3}").fullmatch
ORDER = Shape(Order, "order")
MARKET = Shape(MarketView, "market")
INSTRUMENT = Shape(Instrument, "listing")
ACCOUNT = Shape(Snapshot, "account")
HEALTH = Shape(Health, "account's health")
ACTIVITY = Shape(Activity, "account's activity")
SOURCE = Shape(Source, "source")
APPROVAL = Shape(Approval, "person's approval")
ACCEPTS = Shape(Accepts, "venue's matrix")

# Which prices each type of order has; a price that doesn't belong to it is refused.
PRICES: dict[OrderType, frozenset[str]] = {
    OrderType.MARKET: frozenset(),
    OrderType.LIMIT: frozenset({"limit_price"}),
    OrderType.STOP: frozenset({"stop_price"}),
    OrderType.STOP_LIMIT: frozenset({"stop_price", "limit_price"}),
    OrderType.TRAILING_STOP: frozenset({"trail_price", "trail_fraction"}),
}
EXITS: dict[OrderGroup, frozenset[str]] = {
    OrderGroup.SIMPLE: frozenset(),
    OrderGroup.BRACKET: frozenset({"take_profit", "stop_loss"}),
    OrderGroup.OCO: frozenset({"stop_loss"}),
}
PRICED = (
    "limit_price",
    "stop_price",
    "trail_price",
    "trail_fraction",
    "take_profit",
    "stop_loss",
)
EITHER = frozenset({"trail_price", "trail_fraction"})
prices_of = attrgetter(*PRICED)
BELONG = {
    (kind, group): tuple(name in PRICES[kind] or name in EXITS[group] for name in PRICED)
    for kind in OrderType
    for group in OrderGroup
}
"""Of each price whether an order of this type and group has it."""


def complete(facts: Facts) -> tuple[Reason, ...]:
    """G02: complete and well formed; nothing else is asked before."""
    case = facts.case
    found: list[str] = []
    _parts(case, found)
    if ORDER.fits(case.order):
        _names(case.order, found)
        _prices(case.order, found)
        _whole(case.order, found)
        _account(case, found)
        _market(case, found)
    else:
        found += ORDER.problems(case.order)
    return tuple(refuse("G02", problem) for problem in found) if found else NOTHING


def _parts(case: Case, found: list[str]) -> None:
    if type(case.mode) is not Mode:
        found.append("The trading mode is unknown; the desk must say it.")
    if not (_is(case.dated, bool) and _is(case.simulated_venue, bool)):
        found.append("Whether the order or the venue is a simulation must be true or false.")
    _moments(case, found)
    if type(case.limits) is not Limits:
        found.append("No limits are loaded; name a limits file in the settings.")
    elif wrong := limits_problems(case.limits):
        found += (f"The limits can't be used: {sentence}." for sentence in wrong)
    if case.approval is not None:
        found += APPROVAL.problems(case.approval)
    found += source_problems(case.source)
    found += health_problems(case.health)
    if not ACTIVITY.fits(case.activity):
        found += ACTIVITY.problems(case.activity)
    if not venue_takes(case.accepts):
        found.append("What the venue takes is unknown; nothing is sent to it.")


def _moments(case: Case, found: list[str]) -> None:
    if case.latest is not None and not moment(case.latest):
        found.append("The latest moment of the market clock has no time zone.")
    if case.reference is not None and not (_number(case.reference) and case.reference > 0):
        found.append("The price that the order was proposed on is not a number above zero.")
    if not moment(case.now):
        found.append("The moment of the decision is missing or has no time zone.")
    if not moment(case.wall):
        found.append("The real time of the decision is missing or has no time zone.")
    if type(case.today) is not date:
        found.append("The exchange's date is missing.")


def _names(order: Order, found: list[str]) -> None:
    if not (_named(order.intent_id) and _named(order.account) and _named(order.principal)):
        needed = ("intent_id", "account", "principal")
        found += (_unnamed(name) for name in needed if not _named(getattr(order, name)))
    if order.strategy and not _named(order.strategy):
        found.append(_unnamed("strategy"))
    if order.leg_of or order.replaces or order.slice_of:
        others = (order.leg_of, order.replaces, order.slice_of)
        if not all(len(text) <= LONGEST and text.isprintable() for text in others):
            found.append("The order names another order by an id that can't be one.")
    if not SYMBOL(order.symbol):
        found.append(f"The symbol must be one such as IBM or BTC/USD, was {shown(order.symbol)}.")
    if not CURRENCY(order.currency):
        found.append(f"The order's currency must be three letters, was {shown(order.currency)}.")


def _prices(order: Order, found: list[str]) -> None:
    belong = BELONG[order.type, order.group]
    prices = prices_of(order)
    for name, price, mine in zip(PRICED, prices, belong, strict=True):
        if price is None:
            if mine and name not in EITHER:
                found.append(f"A {order.group} {order.type} order needs a {_words(name)}.")
        elif not mine:
            found.append(f"A {order.group} {order.type} order has no {_words(name)}; leave it out.")
        elif price <= ZERO:
            found.append(f"The {_words(name)} must be a number above zero, was {shown(price)}.")
    limited = order.stop_loss_limit
    if limited is not None and (order.stop_loss is None or limited <= 0):
        found.append("A limit for the stop loss is above zero and needs a stop loss.")
    if order.type is OrderType.TRAILING_STOP and (
        (order.trail_price is None) is (order.trail_fraction is None)
    ):
        found.append("A trailing stop follows by an amount or by a fraction: say one of them.")


def _whole(order: Order, found: list[str]) -> None:
    if order.quantity <= ZERO:
        found.append(f"The quantity must be a number above zero, was {shown(order.quantity)}.")
    if bool(order.slice_of) is (order.slice_total is None):
        found.append(
            "A part of a larger order names that order and its whole quantity, or neither."
        )
    elif order.slice_total is not None and order.slice_total <= 0:
        found.append("The whole quantity of a larger order must be above zero.")


def _account(case: Case, found: list[str]) -> None:
    account, order = case.account, case.order
    if type(account) is not Snapshot:
        found.append("The account is unknown; nothing is traded without its cash and positions.")
        return
    if wrong := account_problems(account):
        found += wrong
        return
    if account.account != order.account:
        found.append(
            f"The figures are of account {shown(account.account)}, not of {shown(order.account)}."
        )
    if not CURRENCY(account.currency):
        found.append(
            f"The account's currency must be three letters, was {shown(account.currency)}."
        )


def _market(case: Case, found: list[str]) -> None:
    market, order = case.market, case.order
    if type(market) is not MarketView:
        found.append(f"No price of {shown(order.symbol)} is known; nothing is traded.")
        return
    if not MARKET.fits(market):
        found += MARKET.problems(market)
        return
    symbol, listed = order.symbol, market.instrument
    odd = listing_odd(listed)
    if listed is None or odd is None:
        found.append(f"The listing of {shown(symbol)} is unknown: no price, tick, lot or currency.")
        return
    if market.bid is None or market.ask is None:
        because = f" ({shown(market.note, 160)})" if market.note else ""
        found.append(f"No bid and ask of {shown(symbol)} are known{because}.")
    elif market.at is None:
        found.append(f"It is not known how old the price of {shown(symbol)} is.")
    found += (f"The listing of {shown(symbol)} has {what}." for what in odd)
    if listed.currency != order.currency:
        found.append(
            f"{shown(symbol)} trades in {shown(listed.currency)}, the order is in "
            f"{shown(order.currency)}."
        )
    if listed.asset_class is not order.asset_class:
        found.append(
            f"{shown(symbol)} is listed as {listed.asset_class}, not {shown(order.asset_class)}."
        )
    _exchange(case, market, found)


def _exchange(case: Case, market: MarketView, found: list[str]) -> None:
    """A rate where the order is in other money than the account, and no other rate than one."""
    mine = getattr(case.account, "currency", None)
    if mine == case.order.currency:
        if market.rate is not None and market.rate != 1:
            found.append("The order is in the account's own currency, so the rate must be one.")
    elif market.rate is None or market.rate <= 0:
        found.append(
            f"The order is in {shown(case.order.currency)} but the account is in {shown(mine)}, "
            "and no exchange rate is known; wait for one, or exchange the money first."
        )


def _words(name: str) -> str:
    return name.replace("_", " ")


def moment(value: object) -> bool:
    """Whether it is a datetime with a time zone."""
    return isinstance(value, datetime) and (value.tzinfo is UTC or value.utcoffset() is not None)


def _is(value: object, kind: type) -> bool:
    return type(value) is kind


def _named(text: str) -> bool:
    return 1 <= len(text) <= LONGEST and text.isprintable()


def _unnamed(name: str) -> str:
    return f"The order's {name} must be printable text of at most {LONGEST} characters."


def _number(value: object) -> bool:
    return type(value) is Decimal and value.is_finite()


def _takes(rows: object) -> bool:
    return (
        type(rows) is tuple
        and len(rows) > 0
        and all(
            ACCEPTS.fits(row)
            and all(type(kind) is OrderType for kind in row.types)
            and all(type(time) is TimeInForce for time in row.times)
            and all(type(group) is OrderGroup for group in row.groups)
            for row in rows
        )
    )


def _health_problems(health: Health | None) -> tuple[str, ...]:
    found = HEALTH.problems(health)
    if type(health) is Health and not all(type(d) is str for d in health.differences):
        found += ("The account's health is odd.",)
    return found


def _listing_odd(listed: Instrument | None) -> tuple[str, ...] | None:
    """What is wrong with a listing; None where there is none that can be read."""
    if listed is None or not INSTRUMENT.fits(listed):
        return None
    found: tuple[str, ...] = ()
    if not (listed.tick > 0 and listed.lot > 0 and listed.multiplier > 0):
        found += ("a tick, lot or multiplier of no use",)
    if not all(type(flag) is str for flag in listed.flags):
        found += ("warnings that can't be read",)
    return found


def _account_problems(account: Snapshot) -> tuple[str, ...]:
    return ACCOUNT.problems(account) or totals(account).problems


# What is often the very same object from one order to the next is looked at once.
account_problems = Kept(_account_problems)
source_problems = Kept(SOURCE.problems)
health_problems = Kept(_health_problems)
listing_odd = Kept(_listing_odd, most=1024)
venue_takes = Kept(_takes)
limits_problems = Kept(Limits.problems)
