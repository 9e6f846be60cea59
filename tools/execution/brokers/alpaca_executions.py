"""The executions of orders, from the account's trade activities: the only place with their ids."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, timedelta
from decimal import Decimal

from tools.domain.instrument import AssetClass
from tools.domain.order import Fill, Side
from tools.execution.brokers.alpaca_activities import activities
from tools.execution.brokers.alpaca_line import Line
from tools.execution.brokers.alpaca_words import CLASSES, Execution, Told, read_execution

# Activities are filed by a clock of their own.
SLACK = timedelta(minutes=1)
# What Alpaca trades are standard contracts.
SHARES_A_CONTRACT = Decimal(100)


class Executions:
    """Reads trade activities; ``basis`` is what the fills say of themselves."""

    def __init__(self, line: Line, basis: str) -> None:
        self._line = line
        self._basis = basis

    def of(self, orders: Sequence[Told]) -> dict[str, list[Execution]]:
        """The executions of each order by its venue id, oldest first; none asked for none filled.

        Raises OutcomeUnknown when the venue doesn't answer or its pages don't end.
        """
        filled = [order for order in orders if order.filled_qty > 0]
        found: dict[str, list[Execution]] = {order.id: [] for order in filled}
        if filled:
            for execution in self._since(filled):
                if execution.order_id in found:
                    found[execution.order_id].append(execution)
        return found

    def fills(
        self, client_order_id: str, told: Told, executions: Iterable[Execution]
    ) -> tuple[Fill, ...]:
        """The same as the house keeps them; Alpaca charges no commission on an execution."""
        option = CLASSES.get(told.asset_class or "") is AssetClass.OPTION
        return tuple(
            Fill(
                execution_id=execution.id,
                client_order_id=client_order_id,
                symbol=told.symbol or "",
                side=Side.SELL if told.side == "sell" else Side.BUY,
                quantity=execution.qty,
                price=execution.price,
                commission=Decimal(0),
                currency="USD",
                at=execution.transaction_time.astimezone(UTC),
                basis=self._basis,
                multiplier=SHARES_A_CONTRACT if option else Decimal(1),
            )
            for execution in executions
        )

    def _since(self, orders: Sequence[Told]) -> Iterator[Execution]:
        query = {}
        starts = [order.since for order in orders]
        if None not in starts:
            first = min(start for start in starts if start is not None) - SLACK
            query["after"] = first.strftime("%Y-%m-%dT%H:%M:%SZ")
        for one in activities(self._line, "/account/activities/FILL", **query):
            yield read_execution(one)
