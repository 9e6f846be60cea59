"""How domain objects are written as JSON: Decimals as plain text, instants as ISO 8601 UTC."""

from __future__ import annotations

import math
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any

from tools.desk import OrderRecord
from tools.domain.money import CENT, plain
from tools.domain.portfolio import Balance, Position, Snapshot
from tools.domain.verdict import Reason


def text(value: Decimal | None) -> str | None:
    """A Decimal as canonical text, None when unknown."""
    return None if value is None else plain(value)


def cents(value: Decimal | None) -> str | None:
    """A money amount rounded to the cent, as text."""
    return None if value is None else str(value.quantize(CENT))


def number(value: float, digits: int = 6) -> float | None:
    """A float for JSON: NaN and infinity become None."""
    return round(float(value), digits) if math.isfinite(value) else None


def instant(value: datetime | None) -> str | None:
    """An instant as ISO 8601."""
    return None if value is None else value.isoformat()


def fraction(part: Decimal | None, whole: Decimal | None) -> float | None:
    """``part / whole`` as a float for showing, None when either is unknown or ``whole`` is zero."""
    if part is None or whole is None or whole == 0:
        return None
    return round(float(part / whole), 6)


def reasons(rows: Iterable[Reason]) -> list[dict[str, Any]]:
    """The gate's reasons, each with its code, its sentence and whether it is final."""
    return [{"code": r.code, "sentence": r.sentence, "hard": r.hard} for r in rows]


def position(row: Position, equity: Decimal | None) -> dict[str, Any]:
    """One holding with its mark, profit and weight.

    ``value`` is in the account's currency, everything else in the position's own: ``cost`` is what
    all of it cost (below zero: what a short brought), ``unrealised`` the profit if it were closed
    at the mark, ``realised`` that of what was closed. ``fees``, ``dividends`` and ``borrow`` are in
    neither of them.
    """
    return {
        "symbol": row.symbol,
        "side": "long" if row.quantity > 0 else "short" if row.quantity else "flat",
        "quantity": text(row.quantity),
        "average_cost": text(row.average_cost.quantize(Decimal("0.0001"))),
        "mark": text(row.mark),
        "marked_at": instant(row.marked_at),
        "value": cents(row.value),
        "unrealised": cents(row.unrealised),
        "realised": cents(row.realised),
        "weight": fraction(row.value, equity),
        "currency": row.currency or None,
        "rate": text(row.rate),
        "multiplier": text(row.multiplier),
        "cost": cents(row.average_cost * row.quantity * row.multiplier),
        "fees": cents(row.fees),
        "dividends": cents(row.dividends),
        "borrow": cents(row.borrow),
    }


def balance(row: Balance) -> dict[str, Any]:
    """One currency of the account; ``rate`` turns it into the account's, None when unknown."""
    return {
        "currency": row.currency,
        "rate": text(row.rate),
        "cash": cents(row.cash),
        "realised": cents(row.realised),
        "fees": cents(row.fees),
        "dividends": cents(row.dividends),
        "borrow": cents(row.borrow),
        "interest": cents(row.interest),
        "deposits": cents(row.deposits),
        "other": cents(row.other),
    }


def snapshot(account: Snapshot) -> dict[str, Any]:
    """The whole account."""
    equity = account.equity
    return {
        "account": account.account,
        "at": instant(account.at),
        "currency": account.currency,
        "cash": cents(account.cash),
        "reserved": cents(account.reserved),
        "fees": cents(account.fees),
        "equity": cents(equity),
        "buying_power": cents(account.buying_power),
        "balances": [balance(row) for row in account.balances],
        "positions": [position(row, equity) for row in account.positions],
        "open_orders": [
            {
                "client_order_id": row.client_order_id,
                "symbol": row.symbol,
                "side": row.side,
                "leaves": text(row.leaves),
            }
            for row in account.open_orders
        ],
    }


def order_record(record: OrderRecord) -> dict[str, Any]:
    """An order with its state, every reason of the gate, its history and its fills."""
    order = record.order
    return {
        "id": order.id,
        "client_order_id": order.client_order_id,
        "state": record.state,
        "sentence": record.sentence,
        "summary": order.describe(),
        "terms": order.terms,
        "symbol": order.symbol,
        "side": order.side,
        "quantity": text(order.quantity),
        "type": order.type,
        "limit_price": text(order.limit_price),
        "time_in_force": order.time_in_force,
        "stop_price": text(order.stop_price),
        "trail_price": text(order.trail_price),
        "trail_fraction": text(order.trail_fraction),
        "group": order.group,
        "take_profit": text(order.take_profit),
        "stop_loss": text(order.stop_loss),
        "stop_loss_limit": text(order.stop_loss_limit),
        "extended_hours": order.extended_hours,
        "leg_of": order.leg_of,
        "replaces": order.replaces,
        "account": order.account,
        "currency": order.currency,
        "as_of": instant(order.as_of),
        "session": order.session,
        "digest": order.digest,
        "verdict": record.verdict,
        "reasons": reasons(record.reasons),
        "filled": text(record.filled),
        "average_price": text(record.average_price),
        "fills": [
            {
                "execution_id": fill.execution_id,
                "quantity": text(fill.quantity),
                "price": text(fill.price),
                "commission": text(fill.commission),
                "at": instant(fill.at),
                "basis": fill.basis,
            }
            for fill in record.fills
        ],
        "history": [
            {"at": instant(row.at), "kind": row.kind, "sentence": row.sentence}
            for row in record.history
        ],
        "expires_at": instant(record.expires_at),
        "approver": record.approver,
        "simulated": record.simulated,
    }
