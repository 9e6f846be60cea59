"""A process that approves one order and kills itself at a named step: run by test_kill.py.

Arguments: the state folder, the order's id, the step, the venue. The steps are named after what the
process was about to do, or had just done, when it died.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path

from tests.desk.houses import House
from tests.desk.passing import Passing
from tests.doubles import ACCEPTS, WALL
from tools.domain.errors import NotFound
from tools.domain.order import OrderState
from tools.domain.venue import VenueAccount, VenueOrder


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


class DyingLedger(Passing):
    """Dies before or after the commit of the transaction that writes a given kind of event."""

    def __init__(self, inner, step):
        self.inner, self.step = inner, step

    @contextmanager
    def transaction(self, fence=None) -> Iterator[object]:
        ledger = self

        class Watching:
            def __init__(self, tx):
                self.tx, self.kinds = tx, set()

            def events(self, order_id=None, after=0):
                return self.tx.events(order_id, after)

            def append(self, kind, order_id, data):
                self.kinds.add(str(kind))
                event = self.tx.append(kind, order_id, data)
                if ledger.step == f"inside {kind}":
                    die()
                return event

        with self.inner.transaction(fence) as tx:
            watched = Watching(tx)
            yield watched
            if self.step in {f"before commit of {kind}" for kind in watched.kinds}:
                die()
        if self.step in {f"after commit of {kind}" for kind in watched.kinds}:
            die()


class CarelessVenue:
    """A venue that takes the same id as often as it is sent: each line of its file is an order."""

    unique_ids, name, accepts = False, "careless", ACCEPTS
    real_money, simulated_fills = False, True

    def __init__(self, folder):
        self.path = folder / "careless.txt"

    def taken(self):
        return self.path.read_text().split() if self.path.exists() else []

    def submit(self, order, worst_price=None, *, at=None):
        with self.path.open("a") as file:
            file.write(f"{order.client_order_id}\n")
        return self.lookup(order.client_order_id)

    def lookup(self, client_order_id):
        if client_order_id not in self.taken():
            return None
        return VenueOrder(client_order_id, OrderState.ACCEPTED, ())

    def cancel(self, client_order_id):
        raise NotFound(client_order_id)

    def open_orders(self):
        return tuple(self.lookup(client_order_id) for client_order_id in self.taken())

    def account(self):
        return VenueAccount(WALL, "USD", Decimal(100_000), {})

    def entries(self, after=""):
        return ()


class DyingVenue(Passing):
    """Dies on the way to the venue, inside it, or on the way back."""

    def __init__(self, inner, step):
        self.inner, self.step = inner, step
        if step == "inside the venue":
            inner._book.execute = lambda *_: die()

    def submit(self, order, worst_price=None, *, at=None):
        if self.step == "before submit":
            die()
        told = self.inner.submit(order, worst_price, at=at)
        if self.step == "after submit":
            die()
        return told

    def lookup(self, client_order_id):
        told = self.inner.lookup(client_order_id)
        if self.step == "after lookup":
            die()
        return told


def main() -> None:
    folder, order_id, step, kind = Path(sys.argv[1]), *sys.argv[2:]
    house = House(folder)
    venue = house.venue() if kind == "paper" else CarelessVenue(folder)
    desk = house.desk(broker=DyingVenue(venue, step), ledger=DyingLedger(house.ledger(), step))
    desk.recover()
    desk.approvals.approve(order_id, "ana")


if __name__ == "__main__":
    main()
