"""The line between desk and venue, where everything that can go wrong does, when it is told to.

``arm`` says what goes wrong with the next call of a name. What the venue itself does (trades,
busts, orders of others) is not done here but told to the venue.
"""

from __future__ import annotations

from collections import defaultdict, deque
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from tools.domain.errors import BrokerRejected, NotFound, OutcomeUnknown
from tools.domain.order import OrderState

D = Decimal
LATE = timedelta(seconds=8)


class AdapterDefect(Exception):
    """What no adapter may raise, raised by one."""


UNSENT = {
    "timed out before": OutcomeUnknown("timed out"),
    "reset before": OutcomeUnknown("connection reset by peer"),
    "too many requests": OutcomeUnknown("429 too many requests"),
    "error before": OutcomeUnknown("503 service unavailable"),
    "refused": BrokerRejected("403 not allowed"),
}
UNANSWERED = {
    "timed out after": OutcomeUnknown("timed out"),
    "reset after": OutcomeUnknown("connection reset by peer"),
    "error after": OutcomeUnknown("504 gateway time-out"),
    "defect after": AdapterDefect("the adapter broke"),
}


def _first(told, **changes):
    fills = told.fills
    return replace(told, fills=(replace(fills[0], **changes), *fills[1:])) if fills else told


CHANGED = {
    "told twice": lambda told: replace(told, fills=told.fills * 2),
    "reordered": lambda told: replace(told, fills=told.fills[::-1]),
    "fills missing": lambda told: replace(told, fills=()),
    "a fill missing": lambda told: replace(told, fills=told.fills[1:]),
    "fill before ack": lambda told: replace(told, state=OrderState.ACCEPTED),
    "ack before fill": lambda told: replace(told, state=OrderState.ACCEPTED, fills=()),
    "unknown status": lambda told: replace(told, state=OrderState.NEEDS_HUMAN, raw="frobnicated"),
    "zero fill": lambda told: _first(told, quantity=D(0)),
    "NaN": lambda told: _first(told, quantity=D("NaN")),
    "NaN price": lambda told: _first(told, price=D("sNaN")),
    "huge": lambda told: _first(told, quantity=D("1e30")),
    "negative": lambda told: _first(told, price=D(-1)),
    "misnamed": lambda told: _first(told, symbol="XYZ"),
}
# An answer with one of these must stop all trading, if it has a fill to spoil.
ALARMING = frozenset({"zero fill", "NaN", "NaN price", "huge", "negative", "misnamed"})
SENDING = (*UNSENT, *UNANSWERED, *CHANGED, "8 s late", "a rival")
FAULTS = {
    "submit": SENDING,
    "replace": SENDING,
    "lookup": (
        *("timed out before", "too many requests", "error before", "not found", "stale"),
        *CHANGED,
    ),
    "cancel": (
        *UNSENT,
        *UNANSWERED,
        *("told twice", "unknown status", "answered late", "filled first", "stale", "a rival"),
    ),
    "account": ("timed out before", "error before", "stale"),
    "entries": ("timed out before", "error before", "told twice over"),
    "open_orders": ("timed out before", "error before", "omits one", "stale"),
}
KINDS = sorted({kind for kinds in FAULTS.values() for kind in kinds})


class Line:
    """A broker in front of the venue; ``clock`` is what late things wait for."""

    def __init__(self, venue, clock):
        self.venue, self.clock = venue, clock
        self.name, self.accepts = venue.name, venue.accepts
        self.real_money, self.simulated_fills = venue.real_money, venue.simulated_fills
        self.unique_ids, self.rival = venue.unique_ids, None
        self.armed = defaultdict(deque)
        self.late, self.before, self.hidden = [], {}, {}
        # What the desk was told since somebody last asked: ids it had a word on, and alarms.
        self.answered, self.alarms, self.happened = set(), [], []

    def arm(self, name, kind):
        self.armed[name].append(kind)

    def disarm(self):
        self.armed.clear()
        self.hidden.clear()

    def arrive(self):
        """What was under way and is due arrives at the venue."""
        due = [act for when, act in self.late if when <= self.clock.real]
        self.late = [(when, act) for when, act in self.late if when > self.clock.real]
        for act in due:
            with suppress(BrokerRejected, NotFound):
                act()

    # ------------------------------------------------------------------------------ the broker

    def submit(self, order, worst_price=None, *, at=None):
        key = order.client_order_id
        return self._ask("submit", key, lambda: self.venue.submit(order, worst_price, at=at))

    def replace(self, order, worst_price=None, *, at=None):
        key = order.client_order_id
        return self._ask("replace", key, lambda: self.venue.replace(order, worst_price, at=at))

    def lookup(self, key):
        return self._ask("lookup", key, lambda: self.venue.lookup(key))

    def cancel(self, key):
        return self._ask("cancel", key, lambda: self.venue.cancel(key))

    def cancel_all(self):
        self.venue.cancel_all()

    def open_orders(self):
        return self._ask("open_orders", "", self.venue.open_orders)

    def account(self):
        return self._ask("account", "", self.venue.account)

    def entries(self, after=""):
        return self._ask("entries", "", lambda: self.venue.entries(after))

    def listen(self, heard):
        return self.venue.listen(heard)

    # ------------------------------------------------------------------------------ the faults

    def _ask(self, name, key, call):
        self.arrive()
        kind = self.armed[name].popleft() if self.armed[name] else ""
        if kind:
            self.happened.append((name, kind))
        if kind in UNSENT:
            if kind == "refused":
                self.answered.add(key)
            raise UNSENT[kind]
        if kind == "8 s late":
            self.late.append((self.clock.real + LATE, call))
            raise OutcomeUnknown("400 request timed out")
        if kind == "answered late":
            self.late.append((self.clock.real + LATE, call))
            told = self.venue.lookup(key)
            self.answered.add(key)
            if told is None:
                raise NotFound(f"no order {key}")
            return replace(told, state=OrderState.PENDING_CANCEL)
        if name == "lookup":
            self.answered.add(key)  # "never seen" is an answer too
        if kind == "not found":
            self.hidden[key] = self.clock.real + LATE
        if name == "lookup" and self.hidden.get(key, self.clock.real) > self.clock.real:
            return None
        if kind == "filled first":
            self.venue.trade(key)
        if kind == "a rival" and self.rival is not None:
            self.rival()
        return self._answer(name, key, kind, call)

    def _answer(self, name, key, kind, call):
        self.answered.add(key)
        told = call()
        old = self.before.get((name, key), told)
        self.before[name, key] = told
        if kind in UNANSWERED:
            self.answered.discard(key)
            raise UNANSWERED[kind]
        if kind == "stale":
            return old
        if kind == "told twice over":
            return told * 2
        if kind == "omits one":
            return told[:-1]
        if name == "open_orders":
            self.answered |= {order.client_order_id for order in told}
        if kind in CHANGED and told is not None:
            if kind in ALARMING and told.fills:
                self.alarms.append(kind)
            return CHANGED[kind](told)
        return told
