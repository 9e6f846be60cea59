"""``tollgate orders``: every order with its state, or one with its whole history."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.opening import open_house, person
from app.cli.output import JsonFlag, LiveFlag, print_json, table
from tools.domain.errors import InputError
from tools.domain.money import exact

if TYPE_CHECKING:
    from tools.desk import Desk, OrderRecord


CANCEL, REPLACE = "cancel", "replace"


def orders(
    order_id: Annotated[
        str | None, typer.Argument(help="an order's id or its beginning; or cancel, or replace")
    ] = None,
    which: Annotated[
        str | None, typer.Argument(help="the order to cancel or to replace", metavar="[ORDER_ID]")
    ] = None,
    quantity: Annotated[
        str | None, typer.Option(help="replace: the new total; what was filled counts towards it")
    ] = None,
    limit: Annotated[str | None, typer.Option(help="replace: the new limit price")] = None,
    stop: Annotated[str | None, typer.Option(help="replace: the new stop price")] = None,
    cancel: Annotated[bool, typer.Option("--cancel", help="ask for its cancel")] = False,
    settle: Annotated[
        str | None,
        typer.Option(
            help="what the venue itself says of an order that needs a person: rejected, canceled "
            "or expired"
        ),
    ] = None,
    reconcile: Annotated[
        bool, typer.Option("--reconcile", help="compare everything with the venue now")
    ] = False,
    live: LiveFlag = False,
    json_: JsonFlag = False,
) -> None:
    """List orders; with an id, show that order's history; cancel or replace one.

    A replacement is an order of its own: it passes the gate, and waits for you where an order does.
    """
    act, key = _act(order_id, which)
    change = {"quantity": quantity, "limit": limit, "stop": stop}
    if act != REPLACE and any(value is not None for value in change.values()):
        raise InputError("--quantity, --limit and --stop go with `tollgate orders replace ID`")
    house = open_house(may_send=act == REPLACE, live=live)
    if reconcile:
        _reconciled(house.desk, json_=json_)
    elif key is None:
        _listed(house.desk.proposals.orders(), json_=json_)
    elif settle is not None:
        _shown(house.desk.approvals.settle(key, person(), settle), json_=json_)
    elif cancel or act == CANCEL:
        _shown(house.desk.proposals.cancel(key, person()), json_=json_)
    elif act == REPLACE:
        _shown(_replaced(house.desk, key, change), json_=json_)
    else:
        _shown(house.desk.proposals.get(key), json_=json_)


def _act(first: str | None, second: str | None) -> tuple[str, str | None]:
    """What is to be done with which order; showing one needs no word."""
    if first in (CANCEL, REPLACE):
        if second is None:
            raise InputError(f"say which order: `tollgate orders {first} ID`")
        return first, second
    if second is not None:
        raise InputError(f"an order can be canceled or replaced, but not {str(first)[:40]!r}")
    return "", first


def _replaced(desk: Desk, key: str, change: Mapping[str, str | None]) -> OrderRecord:
    figures = {name: None if text is None else exact(text, name) for name, text in change.items()}
    return desk.proposals.replace(
        key,
        # Not the approver's own name: who proposes an order can't approve it.
        principal=person().replace("person:", "terminal:", 1),
        quantity=figures["quantity"],
        limit_price=figures["limit"],
        stop_price=figures["stop"],
    )


def _listed(records: Sequence[OrderRecord], *, json_: bool) -> None:
    from tools.catalog.rendering import order_record

    rows = [order_record(row) for row in records]
    if json_:
        print_json({"orders": rows})
    elif not rows:
        print('No orders yet. Try: tollgate ask "Should I buy 50 shares of IBM?"')
    else:
        shown = [[r["id"], r["state"], r["summary"], r["filled"], r["as_of"]] for r in rows]
        table("Orders", ["id", "state", "order", "filled", "as of"], shown)


def _shown(record: OrderRecord, *, json_: bool) -> None:
    from tools.catalog.rendering import order_record

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


def _reconciled(desk: Desk, *, json_: bool) -> None:
    """Say how far the venue agrees; what differs stops orders that add risk."""
    health = desk.reconcile()
    at = health.reconciled_at
    if json_:
        when = None if at is None else at.isoformat()
        print_json({"reconciled_at": when, "differences": health.differences})
        return
    for sentence in health.differences:
        print(sentence)
    if not health.differences and at is not None:
        print(f"The venue and the ledger agree ({at:%Y-%m-%d %H:%M:%S} UTC).")
