"""What changes an account without a trade: dividends, splits and the fee for borrowed shares."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Dividend:
    """A company pays ``amount`` a share in ``currency`` to who held it before ``ex`` (aware UTC).

    ``ex`` is the open of the first session without it, and when it counts as known: few feeds say
    when it was announced. ``payable`` is the day the cash comes, None where nobody says; here it is
    booked at ``ex``.
    """

    symbol: str
    ex: datetime
    amount: Decimal
    currency: str
    payable: date | None = None


@dataclass(frozen=True, slots=True)
class StockSplit:
    """From ``ex`` (aware UTC) on, every share is ``ratio`` shares: 2 for two-for-one."""

    symbol: str
    ex: datetime
    ratio: Decimal


@dataclass(frozen=True, slots=True)
class Delisting:
    """From ``ex`` (aware UTC) on nobody trades it: who holds it gets ``price`` a share for it.

    ``price`` is in the listing's currency, and zero for what is worth nothing.
    """

    symbol: str
    ex: datetime
    price: Decimal


CorporateAction = Dividend | StockSplit | Delisting
"""What a company does to every holder of its shares."""


class CashKind(StrEnum):
    """Why money moved without a trade."""

    DIVIDEND = "dividend"
    BORROW_FEE = "borrow_fee"
    CASH_IN_LIEU = "cash_in_lieu"
    INTEREST = "interest"
    DEPOSIT = "deposit"
    WITHDRAWAL = "withdrawal"
    CORRECTION = "correction"


@dataclass(frozen=True, slots=True)
class CashEvent:
    """Money that came (above zero) or went, as a venue booked it at ``at`` (aware UTC).

    ``id`` is unique for the account and the same every time it is told. ``basis`` says in words
    what it was counted from.
    """

    id: str
    symbol: str
    kind: CashKind
    amount: Decimal
    currency: str
    at: datetime
    basis: str


@dataclass(frozen=True, slots=True)
class Split:
    """A position that became another number of shares at ``at`` (aware UTC), as a venue booked it.

    ``ratio`` is new shares for one old. ``change`` is what was added to the signed position, in
    whole lots: a part of a lot is paid by a CashEvent of its own. What the position cost in all
    stays the same.
    """

    id: str
    symbol: str
    ratio: Decimal
    at: datetime
    change: Decimal
    basis: str


Entry = CashEvent | Split
"""One line of an account's statement that is no trade."""
