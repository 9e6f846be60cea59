"""The face for people: approve, reject, halt, resume. No agent and no tool is given it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tools.desk.finding import find
from tools.desk.judge import operator_mode
from tools.domain.errors import Conflict, InputError, StateError
from tools.domain.order import OrderState
from tools.execution.kinds import Kind
from tools.execution.record import OrderRecord
from tools.risk.mode import Mode

if TYPE_CHECKING:
    from tools.desk.door import Desk
    from tools.desk.journal import Page

# Who starts with one of these is a program, and programs don't approve.
MACHINES = ("agent", "mcp")
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
        order was decided or has expired, get Conflict saying what was decided.
        """
        key = self._decide(order_id, approver, Kind.APPROVED, "")
        return self._desk.send(key)

    def reject(self, order_id: str, approver: str, reason: str = "") -> OrderRecord:
        """Say no; Conflict when the order was decided already."""
        key = self._decide(order_id, approver, Kind.DECLINED, reason)
        return self._desk.journal.read().orders[key]

    def halt(self, who: str, reason: str) -> Mode:
        """Refuse every new order from now on, in every process and after every restart."""
        return self._switch(Mode.HALTED, who, reason)

    def resume(self, who: str) -> Mode:
        """Let orders through the gate again."""
        return self._switch(Mode.ACTIVE, who, "")

    def mode(self) -> Mode:
        """The switch; HALTED when the ledger can't be read."""
        try:
            return operator_mode(self._desk.journal.read())
        except StateError:
            return Mode.HALTED

    def _switch(self, mode: Mode, who: str, reason: str) -> Mode:
        who = _person(who)
        with self._desk.journal.writing() as page:
            page.write(Kind.MODE, "", {"mode": mode.name, "who": who, "reason": reason[:LONGEST]})
            return operator_mode(page.book)

    def _decide(self, order_id: str, approver: str, kind: Kind, reason: str) -> str:
        approver = _person(approver)
        refusal = ""
        with self._desk.journal.writing() as page:
            record = find(page.book, order_id)
            key, order = record.order.client_order_id, record.order
            if order.account != self._desk.account:
                raise InputError(f"order {record.id} is of another account, {order.account!r}")
            if approver.casefold() in (order.principal.casefold(), _last(order.principal)) and (
                _is_machine(order.principal)
            ):
                raise InputError(f"{approver} proposed this order and can't approve it")
            refusal = self._stale(page, record, kind)
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
                    },
                )
        if refusal:  # raised here, so that what was written about it stays written
            raise Conflict(refusal)
        return key

    def _stale(self, page: Page, record: OrderRecord, kind: Kind) -> str:
        """Why this order can't be decided any more; empty when it can."""
        key, desk = record.order.client_order_id, self._desk
        if record.state is not OrderState.AWAITING_APPROVAL:
            by = f" (decided by {record.approver})" if record.approver else ""
            return f"order {record.id} was decided already{by}: {record.sentence}"
        why = ""
        if record.at(desk.clock.wall()).state is OrderState.APPROVAL_EXPIRED:
            why = f"Nobody approved it before {record.expires_at:%Y-%m-%d %H:%M} UTC."
        elif kind is Kind.APPROVED and record.limits_hash != desk.limits.hash:
            why = "The limits changed since it was proposed."
        if not why:
            return ""
        page.write(Kind.APPROVAL_EXPIRED, key, {"reason": f"{why} Propose it again."})
        return f"order {record.id} can't be approved any more. {why} Propose it again."


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
