"""The paper venue: a simulated market with a record of its own, as an outside venue would have."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from pathlib import Path

from tools.domain.actions import Entry
from tools.domain.altering import altered
from tools.domain.errors import BrokerRejected, DataUnavailable, NotFound
from tools.domain.legs import legs
from tools.domain.order import Order, OrderState
from tools.domain.venue import MarginRegime, VenueAccount, VenueOrder
from tools.execution.brokers.paper.arrival import ACCEPTS, impact_of, unfit
from tools.execution.brokers.paper.book import PaperBook
from tools.execution.brokers.paper.borrowing import unborrowed
from tools.execution.brokers.paper.exits import group_of, released, with_exits
from tools.execution.brokers.paper.floor import Floor
from tools.execution.brokers.paper.line import AlwaysUp
from tools.execution.brokers.paper.notes import Notes
from tools.execution.brokers.paper.placed import Placed
from tools.execution.brokers.paper.prices import LATE, Prices, Reader
from tools.execution.brokers.paper.replacing import irreplaceable, successor
from tools.execution.brokers.paper.resting import Progress
from tools.execution.brokers.paper.source import MarketEvents, SessionBars
from tools.execution.brokers.paper.statement import entry_from
from tools.execution.brokers.paper.taking import ZERO
from tools.execution.brokers.paper.terms import Terms
from tools.ports import Clock, CorporateActions, MarketData, News

STARTING_CASH = Decimal(100_000)


class PaperVenue:
    """Implements ``tools.ports.Broker`` on the file at ``path``, or on an open record.

    Every process that opens the same file talks to the same venue; a client order id is unique in
    it. It uses no price later than the clock's market moment and labels everything as simulated.
    ``terms`` are the costs and shares of volume, ``source`` the stream of market events (the
    market's session bars when left out) and ``actions`` the splits and dividends (none when left
    out). The account starts with ``cash`` in ``currency``; ``margin`` is how the venue lends.
    Raises StateError when the file can't be used.
    """

    name = "paper"
    real_money = False
    simulated_fills = True
    unique_ids = True
    accepts = ACCEPTS

    def __init__(
        self,
        path: Path | PaperBook,
        market: MarketData,
        clock: Clock,
        terms: Terms | None = None,
        *,
        cash: Decimal = STARTING_CASH,
        currency: str = "USD",
        source: MarketEvents | None = None,
        actions: CorporateActions | None = None,
        margin: MarginRegime = MarginRegime.CASH,
    ) -> None:
        """Open the venue's record, or make it where there is none."""
        self._book = PaperBook(path) if isinstance(path, Path) else path
        self._margin = margin
        self._market = market
        self._clock = clock
        self._terms = terms or Terms()
        self._cash = cash
        self._currency = currency
        self._advanced: tuple[datetime, object] | None = None
        events = source or SessionBars(market, clock)
        self._reader = Reader(market, clock, events, actions, self._terms)

    def submit(
        self, order: Order, worst_price: Decimal | None = None, *, at: datetime | None = None
    ) -> VenueOrder:
        """Take an order and fill what the prices until now allow; once for each client order id.

        ``at`` is the market moment of sending, None for the order's own. Raises BrokerRejected for
        a symbol without prices, an order that can't be worked and a short that can't be borrowed.
        """
        return self._once(order, worst_price, at)

    def replace(
        self, order: Order, worst_price: Decimal | None = None, *, at: datetime | None = None
    ) -> VenueOrder:
        """Put an order in the place of the one it ``replaces``, which loses its turn.

        Raises BrokerRejected, and the old one stays, when that has ended, is another kind of trade,
        or has traded as much as the new one wants in all.
        """
        return self._once(order, worst_price, at)

    def lookup(self, client_order_id: str) -> VenueOrder | None:
        """The order as it stands at the clock's moment; None when it was never seen here."""
        now = self._clock.now()
        with self._book.writing():
            placed = self._book.find(client_order_id)
            if placed is None:
                return None
            told = self._told(placed)
            notes = self._book.notes(placed.order.symbol)
        if not _moving(placed) or self._catch_up(placed.order.symbol, notes, now) is None:
            return told
        with self._book.writing():
            return self._told(self._known(client_order_id))

    def cancel(self, client_order_id: str) -> VenueOrder:
        """End what is left of an order, after the fills that came first; NotFound when unknown.

        The other exit of the same position ends with it, and so do exits that wait for it.
        """
        if self.lookup(client_order_id) is None:
            raise NotFound(f"the paper venue has never seen {client_order_id}")
        with self._book.writing():
            self._ended(client_order_id, OrderState.CANCELED, "canceled as asked")
            return self._told(self._known(client_order_id))

    def cancel_all(self) -> None:
        """Cancel every open order, after the fills that came first."""
        self.advance()
        with self._book.writing():
            for placed in self._book.open_orders():
                self._ended(placed.key, OrderState.CANCELED, "canceled with all the others")

    def open_orders(self) -> tuple[VenueOrder, ...]:
        """Every order that may still trade, exits also by themselves, in the order of arrival."""
        self.advance()
        with self._book.writing():
            return tuple(self._told(placed) for placed in self._book.open_orders())

    def account(self) -> VenueAccount:
        """Cash in the account's currency, which balances in others don't count to, and positions.

        As they are at the clock's moment, with dividends, splits and fees.
        """
        self.advance()
        with self._book.writing():
            cash = self._cash + self._book.balance(self._currency)
            held, now = self._book.holdings(), self._clock.now()
            return VenueAccount(now, self._currency, cash, held, margin=self._margin)

    def entries(self, after: str = "") -> tuple[Entry, ...]:
        """What changed the account without a trade since the entry ``after``, oldest first."""
        self.advance()
        with self._book.writing():
            return tuple(entry_from(body) for body in self._book.entries(after))

    def listen(self, heard: Callable[[str], None]) -> News:
        """A line that is always up and silent: the venue moves only when it is asked."""
        return AlwaysUp()

    def advance(self) -> int:
        """Bring every symbol to the clock's moment; how many new fills that gave."""
        now = self._clock.now()
        if self._advanced == (now, self._book.version):
            return 0
        with self._book.writing():
            symbols = sorted(self._book.symbols(now - LATE))
            known = [(symbol, self._book.notes(symbol)) for symbol in symbols]
        fills = sum(self._catch_up(symbol, notes, now) or 0 for symbol, notes in known)
        self._advanced = now, self._book.version
        return fills

    def _once(self, order: Order, worst: Decimal | None, at: datetime | None) -> VenueOrder:
        told = self.lookup(order.client_order_id)
        if told is None:
            told = self._taken(order, worst, order.as_of if at is None else at)
        if told.state is OrderState.REJECTED:
            raise BrokerRejected(told.reason)
        return told

    def _taken(self, order: Order, worst: Decimal | None, sent: datetime) -> VenueOrder:
        """A new order, placed and met in one transaction; the prices are asked for before it."""
        now = self._clock.now()
        refusal = unfit(order) or self._no_market(order)
        since = sent + self._terms.latency
        impact = ZERO
        if not refusal:
            with self._book.writing():
                notes = self._book.notes(order.symbol)
            self._catch_up(order.symbol, notes, now)
            impact = impact_of(order, self._reader.history(order.symbol, sent), self._terms)
        fresh = Placed(
            order,
            worst,
            OrderState.ACCEPTED,
            "",
            sent,
            since,
            Progress(order.quantity),
            impact=impact,
        )
        prices = None if refusal else self._prices(order.symbol, now, fresh)
        with self._book.writing():
            faster = self._book.find(fresh.key)  # another process
            if faster is not None:
                return self._told(faster)
            notes = self._book.notes(order.symbol)
            if not self._reader.source.whole_sessions and notes.cursor is not None:
                fresh = altered(fresh, since=max(since, notes.cursor))
            refusal = refusal or unborrowed(order, self._book, self._terms.lending)
            refusal = refusal or self._in_place(fresh)
            if refusal:
                refused = altered(fresh, state=OrderState.REJECTED, reason=refusal)
                self._book.insert(refused)
            elif prices is not None:
                whole = self._reader.source.whole_sessions
                self._floor(prices, fresh.key if whole else "").advance()
            return self._told(self._known(fresh.key))

    def _in_place(self, fresh: Placed) -> str:
        """Place an order and its exits, in the place of another where it has one; or why not."""
        if fresh.order.replaces:
            old = self._book.find(fresh.order.replaces)
            refusal = irreplaceable(fresh.order, old)
            if refusal or old is None:
                return refusal
            fresh = successor(fresh, old)
            self._ended(old.key, OrderState.REPLACED, f"replaced by {fresh.key[:10]}", fresh)
        for placed in with_exits(fresh):
            self._book.insert(placed)
        return ""

    def _no_market(self, order: Order) -> str:
        try:
            self._market.instrument(order.symbol)
            self._market.history(order.symbol, min(order.as_of, self._clock.now()))
        except DataUnavailable as error:
            return f"the paper venue has no market in {order.symbol}: {error}"
        return ""

    def _ended(
        self, key: str, state: OrderState, reason: str, successor: Placed | None = None
    ) -> None:
        placed = self._book.find(key)
        if placed is None or not placed.alive:
            return
        self._book.update(altered(placed, state=state, reason=reason))
        others = tuple(released(placed, group_of(placed, self._book.family(key)), successor))
        for other in others:
            self._book.update(other)
        if others:  # one that came free may have a price to meet
            symbol = placed.order.symbol
            self._book.note(symbol, altered(self._book.notes(symbol), pending=True))

    def _known(self, key: str) -> Placed:
        placed = self._book.find(key)
        if placed is None:
            raise NotFound(f"the paper venue has never seen {key}")
        return placed

    def _told(self, placed: Placed) -> VenueOrder:
        exits = (self._book.find(leg.client_order_id) for leg in legs(placed.order))
        return placed.told(tuple(one.told() for one in exits if one is not None))

    def _catch_up(self, symbol: str, notes: Notes, now: datetime) -> int | None:
        """Let the symbol's orders meet all until ``now``; the new fills, None for no need."""
        if self._reader.quiet(symbol, notes, now):
            return None
        prices = self._prices(symbol, now)
        if prices is None:
            return None
        with self._book.writing():
            return self._floor(prices).advance()

    def _prices(self, symbol: str, now: datetime, fresh: Placed | None = None) -> Prices | None:
        """What the symbol's orders meet; of whole sessions, what a ``fresh`` one does alone.

        The others have met all of that already.
        """
        alone = fresh is not None and self._reader.source.whole_sessions
        with self._book.writing():
            orders = () if alone else self._book.open_orders(symbol)
            notes = self._book.notes(symbol)
            held = self._book.holdings().get(symbol, ZERO)
        if fresh is not None:
            orders = (*orders, fresh)
        return self._reader.read(symbol, orders, notes, held, now)

    def _floor(self, prices: Prices, only: str = "") -> Floor:
        whole = self._reader.source.whole_sessions
        return Floor(self._book, prices, self._terms, whole_sessions=whole, only=only)


def _moving(placed: Placed) -> bool:
    """Whether it, or an exit of it, may still trade."""
    return placed.alive or bool(legs(placed.order))
