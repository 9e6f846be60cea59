"""What changed the account at Alpaca without a trade: dividends, fees, interest, money, splits.

What Alpaca tells in a form that can't be booked exactly is left out; the comparison of both
accounts then shows it as a gap, which a person looks at.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

from pydantic import AwareDatetime, BaseModel, ConfigDict, ValidationError

from tools.domain.actions import CashEvent, CashKind, Entry, Split
from tools.domain.errors import OutcomeUnknown
from tools.execution.brokers.alpaca_activities import activities
from tools.execution.brokers.alpaca_line import Line
from tools.execution.brokers.alpaca_words import Number

KINDS = {
    CashKind.DIVIDEND: "CGD DIV DIVCGL DIVCGS DIVFEE DIVFT DIVNRA DIVROC DIVTW DIVTXEX",
    CashKind.INTEREST: "INT INTNRA INTTW",
    CashKind.DEPOSIT: "CSD",
    CashKind.WITHDRAWAL: "CSW",
    CashKind.CORRECTION: "FEE JNL JNLC MISC PTC PTR TRANS",
}
KIND_OF = {name: kind for kind, names in KINDS.items() for name in names.split()}
TOKEN = re.compile(r"\d{17}::[\w-]+")


class _Row(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")

    id: str
    activity_type: str
    status: str = "executed"
    symbol: str = ""
    net_amount: Number = Decimal(0)
    qty: Number = Decimal(0)
    currency: str = "USD"
    group_id: str = ""
    date: str = ""
    created_at: AwareDatetime | None = None

    @property
    def at(self) -> datetime:
        """When it was booked, aware UTC; midnight where only the day is known."""
        if self.created_at is not None:
            return self.created_at.astimezone(UTC)
        return datetime.combine(date.fromisoformat(self.date[:10]), time.min, UTC)


def entries(line: Line, after: str = "") -> tuple[Entry, ...]:
    """The account's entries after the one with the id ``after``, oldest first.

    All of them when it is empty or no id of Alpaca's. Raises OutcomeUnknown without an answer.
    """
    query = {"category": "non_trade_activity"}
    if TOKEN.fullmatch(after):
        query["page_token"] = after
    found: list[Entry] = []
    splits: dict[tuple[str, str], _Row] = {}
    for row in _rows(activities(line, "/account/activities", **query)):
        kind = KIND_OF.get(row.activity_type)
        if kind is not None and row.net_amount:
            found.append(
                CashEvent(
                    row.id,
                    row.symbol,
                    kind,
                    row.net_amount,
                    row.currency,
                    row.at,
                    f"Alpaca: {row.activity_type}",
                )
            )
        elif row.activity_type == "SPLIT":
            # Told as two rows: the old shares go, the new ones come.
            other = splits.pop((row.symbol, row.group_id), None)
            if other is None:
                splits[row.symbol, row.group_id] = row
            elif (split := _split(other, row)) is not None:
                found.append(split)
    return tuple(found)


def _split(one: _Row, other: _Row) -> Split | None:
    gone, come = sorted((one.qty, other.qty))
    if one.qty * other.qty >= 0:
        return None
    # Of a short position the old shares come and the new ones go.
    old, new = (gone, come) if one.qty == gone else (come, gone)
    return Split(other.id, other.symbol, abs(new / old), other.at, gone + come, "Alpaca: SPLIT")


def _rows(told: Iterable[dict[str, Any]]) -> Iterable[_Row]:
    for one in told:
        try:
            row = _Row.model_validate({k: v for k, v in one.items() if v is not None})
            row.at  # noqa: B018 - a day that can't be read is found here
        except (ValidationError, ValueError):
            raise OutcomeUnknown("Alpaca's statement of the account can't be read") from None
        if row.status != "canceled":
            yield row
