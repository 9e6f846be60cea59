"""Where the paper venue's orders meet the market: one symbol at a time, inside one transaction."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from decimal import Decimal

from tools.domain.actions import CashEvent, CorporateAction, Entry, StockSplit
from tools.domain.altering import altered
from tools.domain.instrument import Instrument
from tools.domain.market import Quote
from tools.domain.money import Quantity
from tools.domain.order import Fill, Order, OrderState, Side
from tools.execution.brokers.paper.arrival import resting_of
from tools.execution.brokers.paper.book import PaperBook
from tools.execution.brokers.paper.corporate import acted_on, booked, ex_of
from tools.execution.brokers.paper.crowd import ALIVE, Live
from tools.execution.brokers.paper.days import DayCount, price_of
from tools.execution.brokers.paper.notes import Notes
from tools.execution.brokers.paper.placed import Placed
from tools.execution.brokers.paper.prices import INSTANT, LATE, Prices, told_late
from tools.execution.brokers.paper.resting import MarketEvent, Resting
from tools.execution.brokers.paper.stream import Course, Traded, arrive, expired, run, usable
from tools.execution.brokers.paper.taking import ZERO
from tools.execution.brokers.paper.terms import Terms
from tools.execution.codec import to_plain

END = datetime.max.replace(tzinfo=UTC)
Moment = CorporateAction | str | list[MarketEvent]


class Floor:
    """One visit to a symbol; made, used and thrown away inside ``PaperBook.writing``."""

    def __init__(
        self,
        book: PaperBook,
        prices: Prices,
        terms: Terms,
        *,
        whole_sessions: bool,
        only: str = "",
    ) -> None:
        """Read the symbol's open orders; those that are older than the prices wait for others.

        With ``only``, those whose fate hangs together with that order's: the others have met all.
        """
        self._book = book
        self._prices = prices
        self._terms = terms
        self._whole = whole_sessions
        self._listed: Instrument = prices.listed
        self._notes: Notes = book.notes(self._listed.symbol)
        self._only = only
        self._rests: dict[str, tuple[Order, Resting]] = {}
        found = book.family(only) if only else book.open_orders(self._listed.symbol)
        self._found = found
        self._orders = [placed for placed in found if self._fits(placed)]
        self._before = {placed.key: placed for placed in self._orders}
        self._last = self._notes.last
        self._traded, self._executed = ZERO, ""  # in this visit
        self.fills = 0

    def _fits(self, placed: Placed) -> bool:
        if placed.latest > self._prices.now:
            return False
        return not self._whole or (placed.met or placed.since) >= self._prices.start

    def advance(self) -> int:
        """Meet everything until the prices' moment; the number of new fills."""
        for moment in self._timeline():
            if isinstance(moment, list):
                self._meet(moment)
            elif isinstance(moment, str):
                self._arrive(moment, self._prices.standing[moment])
            else:
                self._act(moment)
        if not self._whole:
            self._settle(Course(expired(self._lives(), self._prices.now), (), self._notes.tape))
        for placed in self._orders:
            before = self._before[placed.key]
            if placed is not before and placed != before:
                self._book.update(placed)
        now = self._prices.now
        # A feed may forget what it told and tell it again, or have told another process alone.
        heard = {*self._prices.heard, *(self._notes.heard or ())}
        names = tuple(sorted(name for name in heard if ex_of(name) > now - LATE))
        self._notes = altered(self._notes, cursor=now, acted=now, heard=names)
        if self._notes.counted is None:
            first = min((placed.since for placed in self._orders), default=now)
            self._notes = altered(self._notes, counted=first)
        if self._whole:
            self._look_back()
        self._book.note(self._listed.symbol, self._notes)
        return self.fills

    def _look_back(self) -> None:
        """Note how far every open order has come, and whether one may have more to meet."""
        seen, pending = self._notes.seen, len(self._found) > len(self._orders)
        if self._only:
            pending = pending or self._notes.pending or seen is None
        if seen is None or not self._only:
            last = max((event.event_time for event in self._prices.events), default=None)
            known = [at for at in (seen, last) if at is not None]
            # No bar opened since the start: whatever is to come opens then or later.
            seen = max(known, default=self._prices.start - INSTANT)
        behind = any(
            placed.alive and (placed.arriving or _behind(placed, seen)) for placed in self._orders
        )
        self._notes = altered(self._notes, seen=seen, pending=pending or behind)

    def _timeline(self) -> Iterator[Moment]:
        """Events in runs, cut where an order arrives or a company acts."""
        cursor = self._notes.cursor
        known: list[tuple[datetime, int, Moment]] = []
        for event in self._prices.events:
            at = event.event_time if self._whole else event.known_at
            if self._whole or cursor is None or at > cursor:
                known.append((at, 1, [event]))
        known += [(action.ex, 0, action) for action in self._prices.actions]
        for placed in self._orders:
            if placed.arriving and placed.key in self._prices.standing:
                known.append((END if self._whole else placed.since, 2, placed.key))
        batch: list[MarketEvent] = []
        for _, _, moment in sorted(known, key=lambda item: item[:2]):
            if isinstance(moment, list):
                batch += moment
                continue
            if batch:
                yield batch
                batch = []
            yield moment
        if batch:
            yield batch

    def _lives(self) -> list[Live]:
        return [placed.live(self._resting(placed)) for placed in self._orders]

    def _resting(self, placed: Placed) -> Resting:
        known = self._rests.get(placed.key)
        if known is not None and known[0] is placed.order:
            return known[1]
        made = resting_of(
            placed.order,
            placed.collar,
            arrival=placed.arrival,
            since=placed.since,
            impact=placed.impact,
            listed=self._listed,
            whole_sessions=self._whole,
        )
        self._rests[placed.key] = placed.order, made
        return made

    def _meet(self, events: Sequence[MarketEvent]) -> None:
        symbol = self._listed.symbol
        events = [e for e in events if not isinstance(e, Quote) or usable(e, self._terms)]
        if not events:
            return
        met = {placed.key: placed.met for placed in self._orders}
        course = run(
            self._lives(),
            events,
            self._notes.tape,
            self._terms,
            calendar="" if self._whole else self._listed.calendar,
            used=lambda bar: self._book.used(symbol, bar) if self._whole else ZERO,
            after=lambda resting: met[resting.key] if self._whole else None,
            depth=self._prices.depth,
        )
        held = self._book.holdings().get(symbol, ZERO)
        self._settle(course)
        self._last = price_of(events[-1])
        last, known = events[-1].event_time, events[-1].known_at
        self._orders = [
            altered(placed, met=last)
            if last >= placed.since < known and (placed.met is None or last > placed.met)
            else placed
            for placed in self._orders
        ]
        signs = {p.key: p.order.side.sign for p in self._orders}
        days = DayCount(self._listed, self._notes, self._terms.lending, whole=self._whole)
        for entry in days.count(events, held, course.trades, signs):
            self._enter(entry)
        self._notes = days.notes

    def _arrive(self, key: str, quote: Quote) -> None:
        course = arrive(
            self._lives(), key, quote, self._notes.tape, self._terms, self._prices.depth
        )
        self._settle(course)

    def _act(self, action: CorporateAction) -> None:
        listed = self._listed
        self._orders = [
            acted_on(placed, action, listed.tick, listed.lot, ends=self._terms.splits_end_orders)
            if placed.state in ALIVE and action.ex > max(placed.since, placed.acted or placed.since)
            else placed
            for placed in self._orders
        ]
        held, mark, last = self._traded, "", self._last
        if self._notes.acted is None or action.ex > self._notes.acted:
            held = self._book.holdings().get(listed.symbol, ZERO)
        elif told_late(action, self._notes):
            # Who held it then has traded since, perhaps.
            held = self._book.holdings().get(listed.symbol, ZERO)
            held -= self._book.added(listed.symbol, action.ex)
            if isinstance(action, StockSplit) and last is not None and self._after(action):
                last *= action.ratio
        elif held:
            # It was booked before; of an order dated in the past the venue hears only now.
            mark = f"-{self._executed}"
        currency = listed.currency
        for entry in booked(listed.symbol, held, action, listed.lot, last, currency, mark):
            self._enter(entry)

    def _after(self, action: CorporateAction) -> bool:
        """Whether the last price is of a day from the ex-date on."""
        return self._notes.day is not None and self._notes.day >= action.ex.date()

    def _enter(self, entry: Entry) -> None:
        kind = "cash" if isinstance(entry, CashEvent) else "split"
        self._book.enter(entry.id, {"entry": kind, **to_plain(entry)})
        if isinstance(entry, CashEvent):
            self._book.pay(entry.currency, entry.amount)
        else:
            self._book.hold(entry.symbol, entry.change)

    def _settle(self, course: Course) -> None:
        """Take over what the core made of the orders, and write its trades."""
        self._notes = altered(self._notes, tape=course.tape)
        trades: dict[str, list[Traded]] = {}
        for traded in course.trades:
            trades.setdefault(traded.key, []).append(traded)
        self._orders = [
            self._settled(placed, live, trades.get(placed.key, []))
            for placed, live in zip(self._orders, course.lives, strict=True)
        ]

    def _settled(self, placed: Placed, live: Live, trades: Sequence[Traded]) -> Placed:
        same = live.state is placed.state and live.progress is placed.progress
        if same and not trades and not placed.pair:
            return placed
        fills = self._written(placed, trades)
        after = altered(
            placed, state=live.state, reason=live.reason, progress=live.progress, fills=fills
        )
        size = after.carried + after.traded + after.progress.left
        resized = after.pair and (after.alive or after.state is OrderState.FILLED) and size
        if resized and after.state is not OrderState.HELD and size != after.order.quantity:
            after = altered(after, order=altered(after.order, quantity=Quantity(size)))
        return after

    def _written(self, placed: Placed, trades: Sequence[Traded]) -> tuple[Fill, ...]:
        if not trades:
            return placed.fills
        order, fills, per = placed.order, list(placed.fills), self._listed.multiplier
        quantity = placed.traded
        value = sum((f.quantity * f.price for f in fills), ZERO) * per
        charged = sum((f.commission for f in fills), ZERO)
        made = placed.progress.made * per
        schedule = self._terms.schedule(order.asset_class)
        for traded in trades:
            trade = traded.trade
            worth = trade.quantity * trade.price * per
            quantity, value = quantity + trade.quantity, value + worth
            made += worth if trade.maker else ZERO
            sold = order.side is Side.SELL
            due = schedule.of(quantity, value, sold=sold, made=made) - charged
            charged += due
            fill = Fill(
                execution_id=f"{placed.key}-{len(fills) + 1}",
                client_order_id=placed.key,
                symbol=order.symbol,
                side=order.side,
                quantity=trade.quantity,
                price=trade.price,
                commission=due,
                currency=order.currency,
                at=trade.at,
                basis=trade.basis,
                multiplier=per,
            )
            fills.append(fill)
            money: Decimal = -order.side.sign * worth - due
            self._book.execute(fill, len(fills), traded.bar, money)
            self._traded += order.side.sign * trade.quantity
            self._executed = fill.execution_id
            self.fills += 1
        return tuple(fills)


def _behind(placed: Placed, seen: datetime) -> bool:
    """Whether an order may have bars to meet up to the one that opened at ``seen``."""
    return placed.since <= seen and (placed.met is None or placed.met < seen)
