"""The order that takes another's place."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from tools.domain import money
from tools.domain.errors import InputError
from tools.domain.order import Order
from tools.execution.record import OrderRecord


def changed(
    old: OrderRecord,
    now: datetime,
    *,
    principal: str,
    intent_id: str,
    quantity: Decimal | None,
    limit_price: Decimal | None,
    stop_price: Decimal | None,
) -> Order:
    """The order ``old`` with what is given changed, to be proposed at ``now`` (aware UTC).

    Raises InputError when nothing is given, when an order of its type has no such price, and for a
    quantity that was filled already.
    """
    before = old.order
    if quantity is None and limit_price is None and stop_price is None:
        raise InputError("say what is to change: the quantity, the limit or the stop")
    for name, given, has in (
        ("limit", limit_price, before.limit_price),
        ("stop", stop_price, before.stop_price),
    ):
        if given is not None and has is None:
            raise InputError(f"order {old.id} has no {name} price that could change")
    done = old.carried + old.filled
    if quantity is not None and quantity <= done:
        raise InputError(
            f"order {old.id} has filled {money.plain(done)} already: the new quantity is the total "
            "and must be more than that; cancel the order to stop it there"
        )
    return replace(
        before,
        intent_id=intent_id,
        principal=principal,
        as_of=now,
        rationale="",
        replaces=before.client_order_id,
        quantity=before.quantity if quantity is None else money.quantity(quantity),
        limit_price=before.limit_price if limit_price is None else money.price(limit_price),
        stop_price=before.stop_price if stop_price is None else money.price(stop_price),
    )
