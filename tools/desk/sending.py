"""From approved to the venue and back into the journal: one sender at a time, intent before act."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal
from pathlib import Path

from filelock import FileLock, Timeout

from tools.desk.journal import Journal, Page
from tools.desk.judge import Judge, operator_mode
from tools.domain.errors import BrokerRejected, OutcomeUnknown, StateError, TradingError
from tools.domain.order import Fill, Order, OrderState
from tools.execution.codec import to_plain
from tools.execution.kinds import Kind
from tools.execution.record import OrderRecord, accepts
from tools.execution.states import RESTING, UNSETTLED
from tools.ports import Broker, Clock, VenueOrder
from tools.risk.mode import Mode


class Sending:
    """Holds the sender's lock, shared by every process with the same ``lock_path``.

    Whoever holds it may talk to the venue about orders on their way; a lock that can be had at
    once proves that no live sender is in the middle of one.
    """

    def __init__(
        self, journal: Journal, judge: Judge, broker: Broker, clock: Clock, lock_path: Path
    ) -> None:
        """Nothing is sent when made."""
        self._journal = journal
        self._judge = judge
        self._broker = broker
        self._clock = clock
        self._lock_path = lock_path

    @contextmanager
    def turn(self, wait_s: float) -> Iterator[bool]:
        """The sender's lock for a while; False when another sender keeps it longer than that."""
        try:
            lock = FileLock(self._lock_path, timeout=wait_s)
            lock.acquire(poll_interval=0.01)
        except Timeout:
            yield False
            return
        except OSError as error:
            raise StateError(
                f"{self._lock_path} can't be locked ({error}); nothing is sent. Check that the "
                "folder is there and writable"
            ) from error
        try:
            yield True
        finally:
            lock.release()

    def send(self, key: str, *, never_arrived: bool = False) -> OrderRecord:
        """Gate an approved order again and send it; the record says how it ended.

        Call with the lock held. An order that is no longer waiting to be sent is left as it is.
        ``never_arrived`` is the venue's proof that an earlier attempt is not there: only then is an
        order whose intent is journalled already sent, under the same id.
        """
        book = self._journal.read()
        record = book.orders[key]
        sight = self._judge.look(record.order, book, record.clock)
        with self._journal.writing() as page:
            record = page.book.orders[key]
            if record.state not in (UNSETTLED if never_arrived else {OrderState.APPROVED}):
                return record
            if record.cancel_requested:
                return _withdrawn(page, key)
            if not self._ready(page, record):
                return page.book.orders[key]
            approved = bool(record.approver)
            judged = self._judge.judge(
                record.order, page.book, sight, approved=approved, stage="send"
            )
            page.write(Kind.VERDICT, key, judged.data)
            if judged.name != "approved":
                return page.book.orders[key]
            page.write(
                Kind.SEND_INTENT,
                key,
                {
                    "venue": self._broker.name,
                    "client_order_id": key,
                    "digest": record.order.digest,
                    "collar": None if judged.collar is None else to_plain(judged.collar),
                    "clock": to_plain(sight.clock),
                },
            )
        at = None if sight.dated else sight.clock
        return self.heed(self._submit(record, judged.collar, at))

    def heed(self, record: OrderRecord) -> OrderRecord:
        """Cancel an order at the venue that somebody asked to cancel while it was on its way.

        Without an answer it stays as it is, and the next look at it asks again.
        """
        if not record.cancel_requested or record.state not in RESTING:
            return record
        key = record.order.client_order_id
        try:
            return self.adopt(key, self._broker.cancel(key))
        except TradingError:
            return self._journal.read().orders[key]

    def adopt(self, key: str, answer: VenueOrder) -> OrderRecord:
        """Write the venue's word into the journal: new fills by execution id, then its state."""
        with self._journal.writing() as page:
            record = page.book.orders[key]
            known = {fill.execution_id for fill in record.fills}
            for fill in answer.fills:
                if not _fits(fill, record.order):
                    self._trip(page, f"the venue told an execution of {record.id} that can't be")
                elif fill.execution_id not in known:
                    page.write(Kind.FILL, key, {"fill": to_plain(fill)})
            # Old news must not move an order back, and what has ended stays so.
            if accepts(record, answer.state):
                page.write(Kind.VENUE, key, {"state": str(answer.state), "reason": answer.reason})
            if page.book.orders[key].filled > record.order.quantity:
                self._trip(page, f"order {record.id} was filled for more than its quantity")
            return page.book.orders[key]

    def withdraw(self, key: str) -> OrderRecord:
        """End an order that was asked to be canceled and that the venue has proved never to have.

        Call with the lock held.
        """
        with self._journal.writing() as page:
            if page.book.orders[key].state in UNSETTLED:
                return _withdrawn(page, key)
            return page.book.orders[key]

    def unknown(self, key: str, why: str) -> OrderRecord:
        """Write down that the venue's answer did not arrive."""
        with self._journal.writing() as page:
            if page.book.orders[key].state is OrderState.SEND_INTENT:
                page.write(Kind.OUTCOME_UNKNOWN, key, {"reason": why})
            return page.book.orders[key]

    def _submit(
        self, record: OrderRecord, collar: Decimal | None, at: datetime | None
    ) -> OrderRecord:
        key = record.order.client_order_id
        try:
            answer = self._broker.submit(record.order, collar, at=at)
        except BrokerRejected as error:
            answer = VenueOrder(key, OrderState.REJECTED, (), str(error))
        except OutcomeUnknown as error:
            return self.unknown(key, str(error))
        except TradingError as error:
            # Not one of the two answers a venue may give: what it did is not known.
            return self.unknown(key, str(error))
        return self.adopt(key, answer)

    def _ready(self, page: Page, record: OrderRecord) -> bool:
        """Whether an approval still stands; one that does not is ended in the journal."""
        key = record.order.client_order_id
        late = record.expires_at is not None and self._clock.wall() >= record.expires_at
        if late:
            why = "The approval expired before the order could be sent; propose it again."
        elif record.limits_hash != self._judge.limits.hash:
            why = "The limits changed after the approval; propose the order again."
        else:
            return True
        page.write(Kind.APPROVAL_EXPIRED, key, {"reason": why})
        return False

    def _trip(self, page: Page, reason: str) -> None:
        """Something is wrong at the venue: all trading stops until a person has looked."""
        if operator_mode(page.book) is not Mode.HALTED:
            page.write(Kind.MODE, "", {"mode": Mode.HALTED.name, "who": "desk", "reason": reason})


def _withdrawn(page: Page, key: str) -> OrderRecord:
    why = "It never reached the venue."
    page.write(Kind.CANCELED, key, {"by": "the desk, as asked", "reason": why})
    return page.book.orders[key]


def _fits(fill: Fill, order: Order) -> bool:
    """Whether an execution can be of this order; one that can't would spoil the accounts."""
    named = (fill.client_order_id, fill.symbol, fill.side, fill.currency)
    figures = (fill.quantity, fill.price, fill.commission)
    return (
        named == (order.client_order_id, order.symbol, order.side, order.currency)
        and all(figure.is_finite() for figure in figures)
        and fill.quantity > 0
        and fill.price >= 0
    )
