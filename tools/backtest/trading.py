"""One strategy at one desk: its wishes become proposals, the account becomes its context.

The same for a backtest, on paper and with real money: the desk's broker and clock tell them apart.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from tools.backtest.context import Context, Resting
from tools.backtest.loading import Found, told
from tools.backtest.wish import Cancel, Change, Wish, order_of, to_tick, whole_lots
from tools.domain.errors import Conflict, InputError, NotFound
from tools.domain.instrument import Instrument
from tools.domain.money import Quantity
from tools.execution.record import OrderRecord
from tools.execution.standing import Standing

if TYPE_CHECKING:
    from tools.backtest.strategy import Strategy
    from tools.desk import Desk


@dataclass(frozen=True, slots=True)
class Refusal:
    """An order that the gate refused, or a wish that could not become one (code: empty).

    ``reasons`` are the gate's hard ones: code and sentence.
    """

    at: datetime
    symbol: str
    order: str
    reasons: tuple[tuple[str, str], ...]


class Trader:
    """Takes the strategy's wishes to the desk and tells it of the account."""

    def __init__(
        self,
        desk: Desk,
        found: Found,
        strategy: Strategy,
        listed: Mapping[str, Instrument],
        context: Context,
    ) -> None:
        """``listed`` are the instruments of the strategy's symbols."""
        self._desk, self._found, self._strategy = desk, found, strategy
        self._listed, self.context = listed, context
        self._known: tuple[int, int, int] | None = None
        self.refusals: list[Refusal] = []
        self.small: list[Refusal] = []
        self.short = False
        self.waiting = False

    def catch_up(self) -> None:
        """Hear what became of orders and of what is held, and tell the context."""
        self._desk.refresh()
        self.look()

    def look(self) -> None:
        """Tell the context of the account as the journal has it."""
        standing = self._desk.journal.read().of(self._desk.account)
        self.waiting = bool(standing.open)
        if self._known != (known := _size(standing)):
            self._known = known
            account = self._desk.proposals.snapshot()
            held = {p.symbol: float(p.quantity) for p in account.positions if p.quantity}
            self.short = any(quantity < 0 for quantity in held.values())
            balances = {b.currency: float(b.cash) for b in account.balances}
            self.context.account(float(account.cash), held, self._resting(standing), balances)
        else:
            self.context.orders = self._resting(standing)

    def decide(self) -> Sequence[Wish | Change | Cancel]:
        """Let the strategy look at the context; what it wishes for.

        Raises InputError with the bar, the file and the line when the strategy raises anything, or
        would end the program.
        """
        try:
            self._strategy.on_bar(self.context)
        except (Exception, SystemExit) as error:
            context = self.context
            raise InputError(
                f"The strategy failed on the bar of {context.now:%Y-%m-%d %H:%M} UTC "
                f"({', '.join(context.fresh)}): {told(error, self._found.file)}"
            ) from error
        return self.context.wishes()

    def propose(self, wishes: Sequence[Wish | Change | Cancel]) -> Sequence[OrderRecord]:
        """Take wishes to the desk, in their order; what it refuses is kept in ``refusals``.

        Those for less than a lot become no order: they are kept in ``small``.
        """
        records = []
        for number, wish in enumerate(wishes):
            record = self._asked(wish, number)
            if record is not None:
                records.append(record)
                self._refused(record)
        if wishes:
            self.look()
        return records

    def _asked(self, wish: Wish | Change | Cancel, number: int) -> OrderRecord | None:
        desk, now = self._desk, self.context.now
        name, symbol = self._found.name, wish.symbol if isinstance(wish, Wish) else ""
        # Named after the bar: whoever looks at it again proposes nothing twice.
        intent = f"{name}/{self.context.newest.isoformat()}/{symbol}/{number}"
        try:
            if isinstance(wish, Cancel):
                return desk.proposals.cancel(self._own(wish.order_id).id, f"strategy:{name}")
            if isinstance(wish, Change):
                listed = self._listed[self._own(wish.order_id).order.symbol]
                quantity = None if wish.quantity is None else whole_lots(wish.quantity, listed.lot)
                return desk.proposals.replace(
                    wish.order_id,
                    principal=f"strategy:{name}",
                    intent_id=intent,
                    quantity=None if quantity is None else Quantity(quantity),
                    limit_price=to_tick(wish.limit, listed.tick),
                    stop_price=to_tick(wish.stop, listed.tick),
                )
            listed = self._listed[wish.symbol]
            order = order_of(
                wish, listed, account=desk.account, strategy=name, intent=intent, at=now
            )
            if order is None:
                self.small.append(_less_than_a_lot(wish, listed, now))
                return None
            return desk.proposals.propose(order)
        except (InputError, Conflict, NotFound) as error:
            what = type(wish).__name__.lower()
            self.refusals.append(Refusal(now, symbol, what, (("", str(error)),)))
            return None

    def _own(self, order_id: str) -> OrderRecord:
        """An order of this strategy; InputError for anybody else's at the same desk."""
        record = self._desk.proposals.get(order_id)
        if not self._mine(record):
            raise InputError(f"{order_id} is no order of {self._found.name}: leave it alone.")
        return record

    def _mine(self, record: OrderRecord) -> bool:
        order = record.order
        return order.strategy == self._found.name and order.symbol in self._listed

    def _refused(self, record: OrderRecord) -> None:
        if record.verdict != "refused":
            return
        hard = tuple((reason.code, reason.sentence) for reason in record.reasons if reason.hard)
        order = record.order
        self.refusals.append(Refusal(self.context.now, order.symbol, order.describe(), hard))

    def _resting(self, standing: Standing) -> tuple[Resting, ...]:
        return tuple(
            Resting(
                key,
                record.order.symbol,
                float(record.order.side.sign * record.leaves),
                None if record.order.limit_price is None else float(record.order.limit_price),
                None if record.order.stop_price is None else float(record.order.stop_price),
            )
            for key, record in standing.open.items()
            if self._mine(record)
        )


def _less_than_a_lot(wish: Wish, listed: Instrument, at: datetime) -> Refusal:
    wanted = f"{wish.quantity:.6g} {wish.symbol}, in lots of {listed.lot.normalize():f}"
    return Refusal(at, wish.symbol, wanted, (("", f"It wants less than one lot: {wanted}."),))


def _size(standing: Standing) -> tuple[int, int, int]:
    """What changes whenever cash or positions do."""
    return len(standing.fills), len(standing.entries), standing.restated
