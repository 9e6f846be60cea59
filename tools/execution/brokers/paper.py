"""The paper venue: a simulated market with a record of its own, as an outside venue would have.

Every process that opens the same file talks to the same venue. A client order id is unique in it.
It uses no price later than the clock's market moment, and labels everything as simulated.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

from tools.domain.errors import BrokerRejected, DataUnavailable, NotFound
from tools.domain.instrument import Instrument
from tools.domain.market import Bar, Quote
from tools.domain.order import Fill, Order, OrderState
from tools.execution.brokers.paper_book import PaperBook, Placed
from tools.execution.brokers.paper_fills import Outcome, Resting, Terms, work
from tools.execution.states import RESTING
from tools.ports import Clock, MarketData, VenueOrder

# A clock this close to the end of the data stands at the end: no session follows that one could
# wait for. (A live feed's end moves on while we look.)
AT_THE_END = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Prices:
    """What an order meets: asked of the market before the venue's record is locked."""

    listed: Instrument
    bars: Sequence[Bar]
    quote: Quote | None
    depth: Decimal


class PaperVenue:
    """Implements ``tools.ports.Broker`` on the file at ``path``.

    ``terms`` are slippage, the share of volume and the commission. Raises StateError when the file
    can't be used.
    """

    name = "paper"
    simulated = True
    unique_ids = True

    def __init__(
        self, path: Path, market: MarketData, clock: Clock, terms: Terms | None = None
    ) -> None:
        """Open the venue's record, or make it where there is none."""
        self._book = PaperBook(path)
        self._market = market
        self._clock = clock
        self._terms = terms or Terms()

    def submit(
        self, order: Order, worst_price: Decimal | None = None, *, at: datetime | None = None
    ) -> VenueOrder:
        """Take an order and fill what the prices until now allow; once for each client order id.

        ``at`` is the market moment of sending, None for the order's own. Raises BrokerRejected for
        a symbol without prices.
        """
        placed = self._found(order.client_order_id)
        if placed is None:
            placed = self._taken(order, worst_price, order.as_of if at is None else at)
        else:
            placed = self._visited(placed)
        if placed.state is OrderState.REJECTED:
            raise BrokerRejected(placed.reason)
        return placed.answer

    def lookup(self, client_order_id: str) -> VenueOrder | None:
        """The order as it stands at the clock's moment; None when it was never seen here."""
        placed = self._found(client_order_id)
        return None if placed is None else self._visited(placed).answer

    def cancel(self, client_order_id: str) -> VenueOrder:
        """End what is left of an order, after the fills that came first; NotFound when unknown."""
        placed = self._found(client_order_id)
        if placed is None:
            raise NotFound(f"the paper venue has never seen {client_order_id}")
        self._visited(placed)
        with self._book.writing():
            placed = self._book.find(client_order_id) or placed
            if placed.state in RESTING:
                placed = self._book.end(placed, OrderState.CANCELED, "canceled as asked")
            return placed.answer

    def advance(self) -> int:
        """Meet every resting order with the prices until now; how many new fills that gave."""
        with self._book.writing():
            resting = self._book.resting()
        return sum(len(self._visited(p).fills) - len(p.fills) for p in resting)

    def _found(self, client_order_id: str) -> Placed | None:
        with self._book.writing():
            return self._book.find(client_order_id)

    def _taken(self, order: Order, worst_price: Decimal | None, at: datetime) -> Placed:
        """A new order, placed and met in one transaction; the prices are asked for before it."""
        refusal = self._refusal(order)
        fresh = Placed(order, worst_price, OrderState.ACCEPTED, "", None, (), at)
        prices = None if refusal else self._prices(fresh)
        with self._book.writing():
            placed = self._book.find(order.client_order_id)
            if placed is not None:
                return placed  # another process was faster
            placed = self._book.place(order, worst_price, refusal, at)
            return self._met(placed, prices)

    def _visited(self, placed: Placed) -> Placed:
        """A known order after the prices until now; as another visitor left it if one came."""
        prices = self._prices(placed)
        if prices is None:
            return placed
        with self._book.writing():
            again = self._book.find(placed.order.client_order_id)
            return self._met(placed, prices) if again in (None, placed) else again

    def _refusal(self, order: Order) -> str:
        try:
            self._market.instrument(order.symbol)
            self._market.history(order.symbol, min(order.as_of, self._clock.now()))
        except DataUnavailable as error:
            return f"the paper venue has no market in {order.symbol}: {error}"
        return ""

    def _prices(self, placed: Placed) -> Prices | None:
        """What a resting order meets now; None when nothing can happen to it.

        A market clock that went back shows another market, which the order was not sent to.
        """
        now = self._clock.now()
        if placed.state not in RESTING or now < placed.latest:
            return None
        bars = self._bars(placed, now)
        quote, depth = (None, Decimal(0))
        if not bars and not placed.fills and self._market.latest() - now <= AT_THE_END:
            quote, depth = self._quote(placed)
        return Prices(self._market.instrument(placed.order.symbol), bars, quote, depth)

    def _met(self, placed: Placed, prices: Prices | None) -> Placed:
        if prices is None:
            return placed
        order = placed.order
        resting = Resting(
            order,
            order.quantity - sum((f.quantity for f in placed.fills), Decimal(0)),
            placed.collar,
            placed.met,
            prices.listed,
            placed.at,
        )
        return self._booked(
            placed, work(resting, prices.bars, prices.quote, prices.depth, self._terms)
        )

    def _bars(self, placed: Placed, now: datetime) -> Sequence[Bar]:
        met = placed.met
        try:
            bars = self._market.bars_after(placed.order.symbol, met or placed.at, now)
        except DataUnavailable:
            return ()
        return [b for b in bars if b.known_at <= now and (met is None or b.event_time > met)]

    def _quote(self, placed: Placed) -> tuple[Quote | None, Decimal]:
        """The quote known when the order was sent, and the volume of the session behind it."""
        symbol, moment = placed.order.symbol, placed.at
        try:
            quote = self._market.quote(symbol, moment)
            return quote, self._market.history(symbol, moment).bars[-1].volume
        except DataUnavailable:
            return None, Decimal(0)

    def _booked(self, placed: Placed, outcome: Outcome) -> Placed:
        order, fills = placed.order, list(placed.fills)
        quantity = sum((f.quantity for f in fills), Decimal(0))
        value = sum((f.quantity * f.price for f in fills), Decimal(0))
        charged = sum((f.commission for f in fills), Decimal(0))
        for trade in outcome.trades:
            quantity, value = quantity + trade.quantity, value + trade.quantity * trade.price
            due = self._terms.commission.of(quantity, value) - charged
            charged += due
            fills.append(
                Fill(
                    execution_id=f"{order.client_order_id}-{len(fills) + 1}",
                    client_order_id=order.client_order_id,
                    symbol=order.symbol,
                    side=order.side,
                    quantity=trade.quantity,
                    price=trade.price,
                    commission=due,
                    currency=order.currency,
                    at=trade.at,
                    basis=trade.basis,
                )
            )
        return self._book.record(placed, tuple(fills), outcome.state, outcome.reason, outcome.met)
