"""An order as the ledger has it, and the two buttons that decide."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime

from app.chat import order_parts as parts
from app.chat.bits import Text, box, button
from app.chat.board import Row
from app.chat.decisions import Verb
from tools.ports import Clock

Decide = Callable[[str, Verb], Awaitable[str]]


class OrderCard:
    """Shows nothing to press before the ledger was read: what an agent says has no buttons."""

    def __init__(self, order_id: str, decide: Decide, clock: Clock) -> None:
        """``decide`` gives an empty text when the decision was taken, else why not."""
        self.order_id = order_id
        self._decide = decide
        self._clock = clock
        self._row: Row | None = None
        self._deciding = False
        self._said = ""
        self._left: Text | None = None
        self._box = box("order-card", "section", "order-card")
        self._box.props["aria-label"] = f"Order {order_id}"
        with self._box:
            Text(f"Reading order {order_id} from the ledger …", "muted")

    @property
    def gone(self) -> bool:
        """Whether the card was taken off the page."""
        return self._box.is_deleted

    @property
    def settled(self) -> bool:
        """Whether the order can't change any more, so that it need not be read again."""
        return self._row is not None and self._row["state"] in parts.ENDED

    def show(self, row: Row | None) -> None:
        """Draw the ledger's word, if it is news; None when the ledger doesn't know the order."""
        if row is None:
            if self._row is None:
                self._box.clear()
                with self._box:
                    Text(f"This desk's ledger has no order {self.order_id}.", "error")
            return
        if row != self._row:
            self._row = row
            self._draw(row)
        self.tick()

    def tick(self) -> None:
        """Count down; cheap when nothing changed."""
        if self._left is None or self._row is None or not self._row["expires_at"]:
            return
        left = datetime.fromisoformat(self._row["expires_at"]) - self._clock.wall()
        self._left.set_text(parts.time_left(int(left.total_seconds())))

    def _draw(self, row: Row) -> None:
        waiting = row["state"] == "awaiting_approval"
        self._left = None
        self._box.clear()
        self._box.classes(replace=f"order-card state-{row['state']}")
        with self._box:
            parts.head(row)
            if waiting:
                self._left = Text("", "left muted", "div")
            parts.verdict(row)
            parts.fills(row)
            parts.fields(row)
            parts.rationale(row)
            if self._said:
                with box("error", testid="decision-error") as shown:
                    shown.props["role"] = "alert"
                    Text(self._said)
            if waiting:
                self._buttons(row)
        self.tick()

    def _buttons(self, row: Row) -> None:
        with box("buttons"):
            yes = button("Approve", "approve primary", f"Approve: {row['summary']}")
            no = button("Reject", "reject", f"Reject: {row['summary']}")
            yes.on_click(lambda: self._pressed("approve"))
            no.on_click(lambda: self._pressed("reject"))
            if self._deciding:
                yes.disable()
                no.disable()
                Text("Asking the gate again …", "muted")

    async def _pressed(self, verb: Verb) -> None:
        if self._deciding or self._row is None:
            return
        self._deciding, self._said = True, ""
        self._draw(self._row)
        try:
            self._said = await self._decide(self.order_id, verb)
        finally:
            self._deciding = False
            if not self.gone:
                self._draw(self._row)
