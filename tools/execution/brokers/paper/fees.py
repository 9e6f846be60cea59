"""What the paper venue charges, by asset class.

Every schedule is counted over the whole order, so one filled in parts costs no more than in one.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from typing import Protocol

BPS = Decimal("0.0001")
CENT = Decimal("0.01")
ZERO = Decimal(0)


class Schedule(Protocol):
    """A price list; money is in the order's currency."""

    def of(
        self, quantity: Decimal, value: Decimal, *, sold: bool = False, made: Decimal = ZERO
    ) -> Decimal:
        """The charge on ``quantity`` worth ``value``, of which ``made`` was traded as a maker."""
        ...


@dataclass(frozen=True, slots=True)
class Commission:
    """A typical US schedule for shares: so much each, with a least and a most (of the value).

    ``sell_rate`` is what the regulators take of the value of a sale: by default the 27.80 dollars
    a million of the SEC's fee as it stood in 2024. It changes from year to year.
    """

    per_share: Decimal = Decimal("0.005")
    minimum: Decimal = Decimal(1)
    most: Decimal = Decimal("0.01")
    sell_rate: Decimal = Decimal("0.0000278")

    def of(
        self, quantity: Decimal, value: Decimal, *, sold: bool = False, made: Decimal = ZERO
    ) -> Decimal:
        """The commission and fees, up to the cent."""
        if not quantity:
            return ZERO
        due = min(max(self.per_share * quantity, self.minimum), self.most * value)
        if sold:
            due = due.quantize(CENT, ROUND_CEILING) + self.sell_rate * value
        return due.quantize(CENT, ROUND_CEILING)


@dataclass(frozen=True, slots=True)
class MakerTaker:
    """Basis points of the value: ``maker_bps`` for orders that waited, ``taker_bps`` for others.

    The defaults are those of a small account at a retail crypto venue.
    """

    maker_bps: Decimal = Decimal(15)
    taker_bps: Decimal = Decimal(25)

    def of(
        self, quantity: Decimal, value: Decimal, *, sold: bool = False, made: Decimal = ZERO
    ) -> Decimal:
        """The fee, up to the cent."""
        due = (made * self.maker_bps + (value - made) * self.taker_bps) * BPS
        return due.quantize(CENT, ROUND_CEILING)


@dataclass(frozen=True, slots=True)
class PerContract:
    """So much a contract, as for options."""

    amount: Decimal = Decimal("0.65")

    def of(
        self, quantity: Decimal, value: Decimal, *, sold: bool = False, made: Decimal = ZERO
    ) -> Decimal:
        """The commission, up to the cent."""
        return (quantity * self.amount).quantize(CENT, ROUND_CEILING)


@dataclass(frozen=True, slots=True)
class SpreadOnly:
    """Nothing beside the spread, as is usual for currencies."""

    def of(
        self, quantity: Decimal, value: Decimal, *, sold: bool = False, made: Decimal = ZERO
    ) -> Decimal:
        """Zero."""
        return ZERO
