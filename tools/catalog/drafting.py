"""From the words of a tool call to an Order: parsed strictly, one sentence per mistake."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import TypeVar

from tools.catalog.spec import (
    ExtendedArg,
    ForceArg,
    GroupArg,
    LimitArg,
    LossArg,
    LossLimitArg,
    ProfitArg,
    StopArg,
    TrailPercentArg,
    TrailPriceArg,
)
from tools.clock import moment
from tools.domain.errors import InputError
from tools.domain.money import Price, exact
from tools.domain.money import price as a_price
from tools.domain.money import quantity as a_quantity
from tools.domain.order import Order, OrderGroup, OrderType, Side, TimeInForce
from tools.ports import Clock, MarketData

Choice = TypeVar("Choice", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class Terms:
    """How an order is to be worked, as text; nothing said is a market order for the day.

    A tool that takes ``Terms`` shows each field as a parameter of its own.

    ``trail_percent`` is in percent, all other numbers are prices in the instrument's currency.
    ``group`` is bracket (an entry with its exits) or oco (two exits of what is held); a buy with an
    exit is a bracket where it isn't said.
    """

    limit_price: LimitArg = None
    stop_price: StopArg = None
    trail_price: TrailPriceArg = None
    trail_percent: TrailPercentArg = None
    take_profit: ProfitArg = None
    stop_loss: LossArg = None
    stop_loss_limit: LossLimitArg = None
    time_in_force: ForceArg = "day"
    extended_hours: ExtendedArg = False
    group: GroupArg = None


MARKET_ORDER = Terms()


def parse_side(text: str) -> Side:
    """Buy or sell; raises InputError for anything else."""
    return _one_of(Side, text, "side")


def draft(
    market: MarketData,
    clock: Clock,
    account: str,
    *,
    principal: str,
    symbol: str,
    side: str,
    quantity: str,
    terms: Terms = MARKET_ORDER,
    as_of: str | None = None,
    intent_id: str | None = None,
    session: str = "",
    strategy: str = "desk",
    rationale: str = "",
    replaces: str = "",
) -> Order:
    """An Order whose every field was checked; raises InputError or DataUnavailable.

    Tick, lot and geometry are left to the gate, which says why it refuses instead of rounding.
    ``replaces`` is the client order id of the order at the venue that it takes the place of.
    """
    instrument = market.instrument(symbol)
    limit, stop = _price(terms.limit_price, "limit price"), _price(terms.stop_price, "stop price")
    trail = _price(terms.trail_price, "trail price")
    percent = terms.trail_percent
    fraction = None if percent is None else exact(percent.rstrip(" %"), "trail percent") / 100
    profit, loss = _price(terms.take_profit, "take profit"), _price(terms.stop_loss, "stop loss")
    way = parse_side(side)
    group = _group(terms.group, way, exits=profit is not None or loss is not None)
    if group is OrderGroup.OCO:
        if limit is not None or stop is not None or profit is None or loss is None:
            raise InputError(
                "an oco order is two exits: give take_profit and stop_loss, and no other price"
            )
        limit, profit = profit, None  # the order itself is the exit that takes the profit
    return Order(
        # Without a name for the wish, each call is a wish of its own.
        intent_id=intent_id or secrets.token_hex(16),
        account=account,
        strategy=strategy,
        principal=principal,
        symbol=instrument.symbol,
        asset_class=instrument.asset_class,
        currency=instrument.currency,
        side=way,
        quantity=a_quantity(quantity),
        type=_type(limit, stop, trail, fraction),
        limit_price=limit,
        time_in_force=_one_of(TimeInForce, terms.time_in_force, "time in force"),
        as_of=moment(as_of, clock),
        session=session,
        rationale=rationale,
        stop_price=stop,
        trail_price=trail,
        trail_fraction=fraction,
        group=group,
        take_profit=profit,
        stop_loss=loss,
        stop_loss_limit=_price(terms.stop_loss_limit, "stop loss limit"),
        extended_hours=terms.extended_hours,
        replaces=replaces,
    )


def _type(
    limit: Price | None, stop: Price | None, trail: Price | None, fraction: Decimal | None
) -> OrderType:
    """The kind that the given prices make; raises InputError for prices that don't go together."""
    if trail is not None or fraction is not None:
        if (trail is not None and fraction is not None) or limit is not None or stop is not None:
            raise InputError(
                "a trailing stop has a trail price or a trail percent, and no limit or stop price"
            )
        return OrderType.TRAILING_STOP
    if stop is not None:
        return OrderType.STOP if limit is None else OrderType.STOP_LIMIT
    return OrderType.MARKET if limit is None else OrderType.LIMIT


def _group(said: str | None, side: Side, *, exits: bool) -> OrderGroup:
    if said is not None:
        group = _one_of(OrderGroup, said, "group")
        if exits is (group is OrderGroup.SIMPLE):
            raise InputError(
                "a bracket or oco order has a take_profit or a stop_loss, a simple one has neither"
            )
        return group
    if exits and side is Side.SELL:
        raise InputError(
            "a sale with exits needs its group: oco for two exits of what you hold, bracket for "
            "a short entry with its exits"
        )
    return OrderGroup.BRACKET if exits else OrderGroup.SIMPLE


def _price(text: str | None, what: str) -> Price | None:
    return None if text is None else a_price(text, what)


def _one_of(kind: type[Choice], text: str, what: str) -> Choice:
    try:
        return kind(text.strip().lower())
    except ValueError:
        known = ", ".join(kind)
        raise InputError(f"{what} must be one of {known}, was {text[:20]!r}") from None
