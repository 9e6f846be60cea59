"""A morning at a desk, told in steps that a person may take again after a crash.

Each step looks first at what was done already, as a person would whose terminal died.
"""

from __future__ import annotations

import contextlib
import json
from dataclasses import replace
from decimal import Decimal

from tests.desk.houses import House
from tests.doubles import order
from tests.faults.venue import Venue
from tools.domain.errors import Conflict, NotFound, OutcomeUnknown
from tools.domain.order import OrderGroup, OrderState, Side, TimeInForce
from tools.risk.limits import load_limits

D, S = Decimal, OrderState
# Wide: what a schedule is about is the fault, not the limits.
WIDE = replace(
    load_limits(),
    max_order_equity=D("0.5"),
    max_order_value=D(60_000),
    max_concentration=D("0.9"),
    max_day_value=D(1_000_000),
    max_volume_share=D("0.5"),
    max_sector=D(1),
    duplicate_count=1000,
    messages_per_account=100_000,
    messages_per_strategy=100_000,
    messages_per_symbol=100_000,
    max_executions=100_000,
    min_cancels=100_000,
    max_open_per_symbol=50,
    max_open_per_account=100,
    max_rejects=1000,
    max_losses=1000,
)
GTC = TimeInForce.GTC
BRACKET = replace(
    order("bracket", quantity="7", tif=GTC),
    group=OrderGroup.BRACKET,
    take_profit=D(220),
    stop_loss=D(180),
)
SOON = (Conflict, NotFound, OutcomeUnknown)


def house(folder):
    return House(folder, limits=WIDE)


def venue(folder, clock, unique):
    return Venue(folder / "oracle.db", clock, unique_ids=unique)


class Person:
    """Who sits at one desk over ``folder`` and writes down whatever the desk tells them."""

    def __init__(self, desk, oracle, folder):
        self.desk, self.oracle, self.told = desk, oracle, folder / "told.jsonl"

    def hear(self, record):
        with self.told.open("a") as file:
            file.write(json.dumps([record.order.client_order_id, str(record.state)]) + "\n")
        return record

    def order(self, name, **terms):
        """Propose and approve, unless that was decided before; the client order id."""
        return self.wish(order(name, **{"tif": GTC, **terms}))

    def wish(self, wish):
        record = self.desk.proposals.propose(wish)
        if record.state is S.AWAITING_APPROVAL:
            with contextlib.suppress(*SOON):
                self.hear(self.desk.approvals.approve(record.id, "ana"))
        return wish.client_order_id

    def cancel(self, key):
        with contextlib.suppress(*SOON):
            self.hear(self.desk.proposals.cancel(key, "ana"))

    def change(self, name, key, quantity, limit):
        """Replace an order that rests at the venue."""
        state = self.state(key)
        wish = replace(order(name, quantity=quantity, limit=limit, tif=GTC), replaces=key)
        if wish.client_order_id in self.desk.journal.read().orders or state is S.ACCEPTED:
            with contextlib.suppress(*SOON):
                self.wish(wish)

    def state(self, key):
        return self.desk.journal.read().orders[key].state

    def look(self):
        """All that a desk does by itself to know what the venue knows."""
        self.desk.recover()
        self.desk.refresh()
        self.desk.reconcile()


def morning(person, ledger):
    """Every kind of thing that a desk does, once."""
    desk, oracle = person.desk, person.oracle
    person.order("bought")
    rests = person.order("rests", symbol="MSFT", quantity="20", limit="25")
    changed = person.order("changed", quantity="10", limit="190")
    if oracle.filled(rests) < 5:
        oracle.trade(rests, 5)
    desk.refresh()
    person.change("change", changed, "12", "191")
    person.cancel(rests)
    declined = desk.proposals.propose(order("declined", quantity="3"))
    with contextlib.suppress(Conflict):
        desk.approvals.reject(declined.id, "ana")
    dropped = desk.proposals.propose(order("dropped", quantity="4"))
    person.cancel(dropped.order.client_order_id)
    if not oracle.moved():
        oracle.pay("IBM", 3)
        oracle.adjust("MSFT", 2)
    for _ in range(2):  # shares from nowhere are believed when they are found again, and stop all
        person.look()
    desk.approvals.halt("ana", "a pause")
    with contextlib.suppress(Conflict):
        desk.approvals.resume("ana")
    person.order("sold", side=Side.SELL, quantity="10")
    person.wish(BRACKET)
    if not any(row["external"] for row in oracle.sent()):
        oracle.external("MSFT", Side.BUY, 3, filled=False)
    person.look()
    ledger.publish()
