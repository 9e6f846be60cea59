"""Fresh pictures of account and market, and the gate's verdict on them, ready to journal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal

from tools.domain.errors import TradingError
from tools.domain.instrument import Instrument
from tools.domain.order import Approved, NeedsHuman, Order, OrderState, Side, Verdict
from tools.domain.portfolio import OpenOrder, RecentOrder, Snapshot
from tools.execution.book import Book
from tools.execution.codec import to_plain
from tools.execution.record import OrderRecord
from tools.execution.states import RESERVING
from tools.portfolio.accounting import Account
from tools.portfolio.snapshot import Mark, filled_by, least_held, marks_at, picture
from tools.ports import Clock, MarketData
from tools.risk.case import Case, MarketView
from tools.risk.gate import decide
from tools.risk.limits import Limits
from tools.risk.mode import Mode
from tools.risk.rules_worst import fill_bound, value_price

VOLUME_BARS = 20


@dataclass(frozen=True, slots=True)
class Sight:
    """The market as seen for one order: taken before the ledger is locked, used inside.

    ``now`` is the moment it is judged at: the market clock's, or a dated order's own.
    """

    market: MarketView
    mark: Mark
    now: datetime
    clock: datetime
    dated: bool


@dataclass(frozen=True, slots=True)
class Judgement:
    """A verdict and the event data that it is journalled with; ``collar`` is None when unknown."""

    verdict: Verdict
    name: str
    data: Mapping[str, object]
    worst_price: Decimal | None
    collar: Decimal | None


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
        simulated: bool,
    ) -> None:
        """``name`` is the account's, ``start`` the account before its first fill.

        ``simulated`` is the venue's word that nothing real is traded.
        """
        self._simulated = simulated
        self._market = market
        self._clock = clock
        self._name = name
        self._start = start
        self.limits = limits

    def look(self, order: Order, book: Book, proposed: datetime | None = None) -> Sight:
        """The market now, or at a dated order's own moment, with prices of all that is held.

        ``proposed`` is the market clock when the order was proposed, None for now.
        """
        clock = self._clock.now()
        dated = order.dated(clock if proposed is None else proposed)
        moment = order.as_of if dated else clock
        mark = marks_at(self._market, moment)
        for symbol in {fill.symbol for fill in book.fills}:
            mark(symbol)
        return Sight(self._view(order.symbol, moment), mark, moment, clock, dated)

    def judge(
        self, order: Order, book: Book, sight: Sight, *, approved: bool, stage: str
    ) -> Judgement:
        """The gate's verdict on an order in a book; the order itself is not counted twice."""
        account = self.account(book, sight.mark, sight.now, leave_out=order.client_order_id)
        if sight.dated and order.side is Side.SELL:
            account = self._then(account, book, order.symbol, sight.now)
        case = Case(
            order=order,
            account=account,
            market=sight.market,
            limits=self.limits,
            mode=operator_mode(book),
            now=sight.now,
            approved=approved,
            dated=sight.dated,
            simulated_venue=self._simulated,
            latest=self._latest(book),
            reference=_reference(book, order) if stage == "send" and not sight.dated else None,
        )
        verdict = decide(case)
        worst, collar = _figures(case)
        name = verdict_name(verdict)
        expires = None
        if stage == "proposal" and name != "refused":
            minutes = self.limits.approval_minutes
            expires = to_plain(self._clock.wall() + timedelta(minutes=minutes))
        data = {
            "stage": stage,
            "verdict": name,
            "reasons": to_plain(verdict.reasons),
            "digest": verdict.digest,
            "limits_hash": verdict.limits_hash,
            "expires_at": expires,
            "worst_price": None if worst is None else to_plain(worst),
            "collar": None if collar is None else to_plain(collar),
            "inputs": {
                "account": to_plain(account),
                "market": to_plain(sight.market),
                "mode": to_plain(case.mode),
                "now": to_plain(case.now),
                "approved": approved,
                "dated": case.dated,
                "simulated_venue": case.simulated_venue,
                "latest": to_plain(case.latest),
                "reference": to_plain(case.reference),
            },
        }
        return Judgement(verdict, name, data, worst, collar)

    def account(
        self,
        book: Book,
        mark: Mark,
        at: datetime,
        *,
        leave_out: str = "",
        until: datetime | None = None,
    ) -> Snapshot:
        """The account at market moment ``at``; only what there was by ``until`` when given."""
        mine = {key: r for key, r in book.orders.items() if r.order.account == self._name}
        others = [record for key, record in mine.items() if key != leave_out]
        wall = self._clock.wall()
        fills = tuple(fill for fill in book.fills if fill.client_order_id in mine)
        waiting = [r for r in others if r.state in RESERVING]
        if until is not None:
            fills = filled_by(fills, until)
            waiting = [r for r in waiting if r.order.as_of <= until]
        return picture(
            self._name,
            at,
            self._start,
            fills,
            mark,
            open_orders=[_open(r) for r in waiting],
            recent=[recent for r in others if (recent := self._recent(r, wall)) is not None],
        )

    def _then(self, account: Snapshot, book: Book, symbol: str, moment: datetime) -> Snapshot:
        """The account with no more of ``symbol`` than it never fell below since ``moment``.

        A sale in the past must not make a short position there or at any time after.
        """
        mine = (f for f in book.fills if book.orders[f.client_order_id].order.account == self._name)
        least = least_held(mine, symbol, moment)
        positions = (
            replace(p, quantity=min(p.quantity, least)) if p.symbol == symbol else p
            for p in account.positions
        )
        return replace(account, positions=tuple(positions))

    def _latest(self, book: Book) -> datetime | None:
        """The latest moment at which the market clock was seen for this account's orders."""
        mine = [r for r in book.orders.values() if r.order.account == self._name]
        seen = (moment for r in mine for moment in (r.clock, r.sent_clock))
        return max((moment for moment in seen if moment is not None), default=None)

    def _recent(self, record: OrderRecord, wall: datetime) -> RecentOrder | None:
        sent = record.sent_at is not None
        age = wall - (record.sent_at or record.proposed_at)
        if record.verdict == "refused" or age > timedelta(seconds=self.limits.duplicate_seconds):
            return None
        waiting = record.state is OrderState.AWAITING_APPROVAL
        if not (waiting or sent or record.state in RESERVING):
            return None  # declined, withdrawn or run out: it repeats nothing
        order = record.order
        return RecentOrder(
            order.client_order_id,
            order.symbol,
            order.side,
            order.quantity,
            order.limit_price,
            order.strategy,
            age,
            waiting=waiting,
        )

    def _view(self, symbol: str, moment: datetime) -> MarketView:
        listed: Instrument | None = None
        try:
            listed = self._market.instrument(symbol)
            quote = self._market.quote(symbol, moment)
            volumes = [bar.volume for bar in self._market.history(symbol, moment).bars]
        except TradingError as error:
            # The gate refuses what is None and puts the feed's own words into the reason.
            return MarketView(listed, None, None, None, known=listed is not None, note=str(error))
        last = volumes[-VOLUME_BARS:]
        average = sum(last, Decimal(0)) / len(last) if last else None
        return MarketView(
            listed,
            quote.bid,
            quote.ask,
            quote.event_time,
            average,
            known=True,
            simulated=quote.simulated,
        )


