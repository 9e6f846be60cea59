"""What an account holds, and what it may still owe: the picture that the gate decides on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from tools.domain.instrument import AssetClass
from tools.domain.making import quickly_made
from tools.domain.order import OrderType, Side
from tools.domain.venue import MarginRegime


@quickly_made
@dataclass(frozen=True, slots=True)
class Position:
    """``quantity`` is signed (short below zero); ``average_cost`` per share, fees left out.

    ``mark`` is the last known raw close (or None when there is no price), ``marked_at`` aware UTC.
    All are in ``currency`` (empty for the account's own); ``rate`` turns it into the account's,
    None when it isn't known. ``multiplier`` is units of the underlying in one contract.
    ``asset_class`` is None where nobody says it; it then counts with every class.

    ``realised`` is the profit of what was closed. It has none of these three in it: ``fees`` are
    the commissions paid to trade it, ``dividends`` what it paid (below zero: what a short owed),
    ``borrow`` what borrowing it cost (below zero).
    """

    symbol: str
    quantity: Decimal
    average_cost: Decimal
    realised: Decimal
    mark: Decimal | None
    marked_at: datetime | None
    currency: str = ""
    rate: Decimal | None = Decimal(1)
    multiplier: Decimal = Decimal(1)
    asset_class: AssetClass | None = None
    fees: Decimal = Decimal(0)
    dividends: Decimal = Decimal(0)
    borrow: Decimal = Decimal(0)

    @property
    def value(self) -> Decimal | None:
        """Signed market value in the account's currency; zero when flat.

        None without a mark, or without the rate of its currency.
        """
        if not self.quantity:
            return Decimal(0)
        if self.mark is None or self.rate is None:
            return None
        return self.quantity * self.mark * self.multiplier * self.rate

    @property
    def unrealised(self) -> Decimal | None:
        """Profit if closed at the mark, in ``currency``; None without one, zero when flat."""
        if not self.quantity:
            return Decimal(0)
        if self.mark is None:
            return None
        return (self.mark - self.average_cost) * self.quantity * self.multiplier


@quickly_made
@dataclass(frozen=True, slots=True)
class Balance:
    """One currency of the account; every figure is in ``currency``.

    ``cash`` is what is there, below zero what is owed. ``realised`` is the profit of everything
    closed in it, before ``fees`` (above zero: paid). ``dividends``, ``borrow`` fees and
    ``interest`` are signed as they moved the cash; ``deposits`` are less what was withdrawn, and
    ``other`` is corrections and the rest. ``rate`` turns it all into the account's currency, None
    when it isn't known.
    """

    currency: str
    cash: Decimal
    rate: Decimal | None = Decimal(1)
    realised: Decimal = Decimal(0)
    fees: Decimal = Decimal(0)
    dividends: Decimal = Decimal(0)
    borrow: Decimal = Decimal(0)
    interest: Decimal = Decimal(0)
    deposits: Decimal = Decimal(0)
    other: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class OpenOrder:
    """An order that is in the market, may be, or has its cash reserved to go there.

    ``limit_price`` is None for one that takes what the market gives. ``unknown`` says that the
    venue's word on it is missing. Of orders with the same ``group`` (exits of one position, an
    order and the one that takes its place) only one can fill in full, so the largest counts.
    ``scale`` turns quantity times price into the account's money. ``changing`` says that a cancel
    or a replacement of it is under way. ``filled`` is what it has traded so far.
    """

    client_order_id: str
    symbol: str
    side: Side
    leaves: Decimal
    worst_price: Decimal
    limit_price: Decimal | None = None
    unknown: bool = False
    group: str = ""
    type: OrderType = OrderType.LIMIT
    scale: Decimal = Decimal(1)
    changing: bool = False
    filled: Decimal = Decimal(0)
    asset_class: AssetClass | None = None


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
class Health:
    """How far the account's figures agree with the venue's own, for orders that add risk.

    ``reconciled_at`` (aware UTC, None for never) is when both were last compared, ``differences``
    what was found, one sentence each. ``connected`` says that the venue's news arrive.
    """

    reconciled_at: datetime | None
    differences: tuple[str, ...]
    connected: bool


@quickly_made
@dataclass(frozen=True, slots=True)
class Activity:
    """What an account, a strategy and a symbol did of late; counted by the desk for one order.

    ``equity_open`` is the equity at the start of the day and ``equity_peak`` the highest ever, in
    the account's currency; ``sent_value`` the money sent today. Messages are orders, replacements
    and cancels within the limits' ``message_seconds``. ``executions``, ``losses`` in a row and
    ``rejects`` in a row are of the order's strategy, which is ``disabled`` until a person enables
    it. ``cancels`` and ``fills`` are of the symbol within ``order_to_fill_seconds``. ``sliced`` and
    ``slices`` are what was sent of the order's parent.
    """

    equity_open: Decimal
    equity_peak: Decimal
    sent_value: Decimal = Decimal(0)
    messages_account: int = 0
    messages_strategy: int = 0
    messages_symbol: int = 0
    executions: int = 0
    losses: int = 0
    rejects: int = 0
    disabled: bool = False
    day_trades: int = 0
    cancels: int = 0
    fills: int = 0
    sliced: Decimal = Decimal(0)
    slices: int = 0


@quickly_made
@dataclass(frozen=True, slots=True)
class Snapshot:
    """An account at ``at`` (aware UTC), its totals in ``currency``.

    ``cash`` and ``fees`` are the sums of ``balances``, those without a rate left out: ``equity`` is
    then None. Without ``balances`` there is no currency but the account's. ``buying_power`` is the
    venue's own figure, None where it does not say.
    """

    account: str
    at: datetime
    currency: str
    cash: Decimal
    fees: Decimal
    positions: tuple[Position, ...]
    open_orders: tuple[OpenOrder, ...] = ()
    recent: tuple[RecentOrder, ...] = ()
    buying_power: Decimal | None = None
    margin: MarginRegime = MarginRegime.CASH
    balances: tuple[Balance, ...] = ()

    @property
    def equity(self) -> Decimal | None:
        """Cash plus the marked value of every position; None when a mark or a rate is missing."""
        if any(balance.cash and balance.rate is None for balance in self.balances):
            return None
        total = self.cash
        for position in self.positions:
            if position.value is None:
                return None
            total += position.value
        return total

    @property
    def reserved(self) -> Decimal:
        """Cash that open buys may still take; of the buys in one group, the largest alone."""
        largest: dict[tuple[str, str], Decimal] = {}
        total = Decimal(0)
        for order in self.open_orders:
            if order.side is not Side.BUY:
                continue
            takes = order.leaves * order.worst_price * order.scale
            known = largest.get((order.group, order.symbol))
            if not order.group or takes.is_nan():  # what is no number stays in the sum, and shows
                total += takes
            elif known is None or takes > known:
                largest[order.group, order.symbol] = takes
        return sum(largest.values(), total)

    def held(self, symbol: str) -> Decimal:
        """The signed quantity held of ``symbol``, zero when none."""
        return next((p.quantity for p in self.positions if p.symbol == symbol), Decimal(0))
