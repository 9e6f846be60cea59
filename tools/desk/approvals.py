"""The face for people: approve, reject, halt, resume. No agent and no tool is given it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tools.desk.finding import find
from tools.desk.settling import settle
from tools.domain.errors import Conflict, InputError
from tools.domain.order import OrderState
from tools.execution.kinds import Kind
from tools.execution.record import OrderRecord
from tools.monitoring.words import Word, strictest_of
from tools.risk.limits_values import matches
from tools.risk.mode import Mode
from tools.risk.rules_person import MACHINES

if TYPE_CHECKING:
    from tools.desk.door import Desk
    from tools.desk.journal import Page

LONGEST = 100


class Approvals:
    """Decide about proposals and about trading as a whole.

    Raises StateError when the ledger can't be read or written, InputError for a name that can't
    be a person's.
    """

    def __init__(self, desk: Desk) -> None:
        """Made by the desk."""
        self._desk = desk

    def pending(self) -> tuple[OrderRecord, ...]:
        """The proposals that wait for a person, the oldest first; expired ones are left out."""
        wall = self._desk.clock.wall()
        records = (r.at(wall) for r in self._desk.journal.read().orders.values())
        return tuple(r for r in records if r.state is OrderState.AWAITING_APPROVAL)

    def approve(self, order_id: str, approver: str) -> OrderRecord:
        """Say yes, once: the order is gated again and sent; the record says how that ended.

        Of many who approve at once exactly one wins. The others, and anyone who comes after the
        order was decided or has expired, get Conflict saying what was decided. While trading is
        halted nothing is decided: Conflict, and the order goes on waiting. Where the limits want
        two, the record of the first yes says so and nothing is sent before the second.
        """
        self._desk.agree()
        self._desk.watch.look(self._desk.journal.read())
        key = self._decide(order_id, approver, Kind.APPROVED, "")
        record = self._desk.journal.read().orders[key]
        return self._desk.send(key) if record.state is OrderState.APPROVED else record

    def reject(self, order_id: str, approver: str, reason: str = "") -> OrderRecord:
        """Say no; Conflict when the order was decided already."""
        key = self._decide(order_id, approver, Kind.DECLINED, reason)
        return self._desk.journal.read().orders[key]

    def enable(self, strategy: str, who: str) -> None:
        """Let a strategy trade again that was stopped, and count its orders afresh.

        Raises Conflict for one that is not stopped.
        """
        who, desk = _person(who), self._desk
        with desk.journal.writing() as page:
            known = page.book.of(desk.account).strategies.get(strategy)
            if known is None or not known.disabled:
                raise Conflict(f"the strategy {strategy[:40]!r} is not stopped")
            data = {"strategy": strategy, "enabled": True, "reason": known.disabled, "who": who}
            page.write(Kind.STRATEGY, "", {"account": desk.account, **data})

    def settle(self, order_id: str, who: str, state: str) -> OrderRecord:
        """Tell what the venue says of an order that needs a person; see ``settling.settle``."""
        return settle(self._desk.journal, order_id, _person(who), state)

    def halt(self, who: str, reason: str) -> Mode:
        """Refuse every new order from now on, everywhere and after every restart; cancel the rest.

        See ``Halting.halt``.
        """
        return self._desk.halting.halt(_person(who), reason[:LONGEST])

    def reduce_only(self, who: str, reason: str) -> Mode:
        """Refuse every order that adds risk from now on; positions may get smaller."""
        return self._desk.halting.halt(_person(who), reason[:LONGEST], Mode.REDUCE_ONLY)

    def resume(self, who: str) -> Mode:
        """Lift what people and tripwires stopped; Conflict while a cause still stands."""
        return self._desk.halting.resume(_person(who))

    def mode(self) -> Mode:
        """What all sources together allow; HALTED when the ledger can't be read."""
        return strictest_of(self.standing())

    def standing(self) -> tuple[Word, ...]:
        """Each source's word on trading now: operator, switch, monitoring, data, broker."""
        return self._desk.standing()

    def _decide(self, order_id: str, approver: str, kind: Kind, reason: str) -> str:
        approver = _person(approver)
        refusal = _decided(find(self._desk.journal.read(), order_id))
        if refusal:  # what is decided stays so: nobody need wait for the ledger to hear it
            raise Conflict(refusal)
        with self._desk.journal.writing() as page:
            record = find(page.book, order_id)
            key, order = record.order.client_order_id, record.order
            if order.account != self._desk.account:
                raise InputError(f"order {record.id} is of another account, {order.account!r}")
            if _same(approver, order.principal):
                raise InputError(f"{approver} proposed this order and can't approve it")
            if kind is Kind.APPROVED and not matches(
                self._desk.limits.held_to(order).approvers, approver
            ):
                raise InputError(f"{approver} is not among those who may approve here")
            refusal = self._stale(page, record, kind) or self._not_now(page, record, kind)
            needs_second = kind is Kind.APPROVED and self._second(record, approver)
            if not refusal:
                page.write(
                    kind,
                    key,
                    {
                        "approver": approver,
                        "reason": reason[:LONGEST],
                        "digest": order.digest,
                        "limits_hash": record.limits_hash,
                        "account": order.account,
                        "needs_second": needs_second,
                    },
                )
        if refusal:  # raised here, so that what was written about it stays written
            raise Conflict(refusal)
        return key

    def _stale(self, page: Page, record: OrderRecord, kind: Kind) -> str:
        """Why this order can't be decided any more; empty when it can."""
        key, desk = record.order.client_order_id, self._desk
        why = _decided(record)
        if why:
            return why
        if record.at(desk.clock.wall()).state is OrderState.APPROVAL_EXPIRED:
            why = f"Nobody approved it before {record.expires_at:%Y-%m-%d %H:%M} UTC."
        elif kind is Kind.APPROVED and record.limits_hash != desk.limits.hash:
            why = "The limits changed since it was proposed."
        if not why:
            return ""
        page.write(Kind.APPROVAL_EXPIRED, key, {"reason": f"{why} Propose it again."})
        return f"order {record.id} can't be approved any more. {why} Propose it again."

    def _not_now(self, page: Page, record: OrderRecord, kind: Kind) -> str:
        """Why nobody can approve anything just now; empty when they can."""
        words = self._desk.watch.standing(page.book)
        if kind is not Kind.APPROVED or strictest_of(words) is not Mode.HALTED:
            return ""
        why = " ".join(word.sentence for word in words if word.mode is Mode.HALTED)
        return f"order {record.id} goes on waiting, for trading is halted. {why}"

    def _second(self, record: OrderRecord, approver: str) -> bool:
        """Whether this yes is the first of two that the order needs; InputError for no second."""
        order, limits = record.order, self._desk.limits.held_to(record.order)
        if record.value is not None and record.value <= limits.second_person_value:
            return False
        if _last(approver) == _last(order.principal):
            raise InputError(f"{approver} proposed this order; so large a one two others approve")
        if approver.casefold() == record.approver.casefold():
            raise InputError(f"{approver} approved it already; now it needs somebody else's yes")
        return not record.approver


def _decided(record: OrderRecord) -> str:
    """What was decided about an order already; empty while it waits."""
    if record.state is OrderState.AWAITING_APPROVAL:
        return ""
    by = f" (decided by {record.approver})" if record.approver else ""
    return f"order {record.id} was decided already{by}: {record.sentence}"


def _same(approver: str, principal: str) -> bool:
    """Whether these are one: a person's plain name, or the name of the program that proposed."""
    names = {principal.casefold()} | ({_last(principal)} if _is_machine(principal) else set())
    return approver.casefold() in names


def _person(name: str) -> str:
    """The name, tidy; raises InputError for an empty one or a program's."""
    tidy = " ".join(name.split())
    if not tidy or len(tidy) > LONGEST or not tidy.isprintable():
        raise InputError("say who decides: a name of at most 100 printable characters")
    if _is_machine(tidy):
        raise InputError(f"only a person decides about orders; {tidy!r} is a program")
    return tidy


def _is_machine(name: str) -> bool:
    return name.strip().casefold().startswith(MACHINES)


def _last(principal: str) -> str:
    return principal.replace("/", ":").rsplit(":", 1)[-1].casefold()
