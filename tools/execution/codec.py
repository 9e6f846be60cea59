"""Orders, fills and reasons as plain JSON values and back: how the ledger and the venue keep them.

Numbers are text and moments ISO 8601 in UTC; nothing becomes a float.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any

from tools.domain.errors import StateError
from tools.domain.instrument import AssetClass
from tools.domain.money import Price, Quantity, plain
from tools.domain.order import Fill, Order, OrderType, Reason, Side, TimeInForce

Plain = Mapping[str, Any]


def to_plain(value: object) -> Any:
    """Any frozen domain value as JSON values; raises StateError for what has no such form."""
    if value is None or (isinstance(value, (bool, int)) and not isinstance(value, Enum)):
        return value
    if isinstance(value, Enum):
        return value.name if isinstance(value.value, int) else value.value
    if isinstance(value, (str, Decimal, datetime, timedelta)):
        return _text(value)
    if is_dataclass(value) and not isinstance(value, type):
        return {f.name: to_plain(getattr(value, f.name)) for f in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): to_plain(item) for key, item in value.items()}
    if isinstance(value, (tuple, list)):
        return [to_plain(item) for item in value]
    raise StateError(f"a {type(value).__name__} can't be written to the ledger")


def _text(value: str | Decimal | datetime | timedelta) -> str:
    if isinstance(value, Decimal):
        return plain(value) if value.is_finite() else str(value)
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat() if value.tzinfo else value.isoformat()
    return str(value.total_seconds()) if isinstance(value, timedelta) else str(value)


def canonical(value: object) -> str:
    """The one way JSON is written here: sorted keys, no spaces, ASCII."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)


def order_from(data: Plain) -> Order:
    """An order as it was written; raises StateError when it can't be read back."""
    try:
        limit = data["limit_price"]
        return Order(
            intent_id=data["intent_id"],
            account=data["account"],
            strategy=data["strategy"],
            principal=data["principal"],
            symbol=data["symbol"],
            asset_class=AssetClass(data["asset_class"]),
            currency=data["currency"],
            side=Side(data["side"]),
            quantity=Quantity(Decimal(data["quantity"])),
            type=OrderType(data["type"]),
            limit_price=None if limit is None else Price(Decimal(limit)),
            time_in_force=TimeInForce(data["time_in_force"]),
            as_of=datetime.fromisoformat(data["as_of"]),
            session=data["session"],
            rationale=data["rationale"],
        )
    except (KeyError, TypeError, ValueError, ArithmeticError) as error:
        raise _unreadable("order") from error


def fill_from(data: Plain) -> Fill:
    """A fill as it was written; raises StateError when it can't be read back."""
    try:
        return Fill(
            execution_id=data["execution_id"],
            client_order_id=data["client_order_id"],
            symbol=data["symbol"],
            side=Side(data["side"]),
            quantity=Decimal(data["quantity"]),
            price=Decimal(data["price"]),
            commission=Decimal(data["commission"]),
            currency=data["currency"],
            at=datetime.fromisoformat(data["at"]),
            basis=data["basis"],
        )
    except (KeyError, TypeError, ValueError, ArithmeticError) as error:
        raise _unreadable("fill") from error


def reasons_from(rows: Any) -> tuple[Reason, ...]:
    """The gate's reasons as they were written; raises StateError when they can't be read back."""
    try:
        return tuple(Reason(row["code"], row["sentence"], row["hard"]) for row in rows)
    except (KeyError, TypeError) as error:
        raise _unreadable("list of reasons") from error


def _unreadable(what: str) -> StateError:
    return StateError(
        f"the journal holds an {what} that can't be read; nothing is sent until "
        "`tollgate audit verify` says where, and a sound copy is put back"
    )
