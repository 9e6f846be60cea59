"""All orders and the switch, folded from the journal; each book is frozen."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from tools.domain.order import Fill
from tools.execution.kinds import Kind
from tools.execution.record import OrderRecord, step
from tools.ports import Event


@dataclass(frozen=True, slots=True)
class Book:
    """The journal up to event ``seq``: orders by client order id, and every fill in its order.

    ``mode`` is the name that the last mode event gave, empty when there was none.
    """

    seq: int = 0
    orders: Mapping[str, OrderRecord] = field(default_factory=lambda: MappingProxyType({}))
    fills: tuple[Fill, ...] = ()
    mode: str = ""

    def after(self, events: Iterable[Event]) -> Book:
        """The book with more events; those it has already are passed over.

        Raises Conflict for a move that is not allowed and StateError for odd data.
        """
        new = [event for event in events if event.seq > self.seq]
        if not new:
            return self
        orders, fills, mode = dict(self.orders), list(self.fills), self.mode
        for event in new:
            if event.kind == Kind.MODE:
                data: Any = event.data
                mode = str(data.get("mode", "unknown"))
            elif event.order_id:
                before = orders.get(event.order_id)
                orders[event.order_id] = record = step(before, event)
                fills += record.fills[len(before.fills) if before else 0 :]
        return Book(new[-1].seq, MappingProxyType(orders), tuple(fills), mode)
