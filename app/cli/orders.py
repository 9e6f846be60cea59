"""``tollgate orders``: every order with its state, or one with its whole history."""

from __future__ import annotations

from typing import Annotated

import typer

from app.cli.opening import open_house, person
from app.cli.output import JsonFlag, print_json, table


def orders(
    order_id: Annotated[str | None, typer.Argument(help="an order's id or its beginning")] = None,
    cancel: Annotated[bool, typer.Option("--cancel", help="ask for its cancel")] = False,
    json_: JsonFlag = False,
) -> None:
    """List orders; with an id, show that order's history."""
    from tools.catalog.rendering import order_record

    house = open_house()
    if order_id is None:
        rows = [order_record(row) for row in house.desk.proposals.orders()]
        if json_:
            print_json({"orders": rows})
        elif not rows:
            print('No orders yet. Try: tollgate ask "Should I buy 50 shares of IBM?"')
        else:
            shown = [[r["id"], r["state"], r["summary"], r["filled"], r["as_of"]] for r in rows]
            table("Orders", ["id", "state", "order", "filled", "as of"], shown)
        return
    desk = house.desk.proposals
    record = desk.cancel(order_id, person()) if cancel else desk.get(order_id)
    row = order_record(record)
    if json_:
        print_json(row)
        return
    print(f"{row['id']}: {row['summary']}\n{row['sentence']}")
    if row["reasons"]:
        table(
            "The gate said",
            ["code", "reason"],
            [[r["code"], r["sentence"]] for r in row["reasons"]],
        )
    table(
        "History",
        ["at", "what", "details"],
        [[h["at"], h["kind"], h["sentence"]] for h in row["history"]],
    )
