"""What a strategy wishes for, and the order that it becomes: where its floats become Decimal."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, Decimal

from tools.domain.errors import InputError
from tools.domain.instrument import Instrument
from tools.domain.making import quickly_made
from tools.domain.money import Price, Quantity
from tools.domain.order import Order, OrderGroup, OrderType, Side, TimeInForce

Number = float | int | Decimal
PRICES = ("limit", "stop", "trail", "trail_fraction", "take_profit", "stop_loss", "stop_loss_limit")


@quickly_made
@dataclass(frozen=True, slots=True)
class Wish:
    """To trade ``quantity`` (signed: below zero sells) of a symbol; prices in its currency."""

    symbol: str
    quantity: Number
    limit: Number | None = None
    stop: Number | None = None
    trail: Number | None = None
    trail_fraction: Number | None = None
    take_profit: Number | None = None
    stop_loss: Number | None = None
    stop_loss_limit: Number | None = None
    time: TimeInForce = TimeInForce.DAY
    oco: bool = False
    extended_hours: bool = False

    def __post_init__(self) -> None:
        """Raises InputError for a price that is no number, and for a time that is none."""
        for name in PRICES:
            _number(name, getattr(self, name))
        if self.time not in set(TimeInForce):
            raise InputError(f"An order's time is {', '.join(TimeInForce)}, not {self.time!r:.40}.")


@dataclass(frozen=True, slots=True)
class Change:
    """To put another quantity or price into an order at the venue."""

    order_id: str
    quantity: Number | None = None
    limit: Number | None = None
    stop: Number | None = None

    def __post_init__(self) -> None:
        """Raises InputError for an id that is no text, and a figure that is no number."""
        _an_id(self.order_id)
        for name in ("quantity", "limit", "stop"):
            _number(name, getattr(self, name))


@dataclass(frozen=True, slots=True)
class Cancel:
    """To end an order."""

    order_id: str

    def __post_init__(self) -> None:
        """Raises InputError for an id that is no text."""
        _an_id(self.order_id)


def _number(name: str, value: Number | None) -> None:
    try:
        if value is not None:
            float(value)
    except (TypeError, ValueError, OverflowError):
        raise InputError(f"An order's {name} is a number, was {value!r:.40}.") from None


def _an_id(order_id: object) -> None:
    if not isinstance(order_id, str):
        raise InputError(f"An order has an id such as context.orders[0].id, not {order_id!r:.40}.")


def whole_lots(quantity: Number, lot: Decimal) -> Decimal:
    """The most whole lots in it, towards zero; signed. InputError for what is no number."""
    return (_exact(quantity, "quantity") / lot).to_integral_value(ROUND_DOWN) * lot


def order_of(
    wish: Wish, listed: Instrument, *, account: str, strategy: str, intent: str, at: datetime
) -> Order | None:
    """The order of a wish made at ``at`` (aware UTC); None for less than a lot.

    The quantity is cut to whole lots and prices go to the nearest tick. Raises InputError for a
    figure that is no number.
    """
    quantity = whole_lots(wish.quantity, listed.lot)
    if not quantity:
        return None
    trails = wish.trail is not None or wish.trail_fraction is not None
    exits = wish.take_profit is not None or wish.stop_loss is not None
    group = OrderGroup.BRACKET if exits else OrderGroup.SIMPLE
    return Order(
        intent_id=intent,
        account=account,
        strategy=strategy,
        principal=f"strategy:{strategy}",
        symbol=wish.symbol,
        asset_class=listed.asset_class,
        currency=listed.currency,
        side=Side.BUY if quantity > 0 else Side.SELL,
        quantity=Quantity(abs(quantity)),
        type=_type(wish.limit is not None, wish.stop is not None, trails=trails),
        limit_price=to_tick(wish.limit, listed.tick),
        time_in_force=TimeInForce(wish.time),
        as_of=at,
        stop_price=to_tick(wish.stop, listed.tick),
        trail_price=to_tick(wish.trail, listed.tick),
        trail_fraction=None
        if wish.trail_fraction is None
        else _exact(wish.trail_fraction, "trail_fraction").quantize(Decimal("0.0001")),
        group=OrderGroup.OCO if wish.oco else group,
        take_profit=to_tick(wish.take_profit, listed.tick),
        stop_loss=to_tick(wish.stop_loss, listed.tick),
        stop_loss_limit=to_tick(wish.stop_loss_limit, listed.tick),
        extended_hours=wish.extended_hours,
    )


def to_tick(price: Number | None, tick: Decimal) -> Price | None:
    """The nearest price that can be written in ticks; None stays None."""
    if price is None:
        return None
    return Price((_exact(price, "price") / tick).to_integral_value(ROUND_HALF_EVEN) * tick)


def _type(limited: bool, stopped: bool, *, trails: bool) -> OrderType:
    if trails:
        return OrderType.TRAILING_STOP
    if stopped:
        return OrderType.STOP_LIMIT if limited else OrderType.STOP
    return OrderType.LIMIT if limited else OrderType.MARKET


def _exact(value: Number, what: str) -> Decimal:
    if isinstance(value, Decimal):
        found = value
    else:
        number = float(value)
        found = Decimal(repr(number)) if math.isfinite(number) else Decimal("NaN")
    if not found.is_finite() or abs(found) > Decimal("1e15"):
        raise InputError(f"The {what} of an order must be a number of ordinary size, was {value}.")
    return found
