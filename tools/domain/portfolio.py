"""What an account holds, and what it may still owe: the picture that the gate decides on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from tools.domain.order import Side


@dataclass(frozen=True, slots=True)
class Position:
    """``quantity`` is signed (short below zero); ``average_cost`` per share, fees left out.

    ``mark`` is the last known raw close (or None when there is no price), ``marked_at`` aware UTC.
    """

    symbol: str
    quantity: Decimal
    average_cost: Decimal
    realised: Decimal
    mark: Decimal | None
    marked_at: datetime | None

    @property
    def value(self) -> Decimal | None:
        """Signed market value, None without a mark; a flat position is worth zero without one."""
        if not self.quantity:
            return Decimal(0)
        return None if self.mark is None else self.quantity * self.mark

    @property
    def unrealised(self) -> Decimal | None:
        """Profit if it were closed at the mark, None without one; zero when flat."""
        if not self.quantity:
            return Decimal(0)
        return None if self.mark is None else (self.mark - self.average_cost) * self.quantity


@dataclass(frozen=True, slots=True)
class OpenOrder:
    """An order that is in the market, may be, or has its cash reserved to go there."""

    client_order_id: str
    symbol: str
    side: Side
    leaves: Decimal
    worst_price: Decimal


@dataclass(frozen=True, slots=True)
class RecentOrder:
    """An order proposed a moment ago that was not refused; for the duplicate check.

    ``waiting`` says that no person has approved it yet, so nothing of it was sent.
    """

    client_order_id: str
    symbol: str
    side: Side
    quantity: Decimal
    limit_price: Decimal | None
    strategy: str
    age: timedelta
    waiting: bool = False


@dataclass(frozen=True, slots=True)
class Snapshot:
    """An account at ``at`` (aware UTC), in one currency."""

    account: str
    at: datetime
    currency: str
    cash: Decimal
    fees: Decimal
    positions: tuple[Position, ...]
    open_orders: tuple[OpenOrder, ...] = ()
    recent: tuple[RecentOrder, ...] = ()

    @property
    def equity(self) -> Decimal | None:
        """Cash plus the marked value of every position; None when one has no mark."""
        total = self.cash
        for position in self.positions:
            if position.value is None:
                return None
            total += position.value
        return total

    @property
    def reserved(self) -> Decimal:
        """Cash that open buys may still take."""
        return sum(
            (o.leaves * o.worst_price for o in self.open_orders if o.side is Side.BUY), Decimal(0)
        )

    def held(self, symbol: str) -> Decimal:
        """The signed quantity held of ``symbol``, zero when none."""
        return next((p.quantity for p in self.positions if p.symbol == symbol), Decimal(0))
