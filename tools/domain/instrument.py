"""What can be traded."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum


class AssetClass(StrEnum):
    """The classes that limits and commissions are set for."""

    EQUITY = "equity"
    CRYPTO = "crypto"
    FOREX = "forex"
    OPTION = "option"
    PERPETUAL = "perpetual"


class Right(StrEnum):
    """What an option gives its owner the right to do."""

    CALL = "call"
    PUT = "put"


@dataclass(frozen=True, slots=True)
class OptionTerms:
    """A listed option's contract; ``expiry`` is its last session, ``strike`` a price a share."""

    underlying: str
    expiry: date
    strike: Decimal
    right: Right


@dataclass(frozen=True, slots=True)
class Instrument:
    """One listing: ``tick`` is the price step, ``lot`` the quantity step, both exact.

    ``multiplier`` is units of the underlying in one contract, ``option`` the contract of an option.
    ``flags`` are warnings of the feed or venue about the listing, such as "otc" or "leveraged".
    """

    symbol: str
    name: str
    venue: str
    asset_class: AssetClass
    currency: str
    tick: Decimal = Decimal("0.01")
    lot: Decimal = Decimal(1)
    multiplier: Decimal = Decimal(1)
    calendar: str = "XNYS"
    tradable: bool = True
    option: OptionTerms | None = None
    flags: tuple[str, ...] = ()
