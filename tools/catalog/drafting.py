"""From the words of a tool call to an Order: parsed strictly, one sentence per mistake."""

from __future__ import annotations

import secrets

from tools.clock import moment
from tools.domain.errors import InputError
from tools.domain.money import price as a_price
from tools.domain.money import quantity as a_quantity
from tools.domain.order import Order, OrderType, Side, TimeInForce
from tools.ports import Clock, MarketData


def parse_side(text: str) -> Side:
    """Buy or sell; raises InputError for anything else."""
    try:
        return Side(text.strip().lower())
    except ValueError:
        raise InputError(f"side must be buy or sell, was {text[:20]!r}") from None


def draft(
    market: MarketData,
    clock: Clock,
    account: str,
    *,
    principal: str,
    symbol: str,
    side: str,
    quantity: str,
    limit_price: str | None = None,
    time_in_force: str = "day",
    as_of: str | None = None,
    intent_id: str | None = None,
    session: str = "",
    strategy: str = "desk",
    rationale: str = "",
) -> Order:
    """An Order whose every field was checked; raises InputError or DataUnavailable.

    Tick and lot are left to the gate, which says why it refuses instead of rounding.
    """
    instrument = market.instrument(symbol)
    limit = None if limit_price is None else a_price(limit_price, "limit price")
    try:
        force = TimeInForce(time_in_force.strip().lower())
    except ValueError:
        raise InputError(f"time in force must be day or gtc, was {time_in_force[:20]!r}") from None
    return Order(
        # Without a name for the wish, each call is a wish of its own.
        intent_id=intent_id or secrets.token_hex(16),
        account=account,
        strategy=strategy,
        principal=principal,
        symbol=instrument.symbol,
        asset_class=instrument.asset_class,
        currency=instrument.currency,
        side=parse_side(side),
        quantity=a_quantity(quantity),
        type=OrderType.MARKET if limit is None else OrderType.LIMIT,
        limit_price=limit,
        time_in_force=force,
        as_of=moment(as_of, clock),
        session=session,
        rationale=rationale,
    )
