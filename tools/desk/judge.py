"""Fresh pictures of account and market, and the gate's verdict on them, ready to journal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from tools.desk.counting import count, day_of, equity_marks
from tools.desk.figures import figures, scale_of, value_of
from tools.desk.judgement import Judgement, verdict_name
from tools.desk.pending import Pending, recent
from tools.desk.program import build
from tools.desk.seeing import Sight, Views, today
from tools.domain.errors import TradingError
from tools.domain.instrument import Instrument
from tools.domain.order import Order, Side
from tools.domain.portfolio import Snapshot
from tools.domain.venue import MarginRegime
from tools.domain.verdict import Verdict
from tools.execution.book import Book
from tools.execution.codec import to_plain
from tools.execution.kinds import Kind
from tools.execution.standing import Standing
from tools.monitoring.watch import Watch
from tools.portfolio.accounting import Account
from tools.portfolio.following import Following
from tools.portfolio.running import Running
from tools.portfolio.snapshot import Mark, filled_by, kinds_of, least_held, marks_at, picture
from tools.ports import Broker, Clock, MarketData
from tools.risk.case import Approval, Case, Source
from tools.risk.case_codec import inputs_of
from tools.risk.gate import decide
from tools.risk.limits import Limits
from tools.risk.mode import Mode
from tools.risk.totals import equity_of

# The reasons that stop a strategy until a person enables it again.
RUNAWAY = "G26"


class Judge:
    """Judges orders of one account by one set of limits; pure but for the market it looks at."""

    def __init__(
        self,
        market: MarketData,
        clock: Clock,
        limits: Limits,
        name: str,
        start: Account,
        *,
        broker: Broker,
        watch: Watch,
        live: bool = False,
    ) -> None:
        """``name`` is the account's, ``start`` the account before its first fill.

        ``watch`` says the mode, ``live`` that the person who started the desk armed it for real
        money. ``following`` keeps the account as its fills and entries leave it.
        """
        self._market, self._clock, self._name, self._start = market, clock, name, start
        self._broker, self._watch, self._live = broker, watch, live
        self.following = Following(start)
        self._running, self._dawn = Running(self.following), Running(self.following)
        self._kind = kinds_of(market)
        self._pending = Pending()
        self._views = Views(market, start.currency)
        self._last = Source("", "", "", live)
        self.limits = limits

    def look(self, order: Order, book: Book, proposed: datetime | None = None) -> Sight:
        """The market now, or at a dated order's own moment, with prices of all that is held.

        ``proposed`` is the market clock when the order was proposed, None for now.
        """
        self._watch.look(book)
        clock = self._clock.now()
        dated = order.dated(clock if proposed is None else proposed)
        moment = order.as_of if dated else clock
        date = today(self._listed(order.symbol), moment)
        began = datetime(date.year, date.month, date.day, tzinfo=UTC)
        morning = marks_at(self._market, min(began, moment))
        mark = marks_at(self._market, moment)
        # Ask for every price that a judgement needs, so that none is asked for inside the lock.
        standing = book.of(self._name)
        if not dated and standing.day != day_of(date, self._clock.wall()):
            self._dawn.ask(
                moment, standing.fills, morning,
                entries=standing.entries, revision=standing.restated,
            )  # fmt: skip
        self._running.ask(
            moment, standing.fills, mark,
            entries=standing.entries, revision=standing.restated, kind=self._kind,
        )  # fmt: skip
        seen = self._views.at(order.symbol, moment, mark, lent=self._broker.simulated_fills)
        return Sight(seen, mark, morning, moment, clock, dated, date)

    def mode(self, book: Book) -> Mode:
        """What all sources together allow; call ``look`` first."""
        return self._watch.mode_of(book)

    def judge(
        self, order: Order, book: Book, sight: Sight, *, approval: Approval | None, stage: str
    ) -> Judgement:
        """The gate's verdict on an order in a book; the order itself is not counted twice."""
        standing, wall = book.of(self._name), self._clock.wall()
        key, day = order.client_order_id, day_of(sight.today, wall)
        account = self.account(book, sight.mark, sight.now, leave_out=key, symbol=order.symbol)
        if sight.dated and order.side is Side.SELL:
            account = self._then(account, standing, order.symbol, sight.now)
        marks = self._equity(standing, sight, equity_of(account))
        case = Case(
            order=order,
            account=account,
            market=sight.market,
            limits=self.limits,
            mode=self.mode(book),
            now=sight.now,
            approval=approval,
            wall=wall,
            dated=sight.dated,
            simulated_venue=self._broker.simulated_fills,
            latest=standing.seen,
            reference=_reference(book, order) if stage == "send" and not sight.dated else None,
            today=sight.today,
            accepts=self._broker.accepts,
            source=self._source(order.principal),
            health=self._watch.health,
            activity=count(order, standing, self.limits.held_to(order), wall, day, marks, account),
        )
        verdict = decide(case)
        worst, collar = figures(case)
        scale = scale_of(case)
        value = value_of(order, worst, scale)
        data = {
            "stage": stage,
            "verdict": verdict_name(verdict),
            "reasons": to_plain(verdict.reasons),
            "digest": verdict.digest,
            "limits_hash": verdict.limits_hash,
            "expires_at": self._expires(stage, verdict, wall),
            "worst_price": to_plain(worst),
            "scale": to_plain(scale),
            "value": to_plain(value),
            "collar": to_plain(collar),
            "inputs": inputs_of(case),
        }
        events = (*self._notes(book, case, verdict, sight, marks, day), (Kind.VERDICT, key, data))
        return Judgement(verdict, verdict_name(verdict), events, collar, value, day)

    def account(
        self,
        book: Book,
        mark: Mark,
        at: datetime,
        *,
        leave_out: str = "",
        symbol: str = "",
        until: datetime | None = None,
    ) -> Snapshot:
        """The account at market moment ``at``; only what there was by ``until`` when given.

        The order ``leave_out`` isn't counted; recent orders are those of ``symbol`` alone.
        """
        standing, wall = book.of(self._name), self._clock.wall()
        waiting = {
            key: record
            for key, record in standing.open.items()
            if key != leave_out and (until is None or record.order.as_of <= until)
        }
        orders = self._pending.orders(waiting, book, replaced_by=leave_out)
        late = recent(standing, book, wall, self.limits.duplicate_seconds, leave_out, symbol)
        if until is not None:
            fills, entries = filled_by(standing.fills, until), filled_by(standing.entries, until)
            return picture(
                self._name, at, self._start, fills, mark, orders, late,
                entries=entries, kind=self._kind,
            )  # fmt: skip
        return self._running.picture(
            self._name, at, standing.fills, mark, orders, late,
            entries=standing.entries, revision=standing.restated, kind=self._kind,
            buying_power=self._buying_power(), margin=self._margin(),
        )  # fmt: skip

    def _listed(self, symbol: str) -> Instrument | None:
        try:
            return self._market.instrument(symbol)
        except TradingError:
            return None  # the view says why

    def _source(self, principal: str) -> Source:
        """Who sends with what: the same object as long as it is the same."""
        venue, last = self._broker, self._last
        made = Source(principal, build(), venue.name, self._live, venue.real_money)
        if type(principal) is str and made == last:
            return last
        self._last = made
        return made

    def _buying_power(self) -> Decimal | None:
        """The venue's own figure, as it was when both accounts were last compared."""
        told = self._watch.venue
        return told.buying_power if told and told.currency == self._start.currency else None

    def _margin(self) -> MarginRegime:
        return MarginRegime.CASH if self._watch.venue is None else self._watch.venue.margin

    def _equity(
        self, standing: Standing, sight: Sight, now: Decimal | None = None
    ) -> tuple[Decimal, Decimal]:
        """The equity that losses are counted from; a simulation of the past begins with its own."""
        first = self._start.opening
        if sight.dated:
            return (first, first) if now is None else (now, now)
        day = day_of(sight.today, self._clock.wall())
        morning = None
        if standing.day != day:
            morning = self._dawn.picture(
                self._name, sight.now, standing.fills, sight.morning,
                entries=standing.entries, revision=standing.restated,
            ).equity  # fmt: skip
        return equity_marks(standing, day, now, morning) or (first, first)

    def _notes(
        self,
        book: Book,
        case: Case,
        verdict: Verdict,
        sight: Sight,
        marks: tuple[Decimal, Decimal],
        day: str,
    ) -> list[tuple[Kind, str, Mapping[str, object]]]:
        """What must be in the journal beside the verdict, where it isn't yet."""
        standing, notes = book.of(self._name), list[tuple[Kind, str, Mapping[str, object]]]()
        if self.limits.hash not in book.limits:
            text = self.limits.canonical().decode()
            notes.append((Kind.LIMITS, "", {"hash": self.limits.hash, "limits": text}))
        if not sight.dated:
            before = (standing.day, standing.equity_open, standing.equity_peak)
            if before != (day, *marks):
                data = {"day": day, "open": to_plain(marks[0]), "peak": to_plain(marks[1])}
                notes.append((Kind.EQUITY, "", {"account": self._name, **data}))
        said = [r.sentence for r in verdict.reasons if r.code == RUNAWAY and r.hard]
        if said and case.activity is not None and not case.activity.disabled:
            data = {"strategy": case.order.strategy, "enabled": False, "reason": " ".join(said)}
            notes.append((Kind.STRATEGY, "", {"account": self._name, **data}))
        return notes

    def _expires(self, stage: str, verdict: Verdict, wall: datetime) -> str | None:
        if stage != "proposal" or verdict_name(verdict) == "refused":
            return None
        text: str = to_plain(wall + timedelta(minutes=self.limits.approval_minutes))
        return text

    def _then(
        self, account: Snapshot, standing: Standing, symbol: str, moment: datetime
    ) -> Snapshot:
        """The account with no more of ``symbol`` than it never fell below since ``moment``.

        A sale in the past must not make a short position there or at any time after.
        """
        least = least_held(standing.fills, symbol, moment, standing.entries)
        positions = (
            replace(p, quantity=min(p.quantity, least)) if p.symbol == symbol else p
            for p in account.positions
        )
        return replace(account, positions=tuple(positions))


def _reference(book: Book, order: Order) -> Decimal | None:
    record = book.orders.get(order.client_order_id)
    return None if record is None else record.reference
