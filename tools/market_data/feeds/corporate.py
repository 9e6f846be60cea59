"""Dividends and splits as a feed tells them apart from its prices."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Protocol, runtime_checkable

from tools.domain.actions import Dividend, StockSplit
from tools.domain.instrument import Instrument
from tools.market_data.sessions import session_times


@runtime_checkable
class DividendsFeed(Protocol):
    """Cash paid a share, by the first session without it."""

    def dividends(self, symbol: str) -> tuple[Dividend, ...] | None:
        """All that are known, oldest first, as they were paid then; None when not its symbol."""
        ...


@runtime_checkable
class SplitsFeed(Protocol):
    """New shares for old, by the first session with them; a dividend in shares is one."""

    def splits(self, symbol: str) -> tuple[StockSplit, ...] | None:
        """All that are known, oldest first; None when not its symbol."""
        ...


def dividend(
    listed: Instrument,
    ex: date,
    amount: Decimal,
    currency: str = "",
    payable: date | None = None,
) -> Dividend:
    """Cash a share from the open of the day ``ex`` on, in the listing's currency if none is named.

    A day without a session has the regular hours.
    """
    opens, _ = session_times(listed.calendar, ex)
    return Dividend(listed.symbol, opens, amount, currency or listed.currency, payable)


def split(listed: Instrument, ex: date, ratio: Decimal) -> StockSplit:
    """``ratio`` new shares for one old from the open of the day ``ex`` on."""
    opens, _ = session_times(listed.calendar, ex)
    return StockSplit(listed.symbol, opens, ratio)


def of_one_day(told: Iterable[Dividend]) -> Iterator[Dividend]:
    """Oldest first; the cash of several from the same day on, a special one say, is one sum."""
    found: dict[tuple[object, str], Dividend] = {}
    for one in sorted(told, key=lambda one: one.ex):
        before = found.get((one.ex, one.currency))
        amount = one.amount if before is None else before.amount + one.amount
        found[one.ex, one.currency] = replace(one, amount=amount)
    yield from found.values()
