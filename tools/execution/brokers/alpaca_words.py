"""Alpaca's JSON as the house's terms. What can't be read is OutcomeUnknown, never a guess."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
)

from tools.domain.errors import OutcomeUnknown
from tools.domain.instrument import AssetClass
from tools.domain.money import LARGEST, Price, Quantity
from tools.domain.order import Order, OrderGroup, OrderState, OrderType, Side, TimeInForce

S = OrderState

STATES: dict[str, OrderState] = {
    "accepted": S.ACCEPTED,
    "accepted_for_bidding": S.ACCEPTED,
    "calculated": S.DONE_FOR_DAY,  # or filled, where all of it is
    "canceled": S.CANCELED,
    "done_for_day": S.DONE_FOR_DAY,
    "expired": S.EXPIRED,
    "filled": S.FILLED,
    "held": S.HELD,
    "new": S.ACCEPTED,
    "partially_filled": S.PARTIAL,
    "pending_cancel": S.PENDING_CANCEL,
    "pending_new": S.ACCEPTED,
    "pending_replace": S.PENDING_REPLACE,
    "rejected": S.REJECTED,
    "replaced": S.REPLACED,
    "stopped": S.ACCEPTED,  # a trade is guaranteed but has not happened
    "suspended": S.SUSPENDED,
}

CLASSES = {
    "us_equity": AssetClass.EQUITY,
    "us_option": AssetClass.OPTION,
    "crypto": AssetClass.CRYPTO,
}
# Orders for the auctions, which the house doesn't send: they end with the day.
TIMES = {"opg": TimeInForce.DAY, "cls": TimeInForce.DAY}
QUOTES = ("USDT", "USDC", "USD", "BTC")


def _no_flag(value: Any) -> Any:
    if isinstance(value, bool | float):
        raise ValueError("a number comes as text or as an integer")
    return value


def _ordinary(number: Decimal) -> Decimal:
    if number.as_tuple().exponent < -18:  # type: ignore[operator] # an int, as it is finite
        raise ValueError("a number of ordinary size has no such many decimals")
    return number


Number = Annotated[
    Decimal,
    BeforeValidator(_no_flag),
    Field(ge=-LARGEST, le=LARGEST),
    AfterValidator(_ordinary),
]
"""Finite, of ordinary size, and exact: NaN, infinity and absurd exponents are refused."""


VenueId = Annotated[str, Field(pattern=r"^[0-9A-Za-z-]{1,64}$")]
"""An id of Alpaca's; it becomes part of an address, so nothing else fits in it."""


def _one_level(value: Any) -> Any:
    """The exits of an order without any of their own: Alpaca nests no deeper."""
    if not isinstance(value, list):
        return value
    return [
        {k: v for k, v in one.items() if k != "legs"} if isinstance(one, dict) else one
        for one in value
    ]


class Told(BaseModel):
    """An order in Alpaca's words; statuses and kinds stay text, so that a new one can be read."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    id: VenueId
    client_order_id: str = Field(min_length=1)
    status: str = Field(min_length=1)
    symbol: str | None = None
    asset_class: str | None = None
    side: str | None = None
    type: str | None = None
    time_in_force: str | None = None
    order_class: str | None = None
    qty: Number | None = None
    filled_qty: Number = Decimal(0)
    limit_price: Number | None = None
    stop_price: Number | None = None
    trail_price: Number | None = None
    trail_percent: Number | None = None
    extended_hours: bool = False
    submitted_at: AwareDatetime | None = None
    created_at: AwareDatetime | None = None
    replaces: VenueId | None = None
    replaced_by: VenueId | None = None
    legs: Annotated[tuple[Told, ...] | None, BeforeValidator(_one_level)] = None

    @property
    def since(self) -> datetime | None:
        """When it reached Alpaca, aware UTC."""
        moment = self.submitted_at or self.created_at
        return None if moment is None else moment.astimezone(UTC)

    @property
    def grouped(self) -> bool:
        """Whether it is part of a bracket or OCO order, as its parent or as an exit."""
        return self.order_class not in (None, "", "simple")


class Execution(BaseModel):
    """One trade activity of the account."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    id: str = Field(min_length=1)
    order_id: str
    qty: Annotated[Number, Field(gt=0)]
    price: Annotated[Number, Field(ge=0)]
    transaction_time: AwareDatetime


