"""What can be traded."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum


class AssetClass(StrEnum):
    """The classes that limits and commissions are set for."""

    EQUITY = "equity"
    CRYPTO = "crypto"
    FOREX = "forex"


@dataclass(frozen=True, slots=True)
class Instrument:
    """One listing: ``tick`` is the price step, ``lot`` the quantity step, both exact."""

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
