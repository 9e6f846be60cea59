"""What the venue has and this desk never did: orders and positions taken over as external."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

from tools.desk.comparing import CASH
from tools.desk.halting import trip
from tools.desk.journal import Journal, Page
from tools.domain.actions import CashEvent, CashKind
from tools.domain.errors import TradingError
from tools.domain.instrument import AssetClass
from tools.domain.money import Quantity
from tools.domain.order import (
    EXTERNAL,
    Fill,
    Order,
    OrderGroup,
    OrderState,
    OrderType,
    Side,
    TimeInForce,
)
from tools.domain.venue import VenueAccount, VenueOrder
from tools.execution.codec import entry_data, to_plain
from tools.execution.kinds import Kind
from tools.ports import Clock, MarketData
from tools.risk.limits import Limits

WHO = "venue"
TAKEN_OVER = "taken over from the venue"
# Cash that comes and goes in shares of the whole smaller than this is fees and interest.
SMALL = Decimal("0.001")
ZERO = Decimal(0)


class External:
    """Writes into the journal what came past this desk, so that it counts in every figure."""

    def __init__(
        self,
        journal: Journal,
        market: MarketData,
        clock: Clock,
        limits: Limits,
        account: str,
        *,
        simulated: bool,
    ) -> None:
        """Nothing is written when made."""
        self._journal = journal
        self._market = market
        self._clock = clock
        self._limits = limits
        self._account = account
        self._simulated = simulated

    def adopt(self, answer: VenueOrder) -> bool:
        """Take over an order that somebody sent past this desk; False when it can't be read.

        It counts as an open order from then on. Its state and fills are written by whoever asked.
        """
        key, order = answer.client_order_id, answer.order
        with self._journal.writing() as page:
            if key in page.book.orders:
                return True
            if order is None or not key:
                trip(page, f"The venue has an open order {key[:40]!r} that can't be read.")
                return False
            self._write(page, self._ours(order, key))
        return True

    def take_over(
        self, gaps: Mapping[str, Decimal], venue: VenueAccount, said: tuple[str, ...]
    ) -> None:
        """Book the venue's figures where ours differ, and stop all trading unless it is small."""
        cash = gaps.get(CASH, ZERO)
        with self._journal.writing() as page:
            for symbol, gap in gaps.items():
                if symbol != CASH:
                    cash += gap * self._position(page, symbol, gap, venue)
            if cash:
                self._cash(page, cash, venue.currency)
            if set(gaps) != {CASH} or abs(gaps[CASH]) > SMALL * abs(venue.cash):
                why = " ".join(said)
                trip(page, f"{why} Nothing here explains it; the venue's figures were taken over.")

    def _cash(self, page: Page, amount: Decimal, currency: str) -> None:
        entry = CashEvent(
            id=f"taken-over-{page.book.seq + 1}",
            symbol="",
            kind=CashKind.CORRECTION,
            amount=amount,
            currency=currency,
            at=self._clock.now(),
            basis=TAKEN_OVER,
        )
        page.write(Kind.ENTRY, "", {"account": self._account, "entry": entry_data(entry)})

    def _position(self, page: Page, symbol: str, gap: Decimal, venue: VenueAccount) -> Decimal:
        """Book a position as an order that was filled elsewhere; the price it is booked at."""
        key = f"taken-over-{page.book.seq + 1}-{symbol}"
        side = Side.BUY if gap > 0 else Side.SELL
        price = self._price(symbol) or ZERO
        order = Order(
            intent_id=f"{EXTERNAL}{key}",
            account=self._account,
            strategy="",
            principal=WHO,
            symbol=symbol,
            asset_class=self._asset_class(symbol),
            currency=venue.currency,
            side=side,
            quantity=Quantity(abs(gap)),
            type=OrderType.MARKET,
            limit_price=None,
            time_in_force=TimeInForce.DAY,
            as_of=self._clock.now(),
        )
        fill = Fill(
            execution_id=key,
            client_order_id=key,
            symbol=symbol,
            side=side,
            quantity=abs(gap),
            price=price,
            commission=ZERO,
            currency=venue.currency,
            at=self._clock.now(),
            basis=TAKEN_OVER,
        )
        self._write(page, order)
        page.write(Kind.FILL, key, {"fill": to_plain(fill)})
        page.write(Kind.VENUE, key, {"state": str(OrderState.FILLED), "reason": ""})
        return price

    def _write(self, page: Page, order: Order) -> None:
        worst = self._worst(order)
        page.write(
            Kind.EXTERNAL,
            order.client_order_id,
            {
                "order": to_plain(order),
                "simulated": self._simulated,
                "worst_price": None if worst is None else to_plain(worst),
                "clock": to_plain(self._clock.now()),
            },
        )

    def _ours(self, order: Order, key: str) -> Order:
        """The order under the id it has at the venue; exits come as orders of their own."""
        return replace(
            order,
            intent_id=f"{EXTERNAL}{key}",
            account=self._account,
            principal=WHO,
            strategy="",
            rationale="",
            group=OrderGroup.SIMPLE,
            take_profit=None,
            stop_loss=None,
            stop_loss_limit=None,
            leg_of="",
            replaces="",
            slice_of="",
            slice_total=None,
        )

    def _worst(self, order: Order) -> Decimal | None:
        """What a share counts for in exposure; None of a symbol without a price."""
        known: list[Decimal] = [p for p in (order.limit_price, order.stop_price) if p is not None]
        if order.limit_price is None and (price := self._price(order.symbol)) is not None:
            known.append(price * (1 + self._limits.price_collar))
        return max(known, default=None)

    def _price(self, symbol: str) -> Decimal | None:
        try:
            quote = self._market.quote(symbol, self._clock.now())
        except TradingError:
            return None
        return (quote.bid + quote.ask) / 2

    def _asset_class(self, symbol: str) -> AssetClass:
        try:
            return self._market.instrument(symbol).asset_class
        except TradingError:
            return AssetClass.EQUITY
