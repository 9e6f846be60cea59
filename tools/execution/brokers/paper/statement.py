"""The lines of the account's statement as the record keeps them."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from tools.domain.actions import CashEvent, CashKind, Entry, Split


def entry_from(body: dict[str, Any]) -> Entry:
    """A line as it was written."""
    key, symbol, basis = body["id"], body["symbol"], body["basis"]
    at = datetime.fromisoformat(body["at"])
    if body["entry"] == "split":
        return Split(key, symbol, Decimal(body["ratio"]), at, Decimal(body["change"]), basis)
    return CashEvent(
        key, symbol, CashKind(body["kind"]), Decimal(body["amount"]), body["currency"], at, basis
    )