def read_order(body: Any) -> Told:
    """The order that the venue tells of; OutcomeUnknown when it can't be read."""
    try:
        return Told.model_validate(body)
    except ValidationError as error:
        raise OutcomeUnknown(f"Alpaca's word on an order can't be read ({_where(error)})") from None


def read_orders(body: Any) -> list[Told]:
    """A list of orders; OutcomeUnknown when any can't be read."""
    return [read_order(one) for one in _list(body)]


def read_execution(body: Any) -> Execution:
    """One trade activity; OutcomeUnknown when it can't be read."""
    try:
        return Execution.model_validate(body)
    except ValidationError as error:
        raise OutcomeUnknown(
            f"Alpaca's word on an execution can't be read ({_where(error)})"
        ) from None


def state_of(told: Told) -> OrderState:
    """The house's name for the order's status; NEEDS_HUMAN for one it doesn't know."""
    state = STATES.get(told.status, S.NEEDS_HUMAN)
    whole = told.qty is not None and told.filled_qty >= told.qty > 0
    if told.status == "calculated" and whole:
        return S.FILLED
    return S.PARTIAL if state is S.ACCEPTED and told.filled_qty > 0 else state


def order_of(told: Told, account: str, legs: Sequence[Told] = ()) -> Order | None:
    """The order as the venue tells it; None when it is of a kind that the house has no word for."""
    try:
        if told.symbol is None or told.qty is None or told.since is None:
            return None
        group = OrderGroup(told.order_class or "simple")
        target = next((leg.limit_price for leg in legs if leg.type == "limit"), None)
        stop = next((leg for leg in legs if leg.stop_price is not None), None)
        return Order(
            intent_id=f"alpaca:{told.client_order_id}",
            account=account,
            strategy="",
            principal="venue:alpaca",
            symbol=told.symbol,
            asset_class=CLASSES[told.asset_class or ""],
            currency="USD",
            side=Side(told.side or ""),
            quantity=Quantity(told.qty),
            type=OrderType(told.type or ""),
            limit_price=_price(told.limit_price),
            time_in_force=TIMES.get(told.time_in_force or "")
            or TimeInForce(told.time_in_force or ""),
            as_of=told.since,
            stop_price=_price(told.stop_price),
            trail_price=_price(told.trail_price),
            trail_fraction=None if told.trail_percent is None else told.trail_percent / 100,
            group=group if legs else OrderGroup.SIMPLE,
            take_profit=_price(target) if group is OrderGroup.BRACKET else None,
            stop_loss=None if stop is None else _price(stop.stop_price),
            stop_loss_limit=None if stop is None else _price(stop.limit_price),
            extended_hours=told.extended_hours,
        )
    except (KeyError, ValueError):
        return None


def pair(symbol: str, asset_class: str | None) -> str:
    """A crypto symbol as BTC/USD, the way orders name it: positions say BTCUSD."""
    if asset_class == "crypto" and "/" not in symbol:
        for quote in QUOTES:
            if symbol.endswith(quote) and symbol != quote:
                return f"{symbol.removesuffix(quote)}/{quote}"
    return symbol


def _price(number: Decimal | None) -> Price | None:
    return None if number is None else Price(number)


def _list(body: Any) -> list[Any]:
    if not isinstance(body, list):
        raise OutcomeUnknown("Alpaca answered with something else than the list it was asked for")
    return body


def _where(error: ValidationError) -> str:
    """The fields that are wrong, never their values."""
    return ", ".join(".".join(str(part) for part in e["loc"]) or "all" for e in error.errors()[:3])
