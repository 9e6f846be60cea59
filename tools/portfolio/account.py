"""What the books say of an account: its balances by currency and its holdings, frozen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from types import MappingProxyType

from tools.domain.making import quickly_made
from tools.domain.money import plain
from tools.portfolio.costing import ONE, ROUNDED, SMALLEST, ZERO

NOTHING: Mapping[str, Decimal] = MappingProxyType({})


@quickly_made
@dataclass(frozen=True, slots=True)
class Holding:
    """One symbol, in its ``currency``.

    ``quantity`` and its ``cost`` are signed (short below zero). ``realised`` is the profit of what
    was closed, ``fees`` what trading it cost, ``entries`` its dividends and borrow fees by kind,
    signed as the cash moved: neither of these two is in cost or realised.
    """

    quantity: Decimal = ZERO
    cost: Decimal = ZERO
    realised: Decimal = ZERO
    currency: str = ""
    multiplier: Decimal = ONE
    fees: Decimal = ZERO
    entries: Mapping[str, Decimal] = field(default_factory=lambda: NOTHING)

    @property
    def average_cost(self) -> Decimal:
        """Cost of one unit of the underlying, zero when flat; to 1e-12, for people and reports."""
        if not self.quantity:
            return ZERO
        units = ROUNDED.multiply(self.quantity, self.multiplier)
        return Decimal(plain(ROUNDED.divide(self.cost, units).quantize(SMALLEST, context=ROUNDED)))


@quickly_made
@dataclass(frozen=True, slots=True)
class Balance:
    """One currency: ``cash``, ``fees`` paid, profit ``realised``, and other ``entries``.

    Fees above zero cost money. Entries (dividends, borrow fees, interest, deposits, …) are by kind
    and signed as the cash moved; cash in lieu of a part of a share is in realised, as a sale.
    """

    cash: Decimal = ZERO
    fees: Decimal = ZERO
    realised: Decimal = ZERO
    entries: Mapping[str, Decimal] = field(default_factory=lambda: NOTHING)


@dataclass(frozen=True, slots=True)
class Account:
    """Every currency and every symbol ever traded; ``opening`` is the first cash in ``currency``.

    ``booked`` are the ids of the splits and cash events in it.
    """

    currency: str
    opening: Decimal
    balances: Mapping[str, Balance] = field(default_factory=lambda: MappingProxyType({}))
    holdings: Mapping[str, Holding] = field(default_factory=lambda: MappingProxyType({}))
    booked: frozenset[str] = frozenset()

    def balance(self, currency: str) -> Balance:
        """One currency's balance, an empty one where nothing moved yet."""
        none = Balance(self.opening if currency == self.currency else ZERO)
        return self.balances.get(currency, none)

    @property
    def cash(self) -> Decimal:
        """Cash in the account's own currency; other currencies are in ``balances``."""
        return self.balance(self.currency).cash

    @property
    def fees(self) -> Decimal:
        """Fees paid in the account's own currency."""
        return self.balance(self.currency).fees
