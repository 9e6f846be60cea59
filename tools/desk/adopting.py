"""The venue's word into the journal: executions by their ids, the state by its rank, exits."""

from __future__ import annotations

import logging

from tools.desk.halting import trip
from tools.desk.journal import Journal, Page
from tools.desk.lowest import Lowest, Lows
from tools.domain.legs import legs
from tools.domain.money import LARGEST
from tools.domain.order import Fill, Order, OrderState
from tools.domain.venue import VenueOrder
from tools.execution.codec import to_plain
from tools.execution.kinds import Kind
from tools.execution.record import OrderRecord
from tools.execution.states import CONCLUDED, ENDED, LIVE, RANK, UNSETTLED
from tools.execution.step import OVER, accepts
from tools.monitoring.tripwires import touched
from tools.risk.limits import Limits

logger = logging.getLogger("tollgate.alert")
S = OrderState


class Adopting:
    """Writes what a venue tells; the same word twice is written once, and none is dropped."""

    def __init__(self, journal: Journal, limits: Limits, lowest: Lowest | None = None) -> None:
        """Nothing is written when made; without ``lowest`` no market is asked about a price."""
        self._journal = journal
        self._limits = limits
        self._lowest = lowest

    def adopt(self, key: str, answer: VenueOrder, *, asked: int | None = None) -> OrderRecord:
        """Write the venue's word on an order that the journal has, and on its exits.

        ``asked`` is the journal's ``seq`` from before the venue was asked. An answer younger than
        all that the order's record knows may take executions back, or change them, and move an
        order that lives back to a weaker state; an older one, or one of unknown age (None), only
        adds executions and moves the state up.
        """
        lows = self._lows(key, answer)
        with self._journal.writing() as page:
            self._take(page, key, answer, asked, lows)
            return page.order(key)

    def _lows(self, key: str, answer: VenueOrder) -> Lows:
        """Asked before the lock; nothing of an order that is no stop."""
        record = self._journal.read().orders.get(key) if answer.fills else None
        if self._lowest is None or record is None:
            return {}
        return self._lowest.of(record, answer.fills, self._limits)

    def _take(
        self, page: Page, key: str, answer: VenueOrder, asked: int | None, lows: Lows
    ) -> None:
        record = page.order(key)
        fresh = asked is not None and asked >= record.moved
        if not record.heard and record.state in CONCLUDED and answer.state is not record.state:
            ended = record.state.value.replace("_", " ")
            alarm(page, record, "returned", f"The venue has it after all; it counted as {ended}.")
        taken_back, doubt = self._executions(page, record, answer, fresh, lows)
        self._word(page, key, answer, fresh=fresh, taken_back=taken_back, doubt=doubt)
        exits = {order.client_order_id: order for order in legs(record.order)}
        # Exits of an order that was sent past this desk come as orders of their own.
        for leg in () if record.order.external else answer.legs:
            mine = leg.client_order_id
            if mine not in page.book.orders:
                if mine not in exits:
                    said = f"The venue made an exit {mine[:40]!r} that is none of this order."
                    alarm(page, record, "odd_leg", said)
                    continue
                _begin(page, record, exits[mine])
            self._take(page, mine, leg, asked, {})

    def _executions(
        self, page: Page, record: OrderRecord, answer: VenueOrder, fresh: bool, lows: Lows
    ) -> tuple[bool, bool]:
        """Write executions that are new, changed or gone.

        Whether any was changed or gone, and whether the answer is in doubt: it tells one that can't
        be, or lacks one that may not be gone.
        """
        key = record.order.client_order_id
        known = {fill.execution_id: fill for fill in record.fills}
        told: dict[str, Fill] = {}
        changed = odd = False
        for fill in answer.fills:
            same = told.get(fill.execution_id)
            if not _fits(fill, record.order) or (same is not None and not _alike(same, fill)):
                trip(page, f"The venue told an execution of order {record.id} that can't be.")
                odd = True
                continue
            told[fill.execution_id] = fill
        for name, fill in told.items():
            if name not in known:
                heirs = _heirs(page, key)
                low = lows.get(name)
                for why in touched(page.order(key), fill, self._limits, heirs, low):
                    trip(page, why)
                page.write(Kind.FILL, key, {"fill": to_plain(fill)})
            elif fresh and not _alike(known[name], fill):
                page.write(Kind.CORRECT, key, {"fill": to_plain(fill)})
                alarm(page, record, "correct", f"The venue corrected the execution {name}.")
                changed = True
        # An answer that can't be right in one thing is not believed in what it leaves out.
        for name in known if fresh and not odd else ():
            if (name in told) is (name in record.missing):
                page.write(Kind.MISSING, key, {"execution_id": name, "found": name in told})
            elif name in record.missing:
                page.write(Kind.BUST, key, {"execution_id": name})
                alarm(page, record, "bust", f"The venue took back the execution {name}.")
                changed = True
        if record.state is not S.FILLED_LATE and page.order(key).state is S.FILLED_LATE:
            _late(page, record)
        lacking = page.order(key).missing - told.keys()
        return changed, odd or bool(lacking)

    def _word(
        self,
        page: Page,
        key: str,
        answer: VenueOrder,
        *,
        fresh: bool,
        taken_back: bool,
        doubt: bool,
    ) -> None:
        record = page.order(key)
        state, raw = answer.state, answer.raw
        if state not in RANK or state is S.FILLED_LATE:
            state, raw = S.NEEDS_HUMAN, raw or str(answer.state)
        if doubt and state in ENDED:
            # Until an answer without doubt comes nothing ends: the order is looked at again.
            going = S.PARTIAL if record.filled else S.ACCEPTED
            state = record.state if record.state in RANK else going
        state = _meant(page, record, answer, state, fresh=fresh, taken_back=taken_back)
        reopened = taken_back and state is not record.state
        if reopened or accepts(record, state, fresh=fresh):
            if state is S.FILLED_LATE:
                _late(page, record)
        elif raw and raw != record.raw:
            state = record.state  # it moves nothing, but it is kept
        elif answer.state is record.state and answer.reason not in ("", record.note):
            state = record.state  # such as that a dividend has lowered its stop
        else:
            return
        page.write(Kind.VENUE, key, {"state": str(state), "reason": answer.reason, "raw": raw})
        if raw and raw != record.raw:
            said = f"The venue says {raw[:100]!r}, which we don't know."
            alarm(page, record, "raw_word", said)


