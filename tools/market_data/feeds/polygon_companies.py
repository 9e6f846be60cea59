"""Polygon's reference data of dividends and splits as the house's terms."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from tools.domain.actions import Dividend, StockSplit
from tools.domain.errors import DataUnavailable
from tools.domain.instrument import Instrument
from tools.market_data.feeds.corporate import dividend, split
from tools.market_data.feeds.polygon_source import number
from tools.market_data.feeds.polygon_words import polygon_symbol


def dividends_of(listed: Instrument, rows: Iterable[Any]) -> tuple[Dividend, ...]:
    """Cash as it was paid then, oldest first."""
    found = []
    for row in _own(listed, rows):
        amount, ex = number(row.cash_amount), row.ex_dividend_date
        if amount is None or amount <= 0 or not ex:
            raise _odd(listed, "dividends")
        day, paid = date.fromisoformat(ex), row.pay_date
        payable = date.fromisoformat(paid) if paid else None
        found.append(dividend(listed, day, amount, str(row.currency or ""), payable))
    return tuple(sorted(found, key=lambda one: one.ex))


def splits_of(listed: Instrument, rows: Iterable[Any]) -> tuple[StockSplit, ...]:
    """Oldest first."""
    found = []
    for row in _own(listed, rows):
        old, new = number(row.split_from), number(row.split_to)
        if old is None or new is None or old <= 0 or new <= 0 or not row.execution_date:
            raise _odd(listed, "splits")
        found.append(split(listed, date.fromisoformat(row.execution_date), new / old))
    return tuple(sorted(found, key=lambda one: one.ex))


def _own(listed: Instrument, rows: Iterable[Any]) -> Iterable[Any]:
    return (row for row in rows if row.ticker == polygon_symbol(listed.symbol))


def _odd(listed: Instrument, what: str) -> DataUnavailable:
    return DataUnavailable(f"Polygon's {what} of {listed.symbol} can't be read.")
