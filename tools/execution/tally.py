"""Brings an account's standing up to date, event by event."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import Decimal
from types import MappingProxyType
from typing import Any, TypeVar

from tools.domain.order import TERMINAL, Fill, Order, OrderState
from tools.execution.codec import entry_from
from tools.execution.kinds import Kind
from tools.execution.layers import Layers
from tools.execution.pages import paged
from tools.execution.record import OrderRecord
from tools.execution.standing import (
    CANCEL,
    FILLED,
    PROPOSED,
    SENT,
    Mark,
    Slices,
    Standing,
    Strategy,
)
from tools.execution.states import RESERVING
from tools.ports import Event

V = TypeVar("V")
Find = Callable[[str], OrderRecord | None]
FLAT = (Decimal(0), Decimal(0))
UNKNOWN = Strategy()
MARKED: Mapping[str, str] = {
    Kind.PROPOSED: PROPOSED,
    Kind.SEND_INTENT: SENT,
    Kind.CANCEL_REQUESTED: CANCEL,
    Kind.FILL: FILLED,
}


class Tally:
    """A working copy of one account's standing; ``standing`` freezes it."""

    __slots__ = (
        "_aside", "_before", "_booked", "_entries", "_equity", "_fills", "_marks", "_new_fills",
        "_new_marks", "_open", "_restated", "_seen", "_sent", "_slices", "_strategies",
    )  # fmt: skip

    def __init__(self, before: Standing) -> None:
        """``before`` stays as it is."""
        self._before = before
        # Copied when they change first: most events change one of them, and each may be long.
        self._open: dict[str, OrderRecord] | None = None
        self._aside: dict[str, OrderRecord] | None = None
        self._strategies: dict[str, Strategy] | None = None
        self._fills, self._marks = before.fills, before.marks
        self._new_fills: list[Fill] = []
        self._new_marks: list[Mark] = []
        self._entries, self._booked = before.entries, before.booked
        self._slices, self._sent = before.slices, before.sent
        self._restated, self._seen = before.restated, before.seen
        self._equity = (before.day, before.equity_open, before.equity_peak)

    def standing(self) -> Standing:
        """The account as it stands now."""
        before, (day, opening, peak) = self._before, self._equity
        return Standing(
            before.open if self._open is None else MappingProxyType(self._open),
            paged(self._fills).plus(self._new_fills) if self._new_fills else self._fills,
            self._entries,
            self._restated,
            paged(self._marks).plus(self._new_marks) if self._new_marks else self._marks,
            before.strategies if self._strategies is None else MappingProxyType(self._strategies),
            self._slices,
            self._sent,
            self._seen,
            day,
            opening,
            peak,
            before.aside if self._aside is None else MappingProxyType(self._aside),
            self._booked,
        )

    def order(
        self,
        before: OrderRecord | None,
        record: OrderRecord,
        event: Event,
        find: Find,
    ) -> None:
        """Count an order's event; ``find`` finds the others, for one that it takes the place of."""
        key, order, data = event.order_id, record.order, event.data
        self.keep(key, record)
        fresh = before is None or record.fills != before.fills
        what = MARKED.get(event.kind)
        if what is not None and (what != FILLED or fresh):
            self._new_marks.append(Mark(event.at, what, key, order.strategy, order.symbol))
        for moment in (record.clock, record.sent_clock):
            if moment is not None and (self._seen is None or moment > self._seen):
                self._seen = moment
        if event.kind == Kind.SEND_INTENT and (before is None or before.sent_at is None):
            self._send(order, data, find)
        if fresh:
            self._executed(before, record, event.kind)
        elif event.kind == Kind.VENUE and before is not None and record.state is not before.state:
            self._heard(order.strategy, record.state)

    def keep(self, key: str, record: OrderRecord) -> None:
        """Hold an order for open or put it aside, or no more."""
        if record.state in RESERVING:
            self._open = _copy(self._before.open, self._open)
            self._open[key] = record
        elif key in (self._before.open if self._open is None else self._open):
            self._open = _copy(self._before.open, self._open)
            del self._open[key]
        lacking = bool(record.missing) and record.state in TERMINAL
        if record.state is OrderState.HELD or lacking:
            self._aside = _copy(self._before.aside, self._aside)
            self._aside[key] = record
        elif key in (self._before.aside if self._aside is None else self._aside):
            self._aside = _copy(self._before.aside, self._aside)
            del self._aside[key]

    def account(self, event: Event) -> None:
        """Count an event of the account itself."""
        data: Any = event.data
        if event.kind == Kind.EQUITY:
            self._equity = (str(data["day"]), Decimal(data["open"]), Decimal(data["peak"]))
        elif event.kind == Kind.ENTRY:
            entry = entry_from(data["entry"])
            if len(self._booked) != len(self._entries):
                self._booked = Layers({known.id: known for known in self._entries})
            if entry.id not in self._booked:
                self._entries = paged(self._entries).plus((entry,))
                self._booked = self._booked.put({entry.id: entry})
        elif event.kind == Kind.STRATEGY:
            name = data["strategy"]
            known, since = self._strategy(name), len(self._marks) + len(self._new_marks)
            self._become(
                name,
                replace(known, losses=0, rejects=0, disabled="", since=since, loser="")
                if data["enabled"]
                else replace(known, disabled=str(data["reason"])),
            )

    def _send(self, order: Order, data: Any, find: Find) -> None:
        day, value = data.get("day"), data.get("value")
        if day is not None and value is not None:
            self._sent = self._sent.put({day: self._sent.get(day, Decimal(0)) + Decimal(value)})
        if order.slice_of:
            known, old = self._slices.get(order.slice_of, Slices()), find(order.replaces)
            # Of a part that takes another's place only what goes beyond that one is sent anew.
            same = old is not None and old.order.slice_of == order.slice_of
            told = old.order.quantity if old is not None and same else Decimal(0)
            more = max(order.quantity - told, Decimal(0))
            parts = Slices(known.quantity + more, known.count + (not same))
            self._slices = self._slices.put({order.slice_of: parts})

    def _executed(self, before: OrderRecord | None, record: OrderRecord, kind: str) -> None:
        old = {} if before is None else {f.execution_id: f for f in before.fills}
        if kind in (Kind.BUST, Kind.CORRECT):
            key, now = record.order.client_order_id, {f.execution_id: f for f in record.fills}
            self._fills = tuple(
                now[f.execution_id] if f.client_order_id == key else f
                for f in (*self._fills, *self._new_fills)
                if f.client_order_id != key or f.execution_id in now
            )
            self._new_fills = []
            self._restated += 1
            return
        for fill in record.fills:
            if fill.execution_id not in old:
                self._new_fills.append(fill)
                self._traded(record.order.strategy, fill)

    def _heard(self, name: str, state: OrderState) -> None:
        known = self._strategy(name)
        rejects = known.rejects + 1 if state is OrderState.REJECTED else 0
        if rejects != known.rejects:
            self._become(name, replace(known, rejects=rejects))

    def _traded(self, name: str, fill: Fill) -> None:
        """The strategy's own position at average cost: an order that closed at a loss is one."""
        known = self._strategy(name)
        held, cost = known.held.get(fill.symbol, FLAT)
        signed = fill.quantity * fill.side.sign
        losses, loser = known.losses, known.loser
        if held * signed < 0:
            closed = min(abs(signed), abs(held))
            share = cost * closed / abs(held)
            brought = closed * fill.price * (1 if held > 0 else -1)
            if brought < share:
                losses += loser != fill.client_order_id
                loser = fill.client_order_id
            elif loser != fill.client_order_id:
                losses, loser = 0, ""
            opened = abs(signed) - closed
            cost = cost - share + opened * fill.side.sign * fill.price
        else:
            cost += signed * fill.price
        holdings = {**known.held, fill.symbol: (held + signed, cost)}
        kept = MappingProxyType(holdings)
        self._become(name, Strategy(losses, 0, known.disabled, known.since, loser, kept))

    def _strategy(self, name: str) -> Strategy:
        known = self._before.strategies if self._strategies is None else self._strategies
        return known.get(name, UNKNOWN)

    def _become(self, name: str, strategy: Strategy) -> None:
        self._strategies = _copy(self._before.strategies, self._strategies)
        self._strategies[name] = strategy


def _copy(before: Mapping[str, V], mine: dict[str, V] | None) -> dict[str, V]:
    return dict(before) if mine is None else mine
