"""``tollgate approvals``: the orders that wait for a person, and the person's word."""

from __future__ import annotations

from typing import Annotated

import typer

from app.cli.opening import open_house, person
from app.cli.output import JsonFlag, print_json, table

cli = typer.Typer(help="Orders that wait for you: list, approve, reject.", no_args_is_help=True)
NOT_SENT = 11
"""Exit status when the order is not at the venue after all; the sentence says why."""
OrderId = Annotated[str, typer.Argument(help="the order's id or its beginning")]


@cli.command("list")
def list_(json_: JsonFlag = False) -> None:
    """Orders that wait for approval."""
    from tools.catalog.rendering import order_record

    rows = [order_record(row) for row in open_house().desk.approvals.pending()]
    if json_:
        print_json({"approvals": rows})
    elif not rows:
        print("No order waits for approval.")
    else:
        shown = [[r["id"], r["summary"], r["as_of"], r["expires_at"]] for r in rows]
        table("Waiting for approval", ["id", "order", "as of", "expires"], shown)


@cli.command()
def approve(order_id: OrderId, json_: JsonFlag = False) -> int:
    """Approve an order: the gate runs again, then it is sent to the venue."""
    return _decided(order_id, json_, approve_it=True)


@cli.command()
def reject(
    order_id: OrderId,
    reason: Annotated[str, typer.Option(help="kept in the ledger")] = "",
    json_: JsonFlag = False,
) -> int:
    """Decline an order: it ends, and nothing is sent."""
    return _decided(order_id, json_, approve_it=False, reason=reason)


def _decided(order_id: str, json_: bool, *, approve_it: bool, reason: str = "") -> int:
    from tools.catalog.rendering import order_record
    from tools.domain.order import OrderState

    desk = open_house(may_send=approve_it).desk.approvals
    record = (
        desk.approve(order_id, person()) if approve_it else desk.reject(order_id, person(), reason)
    )
    row = order_record(record)
    if json_:
        print_json(row)
    else:
        print(f"{row['id']}: {row['summary']}\n{row['sentence']}")
        for said in row["reasons"] if record.state is OrderState.DENIED else []:
            print(f"  {said['code']}: {said['sentence']}")
    arrived = {OrderState.ACCEPTED, OrderState.PARTIAL, OrderState.FILLED}
    return NOT_SENT if approve_it and record.state not in arrived else 0