def operator_mode(book: Book) -> Mode:
    """The switch as people left it: ACTIVE when nobody touched it, HALTED when it is unreadable."""
    if not book.mode:
        return Mode.ACTIVE
    return Mode.__members__.get(book.mode, Mode.HALTED)


def verdict_name(verdict: Verdict) -> str:
    """approved, needs_human or refused."""
    if isinstance(verdict, Approved):
        return "approved"
    return "needs_human" if isinstance(verdict, NeedsHuman) else "refused"


def _figures(case: Case) -> tuple[Decimal | None, Decimal | None]:
    """The worst prices for exposure and for a fill; None of a case too odd to have any."""
    try:
        return value_price(case), fill_bound(case)
    except Exception:  # noqa: BLE001 - the gate has refused such a case already
        return None, None


def _reference(book: Book, order: Order) -> Decimal | None:
    record = book.orders.get(order.client_order_id)
    return None if record is None else record.reference


def _open(record: OrderRecord) -> OpenOrder:
    order = record.order
    # An order that reserves has passed the gate, so its worst price is known; were it not, the
    # gate would find the missing figure and refuse whatever comes next.
    worst = record.worst_price if record.worst_price is not None else Decimal("NaN")
    return OpenOrder(order.client_order_id, order.symbol, order.side, record.leaves, worst)