def _meant(
    page: Page,
    record: OrderRecord,
    answer: VenueOrder,
    state: OrderState,
    *,
    fresh: bool,
    taken_back: bool,
) -> OrderState:
    """The state that a word stands for, together with what else is known."""
    filled = record.carried + record.filled
    if state is S.ACCEPTED and record.filled:
        return S.PARTIAL
    if state is S.FILLED and filled < record.order.quantity and record.state is not S.FILLED:
        # Executions of it are still to be told: until then it is looked at again.
        return S.PARTIAL if not taken_back else state
    # Those that an answer lacked before may be gone: they prove no late fill.
    told = {fill.execution_id for fill in answer.fills} | record.missing
    if state in OVER and not fresh and any(f.execution_id not in told for f in record.fills):
        return S.FILLED_LATE  # it was over with less than we know of: the rest came after
    if state in LIVE and record.state is S.PENDING_REPLACE:
        heir = page.book.orders.get(record.replaced_by)
        if heir is not None and heir.state in UNSETTLED:
            return S.PENDING_REPLACE  # the replacement is still on its way
    if state is S.CANCELED and record.replaced_by:
        heir = page.book.orders.get(record.replaced_by)
        if heir is not None and heir.heard and heir.state is not S.REJECTED:
            return S.REPLACED  # the venue replaces by a cancel and a new order
    return state


def _heirs(page: Page, key: str) -> tuple[OrderRecord, ...]:
    """Every order that took the place of one, or of one that did."""
    found = tuple(page.book.orders[heir] for heir in page.book.heirs.get(key, ()))
    further = (one for heir in found for one in _heirs(page, heir.order.client_order_id))
    return (*found, *further)


def alarm(page: Page, record: OrderRecord, code: str, sentence: str) -> None:
    """Write down once what a person must hear of."""
    key = record.order.client_order_id
    said = f"Alarm: {sentence}"
    if all(entry.sentence != said for entry in page.order(key).history):
        page.write(Kind.ALARM, key, {"code": code, "sentence": sentence})
        logger.warning("order %s: %s", record.id, sentence)


def _late(page: Page, record: OrderRecord) -> None:
    sentence = "It was filled after the venue had said that it was over."
    alarm(page, record, "late_fill", sentence)
    trip(page, f"Order {record.id} was filled after the venue had said that it was over.")


def _begin(page: Page, parent: OrderRecord, order: Order) -> None:
    """An exit becomes an order of its own; its parent's approval is its approval."""
    prices = (order.limit_price, order.stop_price, parent.worst_price)
    worst = max((price for price in prices if price is not None), default=None)
    page.write(
        Kind.LEG,
        order.client_order_id,
        {
            "order": to_plain(order),
            "simulated": parent.simulated,
            "approver": parent.approver,
            "limits_hash": parent.limits_hash,
            "worst_price": to_plain(worst),
            "scale": to_plain(parent.scale),
            "clock": to_plain(parent.sent_clock),
        },
    )


def _alike(one: Fill, other: Fill) -> bool:
    """Whether two tellings of an execution say the same; its basis is words."""
    return (one.quantity, one.price, one.commission, one.side, one.symbol) == (
        other.quantity,
        other.price,
        other.commission,
        other.side,
        other.symbol,
    )


def _fits(fill: Fill, order: Order) -> bool:
    """Whether an execution can be of this order; one that can't would spoil the accounts."""
    named = (fill.client_order_id, fill.symbol, fill.side, fill.currency)
    figures = (fill.quantity, fill.price, fill.commission, fill.multiplier)
    return (
        named == (order.client_order_id, order.symbol, order.side, order.currency)
        and all(figure.is_finite() and abs(figure) <= LARGEST for figure in figures)
        and fill.quantity > 0
        and fill.price >= 0
        and fill.multiplier > 0
    )
