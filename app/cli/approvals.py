"""``tollgate approvals``: the orders that wait for a person, and the person's word."""

from __future__ import annotations

from typing import Annotated

import typer

from app.cli.opening import open_house, person
from app.cli.output import JsonFlag, LiveFlag, print_json, table

cli = typer.Typer(
    help="Orders that wait for you: list, show, approve, reject.", no_args_is_help=True
)
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
def show(order_id: OrderId, json_: JsonFlag = False) -> None:
    """Read an order field by field, from the very bytes that an approval is bound to."""
    from tools.catalog.rendering import order_record
    from tools.execution.shown import visible

    record = open_house().desk.proposals.get(order_id)
    row = order_record(record)
    why = visible(record.order.rationale)
    if json_:
        fields = dict(record.shown)
        print_json({**row, "digest": record.order.digest, "fields": fields, "untrusted": why})
        return
    print(f"{row['id']}: {row['sentence']}")
    table("The order", ["field", "value"], record.shown)
    print(f"SHA-256 of these fields: {record.order.digest}")
    table(
        "The gate said",
        ["code", "reason"],
        [[r["code"], r["sentence"]] for r in row["reasons"]],
    )
    if why:
        print(f"What the model says of it (untrusted, and no part of the order): {why}")


@cli.command()
def enable(
    strategy: Annotated[str, typer.Argument(help="its name; empty for orders without one")],
) -> None:
    """Let a strategy trade again that the desk stopped."""
    open_house().desk.approvals.enable(strategy, person())
    print("It may trade again; its losses, rejects and executions count afresh.")


@cli.command()
def approve(order_id: OrderId, live: LiveFlag = False, json_: JsonFlag = False) -> int:
    """Approve an order: the gate runs again, then it is sent to the venue."""
    return _decided(order_id, json_, approve_it=True, live=live)


@cli.command()
def reject(
    order_id: OrderId,
    reason: Annotated[str, typer.Option(help="kept in the ledger")] = "",
    json_: JsonFlag = False,
) -> int:
    """Decline an order: it ends, and nothing is sent."""
    return _decided(order_id, json_, approve_it=False, reason=reason)


def _decided(
    order_id: str, json_: bool, *, approve_it: bool, reason: str = "", live: bool = False
) -> int:
    from tools.catalog.rendering import order_record
    from tools.domain.order import OrderState

    desk = open_house(may_send=approve_it, live=live).desk.approvals
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
