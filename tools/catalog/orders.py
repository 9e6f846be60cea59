"""Tools about orders: propose_order, get_order, cancel_order. None of them approves or sends."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from tools.catalog.drafting import MARKET_ORDER, Terms, draft
from tools.catalog.rendering import order_record
from tools.catalog.spec import (
    AsOfArg,
    QuantityArg,
    SideArg,
    SymbolArg,
)
from tools.desk import Desk
from tools.ports import Clock, MarketData

OrderIdArg = Annotated[str, Field(description="the order's id or its beginning", max_length=40)]
ReplacesArg = Annotated[
    str,
    Field(
        description="id of the order at the venue that this one takes the place of; the quantity "
        "is then the total, with what that one filled",
        max_length=40,
    ),
]


class OrderTools:
    """The proposals face of the desk, for one principal."""

    def __init__(self, market: MarketData, clock: Clock, desk: Desk, principal: str) -> None:
        """Orders carry ``principal`` as their source: never an approver."""
        self._market = market
        self._clock = clock
        self._desk = desk
        self._principal = principal

    def propose_order(
        self,
        symbol: SymbolArg,
        side: SideArg,
        quantity: QuantityArg,
        terms: Terms = MARKET_ORDER,
        replaces: ReplacesArg = "",
        as_of: AsOfArg = None,
        intent_id: Annotated[
            str | None,
            Field(
                description="names the wish: the same id twice gives the same order", max_length=64
            ),
        ] = None,
        session: Annotated[str, Field(description="conversation id", max_length=64)] = "",
        rationale: Annotated[
            str, Field(description="why, in plain words for the approver", max_length=2000)
        ] = "",
    ) -> dict[str, Any]:
        """Journal the proposal, run the gate, and leave it waiting or refused."""
        order = draft(
            self._market,
            self._clock,
            self._desk.account,
            principal=self._principal,
            symbol=symbol,
            side=side,
            quantity=quantity,
            terms=terms,
            replaces=self._replaced(replaces),
            as_of=as_of,
            intent_id=intent_id,
            session=session,
            rationale=rationale,
        )
        return order_record(self._desk.proposals.propose(order))

    def _replaced(self, order_id: str) -> str:
        """The client order id of an order named by its beginning; empty for no order."""
        if not order_id:
            return ""
        return self._desk.proposals.get(order_id).order.client_order_id

    def get_order(self, order_id: OrderIdArg) -> dict[str, Any]:
        """The order as the ledger tells it."""
        return order_record(self._desk.proposals.get(order_id))

    def cancel_order(self, order_id: OrderIdArg) -> dict[str, Any]:
        """Withdraw a waiting proposal, or ask the venue to cancel."""
        return order_record(self._desk.proposals.cancel(order_id, self._principal))
