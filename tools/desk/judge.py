"""Fresh pictures of account and market, and the gate's verdict on them, ready to journal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from tools.domain.errors import TradingError
from tools.domain.instrument import Instrument
from tools.domain.order import Approved, NeedsHuman, Order, OrderState, Verdict
from tools.domain.portfolio import OpenOrder, RecentOrder, Snapshot
from tools.execution.book import Book
from tools.execution.codec import to_plain
from tools.execution.kinds import Kind
from tools.execution.record import OrderRecord
from tools.execution.states import RESERVING
from tools.portfolio.accounting import Account
from tools.portfolio.snapshot import Mark, filled_by, marks_at, picture
from tools.ports import Clock, MarketData
from tools.risk.case import Case, MarketView
from tools.risk.gate import decide
from tools.risk.limits import Limits
from tools.risk.mode import Mode
from tools.risk.rules_worst import fill_bound, value_price

VOLUME_BARS = 20


@dataclass(frozen=True, slots=True)
class Sight:
    """The market as seen for one order: taken before the ledger is locked, used inside."""

    market: MarketView
    mark: Mark
    now: datetime


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
        self, market: MarketData, clock: Clock, limits: Limits, name: str, start: Account
    ) -> None:
        """``name`` is the account's; ``start`` is the account before its first fill."""
        self._market = market
        self._clock = clock
        self._name = name
        self._start = start
        self.limits = limits

    def look(self, order: Order, book: Book) -> Sight:
        """What the market was at the order's own moment; prices of all that is held with it."""
        mark = marks_at(self._market, order.as_of)
        for symbol in {fill.symbol for fill in book.fills}:
            mark(symbol)
        return Sight(self._view(order.symbol, order.as_of), mark, order.as_of)

    def judge(
        self, order: Order, book: Book, sight: Sight, *, approved: bool, stage: str
    ) -> Judgement:
        """The gate's verdict on an order in a book; the order itself is not counted twice."""
        account = self.account(book, sight.mark, sight.now, leave_out=order.client_order_id)
        case = Case(
            order=order,
            account=account,
            market=sight.market,
            limits=self.limits,
            mode=operator_mode(book),
            now=sight.now,
            approved=approved,
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
        """The account at market moment ``at``; only fills up to ``until`` when that is given."""
        mine = {key: r for key, r in book.orders.items() if r.order.account == self._name}
        others = [record for key, record in mine.items() if key != leave_out]
        wall = self._clock.wall()
        fills = tuple(fill for fill in book.fills if fill.client_order_id in mine)
        if until is not None:
            fills = filled_by(fills, until)
        return picture(
            self._name,
            at,
            self._start,
            fills,
            mark,
            open_orders=[_open(r) for r in others if r.state in RESERVING],
            recent=[recent for r in others if (recent := self._recent(r, wall)) is not None],
        )

    def _recent(self, record: OrderRecord, wall: datetime) -> RecentOrder | None:
        age = wall - record.proposed_at
        if record.verdict == "refused" or age > timedelta(seconds=self.limits.duplicate_seconds):
            return None
        waiting = record.state is OrderState.AWAITING_APPROVAL
        sent = any(entry.kind == Kind.SEND_INTENT for entry in record.history)
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


def _open(record: OrderRecord) -> OpenOrder:
    order = record.order
    # An order that reserves has passed the gate, so its worst price is known; were it not, the
    # gate would find the missing figure and refuse whatever comes next.
    worst = record.worst_price if record.worst_price is not None else Decimal("NaN")
    return OpenOrder(order.client_order_id, order.symbol, order.side, record.leaves, worst)
