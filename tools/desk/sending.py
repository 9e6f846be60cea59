"""From approved to the venue and back into the journal: one sender at a time, intent before act."""

from __future__ import annotations

import os
import platform
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from decimal import Decimal

from tools.desk.adopting import Adopting
from tools.desk.journal import Journal, Page
from tools.desk.judge import Judge
from tools.desk.judgement import Judgement
from tools.desk.lowest import Lowest
from tools.desk.seeing import Sight
from tools.domain.errors import BrokerRejected, Conflict, TradingError
from tools.domain.order import OrderState
from tools.domain.venue import VenueOrder
from tools.execution.codec import to_plain
from tools.execution.kinds import Kind
from tools.execution.record import OrderRecord
from tools.execution.states import REPLACEABLE, RESTING, UNSETTLED, words
from tools.ports import Broker, Clock, MarketData
from tools.risk.case import Approval
from tools.risk.mode import Mode

# A live sender renews its lease by writing; one that has not for so long is followed.
LEASE_S = 60.0


class Sending:
    """Takes the sender's lease, which one process and one thread of it has at a time.

    Whoever has it may talk to the venue about orders on their way; a lease that can be had at once
    proves that no live sender is in the middle of one. An intent to send is written under the
    lease's token, so a sender that slept past its lease writes none, and sends nothing.
    """

    def __init__(
        self, journal: Journal, judge: Judge, broker: Broker, clock: Clock, market: MarketData
    ) -> None:
        """Nothing is sent when made; ``market`` is asked when a stop was filled far below it."""
        self._journal = journal
        self._judge = judge
        self._broker = broker
        self._clock = clock
        self._adopting = Adopting(journal, judge.limits, Lowest(market, clock))
        self._threads = threading.Lock()
        self._mine = threading.local()

    @contextmanager
    def turn(self, wait_s: float) -> Iterator[bool]:
        """The sender's turn for a while; False when another sender keeps it longer than that."""
        if not self._threads.acquire(timeout=wait_s):
            yield False
            return
        try:
            lease = self._journal.lease(f"{platform.node()}:{os.getpid()}", LEASE_S, wait_s)
            try:
                self._mine.token = lease.acquire(wait_s)
            except Conflict:
                yield False
                return
            try:
                yield True
            finally:
                self._mine.token = None
                lease.release()
        finally:
            self._threads.release()

    def send(self, key: str, *, never_arrived: bool = False) -> OrderRecord:
        """Gate an approved order again and send it; the record says how it ended.

        Call in a ``turn``. An order that is no longer waiting to be sent is left as it is, and so
        is any while trading is halted. ``never_arrived`` is the venue's proof that an earlier
        attempt is not there: only then is an order whose intent is journalled already sent, under
        the same id.
        """
        book = self._journal.read()
        record = book.orders[key]
        sight = self._judge.look(record.order, book, record.clock)
        try:
            with self._journal.writing(getattr(self._mine, "token", None)) as page:
                judged = self._intend(page, key, sight, never_arrived=never_arrived)
                record = page.order(key)
        except Conflict:  # another process took over as the sender, and goes on with it
            return self._journal.read().orders[key]
        if judged is not None:
            at = None if sight.dated else sight.clock
            record = self._submit(record, judged.collar, at, again=never_arrived)
        return self.heed(record)

    def may_go_again(self, key: str) -> bool:
        """Whether an order that never arrived would be sent again if it were gated now.

        Nothing is written: until the venue has proved that it is not there it must not be ended.
        """
        book = self._journal.read()
        record = book.orders[key]
        if record.cancel_requested or record.refused or self._ended(record):
            return False
        sight = self._judge.look(record.order, book, record.clock)
        if self._judge.mode(book) is Mode.HALTED:
            return False
        judged = self._judge.judge(
            record.order, book, sight, approval=approval_of(record), stage="send"
        )
        return judged.name == "approved"

    def ask(self, key: str) -> OrderRecord | None:
        """Look an order up, write down the venue's word and pass on what was asked for meanwhile.

        None when the venue has never seen it. Raises OutcomeUnknown when it doesn't answer.
        """
        book = self._journal.read()
        known = book.orders.get(key)
        answer = self._broker.lookup(key)
        if answer is None:
            return None
        record = self.heed(self.adopt(key, answer, asked=book.seq))
        if known is not None and record.filled > known.filled:
            self._warn_heirs(key)
        return record

    def _warn_heirs(self, key: str) -> None:
        """Ask about what took an order's place: with this much filled it may be for too much."""
        book = self._journal.read()
        for heir in book.heirs.get(key, ()):
            if book.orders[heir].state in RESTING:
                with suppress(TradingError):
                    self.ask(heir)

    def adopt(self, key: str, answer: VenueOrder, *, asked: int | None = None) -> OrderRecord:
        """Write the venue's word into the journal; see ``Adopting.adopt``."""
        return self._adopting.adopt(key, answer, asked=asked)

    def heed(self, record: OrderRecord) -> OrderRecord:
        """Do what the news of an order asks for: look up what it replaced, cancel what was asked.

        Without an answer all stays as it is, and the next look at it asks again.
        """
        key, old = record.order.client_order_id, record.order.replaces
        if old and record.sent_at is not None and record.state not in UNSETTLED:
            before = self._journal.read().orders.get(old)
            # What is still lacking of this one may have been filled of the one before.
            lacking = record.state is OrderState.PARTIAL
            looked = {OrderState.PENDING_REPLACE, *({OrderState.REPLACED} if lacking else ())}
            if before is not None and before.replaced_by == key and record.heard:
                looked.add(OrderState.CANCELED)  # for this one: then it was replaced
            if before is not None and before.state in looked:
                with suppress(TradingError):
                    self.ask(old)
        pending = record.state in RESTING and record.state is not OrderState.PENDING_CANCEL
        if not record.cancel_requested or not pending:
            return record
        try:
            return self.cancel(key)
        except TradingError:
            return self._journal.read().orders[key]

    def cancel(self, key: str) -> OrderRecord:
        """Ask the venue to cancel an order that it has or may have; raises as ``Broker.cancel``."""
        asked = self._journal.read().seq
        return self.adopt(key, self._broker.cancel(key), asked=asked)

    def unknown(self, key: str, why: str, *, refused: bool = False) -> OrderRecord:
        """Write down that the venue's answer did not arrive, or refused a second attempt only."""
        with self._journal.writing() as page:
            if page.order(key).state is OrderState.SEND_INTENT:
                page.write(Kind.OUTCOME_UNKNOWN, key, {"reason": why, "refused": refused})
            return page.order(key)

    def _intend(
        self, page: Page, key: str, sight: Sight, *, never_arrived: bool
    ) -> Judgement | None:
        """Journal that an order is about to be sent; None when it isn't."""
        record = page.order(key)
        order = record.order
        if record.state not in (UNSETTLED if never_arrived else {OrderState.APPROVED}):
            return None
        if record.cancel_requested:
            _end(page, key, "the desk, as asked", "It never reached the venue.")
            return None
        ended = self._ended(record)
        if ended:
            page.write(Kind.APPROVAL_EXPIRED, key, {"reason": ended})
            return None
        if self._judge.mode(page.book) is Mode.HALTED:
            return None
        judged = self._judge.judge(
            order, page.book, sight, approval=approval_of(record), stage="send"
        )
        judged.write(page)
        if judged.name != "approved":
            return None
        old = page.book.orders.get(order.replaces) if order.replaces else None
        if order.replaces and not _replaceable(old, key):
            standing = "unknown here" if old is None else words(old.state)
            why = f"The order that it was to take the place of is {standing}."
            _end(page, key, "the desk", why)
            return None
        if old is not None and old.state is not OrderState.PENDING_REPLACE:
            page.write(Kind.PENDING_REPLACE, order.replaces, {"by": key})
        data = {
            "venue": self._broker.name,
            "client_order_id": key,
            "digest": judged.verdict.digest,
            "collar": to_plain(judged.collar),
            "clock": to_plain(sight.clock),
            "day": judged.day,
            "value": to_plain(judged.value),
        }
        page.write(Kind.SEND_INTENT, key, data)
        return judged

    def _submit(
        self, record: OrderRecord, collar: Decimal | None, at: datetime | None, *, again: bool
    ) -> OrderRecord:
        key = record.order.client_order_id
        tell = self._broker.replace if record.order.replaces else self._broker.submit
        try:
            answer = tell(record.order, collar, at=at)
        except BrokerRejected as error:
            if again:
                # It refused this attempt; the first one may still be on its way.
                return self.unknown(key, f"Sent again, it was refused: {error}", refused=True)
            answer = VenueOrder(key, OrderState.REJECTED, (), str(error))
        except TradingError as error:
            # OutcomeUnknown, or none of the answers a venue may give: what it did is not known.
            return self.unknown(key, str(error))
        return self.adopt(key, answer)

    def _ended(self, record: OrderRecord) -> str:
        """Why an approval doesn't stand any more; empty while it does."""
        if record.expires_at is not None and self._clock.wall() >= record.expires_at:
            return "The approval expired before the order could be sent; propose it again."
        if record.limits_hash != self._judge.limits.hash:
            return "The limits changed after the approval; propose the order again."
        return ""


def approval_of(record: OrderRecord) -> Approval | None:
    """The person's yes as the journal holds it, with the second's where there is one."""
    if not record.approver or record.expires_at is None:
        return None
    order = record.order
    return Approval(
        order.digest,
        record.limits_hash,
        order.account,
        record.approver,
        record.proposed_at,
        record.expires_at,
        second=record.second,
    )


def _replaceable(old: OrderRecord | None, by: str) -> bool:
    """Whether an order may be replaced: nothing else is changing it."""
    if old is None:
        return False
    mine = old.state is OrderState.PENDING_REPLACE and old.replaced_by == by
    return mine or (old.state in REPLACEABLE and not old.cancel_requested)


def _end(page: Page, key: str, by: str, why: str) -> None:
    page.write(Kind.CANCELED, key, {"by": by, "reason": why})
