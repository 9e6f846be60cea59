"""A ledger in memory, for tests that tell the same story in a thousand ways."""

from __future__ import annotations

import threading
from contextlib import contextmanager, nullcontext
from datetime import timedelta
from decimal import Decimal

from tests.doubles import WALL
from tools.desk.journal import Journal
from tools.domain.order import Fill
from tools.execution.codec import to_plain
from tools.ports import Event


class MemoryLedger:
    """Keeps what a transaction wrote when it ends without an error."""

    def __init__(self):
        self.rows, self._turn = [], threading.RLock()

    def events(self, order_id=None, after=0):
        return tuple(e for e in self.rows[after:] if order_id in (None, e.order_id))

    @contextmanager
    def transaction(self, fence=None):
        with self._turn:
            length = len(self.rows)
            try:
                yield self
            except BaseException:
                del self.rows[length:]
                raise

    def append(self, kind, order_id, data):
        seq = len(self.rows) + 1
        event = Event(seq, WALL + timedelta(seconds=seq), str(kind), order_id, data, "", "")
        self.rows.append(event)
        return event

    def lease(self, holder, seconds, wait_s=0.0):
        return nullcontext(1)


def verdict(stage, name="approved"):
    return {
        "stage": stage,
        "verdict": name,
        "reasons": [],
        "limits_hash": "h",
        "expires_at": None,
        "worst_price": "210",
        "collar": "210",
    }


def sent(wish, journal=None):
    """A journal in which ``wish`` is on its way to the venue."""
    journal, key = journal or Journal(MemoryLedger()), wish.client_order_id
    with journal.writing() as page:
        page.write("proposed", key, {"order": to_plain(wish), "simulated": True, "venue": "v"})
        page.write("verdict", key, verdict("proposal", "needs_human"))
        page.write("approved", key, {"approver": "ana"})
        page.write("verdict", key, verdict("send"))
        page.write("send_intent", key, {"venue": "v", "client_order_id": key})
    return journal


def execution(wish, name, quantity="10", price="200"):
    """One execution of ``wish`` as a venue tells it."""
    return Fill(
        name,
        wish.client_order_id,
        wish.symbol,
        wish.side,
        Decimal(quantity),
        Decimal(price),
        Decimal(1),
        "USD",
        wish.as_of,
        "open",
    )
