"""``tollgate audit``: check the ledger's chain, or read it."""

from __future__ import annotations

from typing import Annotated

import typer

from app.cli.output import JsonFlag, print_json, table
from app.visible import visible

cli = typer.Typer(
    help="The ledger: verify its chain, show or export its events.", no_args_is_help=True
)


@cli.command()
def verify(json_: JsonFlag = False) -> int:
    """Check every event's hash and order; exits with 1 when the ledger was tampered with."""
    from tools.assembly import ledger_path
    from tools.execution.audit import verify as check
    from tools.settings import load_settings

    report = check(ledger_path(load_settings()))
    if json_:
        print_json(
            {
                "ok": report.ok,
                "events": report.events,
                "head": report.head,
                "problems": [{"seq": row.seq, "sentence": row.sentence} for row in report.problems],
            }
        )
    elif report.ok:
        print(f"The chain holds: {report.events} events, head {report.head[:16]}…")
    else:
        print(f"The ledger can't be trusted: {len(report.problems)} problem(s).")
        for problem in report.problems[:20]:
            where = f"event {problem.seq}: " if problem.seq else ""
            print(visible(f"  {where}{problem.sentence}"))
    return 0 if report.ok else 1


@cli.command()
def export() -> None:
    """Print every event as one line of JSON, oldest first, as it stands in the file."""
    from tools.assembly import ledger_path
    from tools.execution.audit import export as lines
    from tools.settings import load_settings

    for line in lines(ledger_path(load_settings())):
        print(line)


@cli.command()
def show(
    order_id: Annotated[str | None, typer.Argument(help="only this order's events")] = None,
    last: Annotated[int, typer.Option(min=1, max=100000, help="how many")] = 50,
    json_: JsonFlag = False,
) -> None:
    """The newest events, oldest first."""
    from tools.assembly import assemble
    from tools.settings import load_settings

    house = assemble(load_settings())
    full = house.desk.proposals.get(order_id).order.client_order_id if order_id else None
    events = house.ledger.events(full)[-last:]
    if json_:
        print_json(
            {
                "events": [
                    {
                        "seq": e.seq,
                        "at": e.at,
                        "kind": e.kind,
                        "order_id": e.order_id,
                        "data": dict(e.data),
                        "hash": e.hash,
                    }
                    for e in events
                ]
            }
        )
        return
    rows = [[e.seq, e.at.isoformat(), e.kind, e.order_id, e.hash[:12]] for e in events]
    table("Ledger", ["seq", "at", "kind", "order", "hash"], rows)
