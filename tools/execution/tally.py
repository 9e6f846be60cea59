"""Brings an account's standing up to date, event by event."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from tools.domain.actions import Entry
from tools.domain.order import TERMINAL, Fill, Order, OrderState
from tools.execution.codec import entry_from
from tools.execution.kinds import Kind
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

MARKED = {
    Kind.PROPOSED: PROPOSED,
    Kind.SEND_INTENT: SENT,
    Kind.CANCEL_REQUESTED: CANCEL,
    Kind.FILL: FILLED,
}


class Tally:
    """A working copy of one account's standing; ``standing`` freezes it."""

    def __init__(self, before: Standing) -> None:
        """``before`` stays as it is."""
        self._before = before
        self._open, self._aside = dict(before.open), dict(before.aside)
        # What comes is kept apart: most events add nothing, and what was may be long.
        self._fills, self._entries, self._marks = before.fills, before.entries, before.marks
        self._new_fills: list[Fill] = []
        self._new_entries: list[Entry] = []
        self._new_marks: list[Mark] = []
        self._strategies = dict(before.strategies)
        self._slices, self._sent = before.slices, before.sent
        self._restated, self._seen = before.restated, before.seen
        self._equity = (before.day, before.equity_open, before.equity_peak)

    def standing(self) -> Standing:
        """The account as it stands now."""
        day, opening, peak = self._equity
        return Standing(
            MappingProxyType(self._open),
            (*self._fills, *self._new_fills) if self._new_fills else self._fills,
            (*self._entries, *self._new_entries) if self._new_entries else self._entries,
            self._restated,
            (*self._marks, *self._new_marks) if self._new_marks else self._marks,
            MappingProxyType(self._strategies),
            self._slices,
            self._sent,
            self._seen,
            day,
            opening,
            peak,
            MappingProxyType(self._aside),
        )

    def order(
        self,
        before: OrderRecord | None,
        record: OrderRecord,
        event: Event,
        orders: Mapping[str, OrderRecord],
    ) -> None:
        """Count an order's event; ``orders`` are all, for those that it takes the place of."""
        key, order, data = event.order_id, record.order, event.data
        self.keep(key, record)
        fresh = before is None or record.fills != before.fills
        what = MARKED.get(Kind(event.kind)) if event.kind in MARKED else None
        if what is not None and (what != FILLED or fresh):
            self._new_marks.append(Mark(event.at, what, key, order.strategy, order.symbol))
        for moment in (record.clock, record.sent_clock):
            if moment is not None and (self._seen is None or moment > self._seen):
                self._seen = moment
        if event.kind == Kind.SEND_INTENT and (before is None or before.sent_at is None):
            self._send(order, data, orders)
        if fresh:
            self._executed(before, record, event.kind)
        elif event.kind == Kind.VENUE and before is not None and record.state is not before.state:
            self._heard(order.strategy, record.state)

    def keep(self, key: str, record: OrderRecord) -> None:
        """Hold an order for open or put it aside, or no more."""
        lacking = bool(record.missing) and record.state in TERMINAL
        _hold(self._open, key, record, record.state in RESERVING)
        _hold(self._aside, key, record, record.state is OrderState.HELD or lacking)

    def account(self, event: Event) -> None:
        """Count an event of the account itself."""
        data: Any = event.data
        if event.kind == Kind.EQUITY:
            self._equity = (str(data["day"]), Decimal(data["open"]), Decimal(data["peak"]))
        elif event.kind == Kind.ENTRY:
            entry = entry_from(data["entry"])
            if all(known.id != entry.id for known in (*self._entries, *self._new_entries)):
                self._new_entries.append(entry)
        elif event.kind == Kind.STRATEGY:
            name, known = data["strategy"], self._strategies.get(data["strategy"], Strategy())
            since = len(self._marks) + len(self._new_marks)
            self._strategies[name] = (
                replace(known, losses=0, rejects=0, disabled="", since=since, loser="")
                if data["enabled"]
                else replace(known, disabled=str(data["reason"]))
            )

    def _send(self, order: Order, data: Any, orders: Mapping[str, OrderRecord]) -> None:
        day, value = data.get("day"), data.get("value")
        if day is not None and value is not None:
            self._sent = self._sent.put({day: self._sent.get(day, Decimal(0)) + Decimal(value)})
        if order.slice_of:
            known, old = self._slices.get(order.slice_of, Slices()), orders.get(order.replaces)
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
        known = self._strategies.get(name, Strategy())
        rejects = known.rejects + 1 if state is OrderState.REJECTED else 0
        if rejects != known.rejects:
            self._strategies[name] = replace(known, rejects=rejects)

    def _traded(self, name: str, fill: Fill) -> None:
        """The strategy's own position at average cost: an order that closed at a loss is one."""
        known = self._strategies.get(name, Strategy())
        held, cost = known.held.get(fill.symbol, (Decimal(0), Decimal(0)))
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
        self._strategies[name] = replace(
            known, losses=losses, loser=loser, rejects=0, held=MappingProxyType(holdings)
        )


def _hold(held: dict[str, OrderRecord], key: str, record: OrderRecord, here: bool) -> None:
    if here:
        held[key] = record
    else:
        held.pop(key, None)
