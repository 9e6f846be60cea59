"""``tollgate audit``: check the ledger's chain and its signed heads, or read it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from app.cli.output import JsonFlag, print_json, table
from app.visible import visible

cli = typer.Typer(
    help="The ledger: verify its chain and signed heads, show or export its events.",
    no_args_is_help=True,
)

KeyFile = Annotated[
    Path | None,
    typer.Option("--key", help="your own copy of keys/ledger.pub, instead of the one on this disk"),
]


@cli.command()
def verify(
    key: KeyFile = None,
    since: Annotated[
        int | None,
        typer.Option(help="also prove that the ledger only grew since a head over so many events"),
    ] = None,
    json_: JsonFlag = False,
) -> int:
    """Check every event, its order and the signed heads; exits with 1 after tampering."""
    from tools.assembly import open_audit
    from tools.settings import load_settings

    audit = open_audit(load_settings(), key)
    report = audit.verify()
    proof = audit.grown(since) if since is not None else None
    sound = report.ok and (proof is None or proof["holds"])
    if json_:
        said: dict[str, Any] = {
            "ok": sound,
            "events": report.events,
            "head": report.head,
            "signed": report.signed,
            "heads": report.heads,
            "key": report.key,
            "problems": [{"seq": row.seq, "sentence": row.sentence} for row in report.problems],
        }
        print_json(said if proof is None else said | {"consistency": proof})
        return 0 if sound else 1
    if report.ok:
        print(f"The chain holds: {report.events} events, head {report.head[:16]}…")
        if report.heads:
            print(
                f"{report.signed} of them are under {report.heads} signed heads, key "
                f"{report.key[:16]}…"
            )
    else:
        print(f"The ledger can't be trusted: {len(report.problems)} problem(s).")
        for problem in report.problems[:20]:
            where = f"event {problem.seq}: " if problem.seq else ""
            print(visible(f"  {where}{problem.sentence}"))
    if proof is not None:
        grew = "only grew" if proof["holds"] else "did not only grow"
        print(f"Since the head over {since} events the ledger {grew}.")
    return 0 if sound else 1


@cli.command()
def export(json_: JsonFlag = False) -> None:
    """Print every event as one line of JSON, oldest first, as it stands; --json: as one list."""
    import json

    from tools.assembly import open_audit
    from tools.settings import load_settings

    lines = open_audit(load_settings()).export()
    if json_:
        print_json({"events": [json.loads(line) for line in lines]})
        return
    for line in lines:
        print(line)


@cli.command()
def show(
    which: Annotated[
        str | None,
        typer.Argument(metavar="[ORDER_ID|SEQ]", help="only this order's events, or one event"),
    ] = None,
    last: Annotated[int, typer.Option(min=1, max=100000, help="how many")] = 50,
    json_: JsonFlag = False,
) -> None:
    """The newest events, oldest first; or one by its number, with its inclusion proof."""
    from tools.assembly import assemble
    from tools.settings import load_settings

    if which is not None and which.isascii() and which.isdigit():
        _show_one(int(which), json_=json_)
        return
    house = assemble(load_settings())
    full = house.desk.proposals.get(which).order.client_order_id if which else None
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


def _show_one(seq: int, *, json_: bool) -> None:
    from tools.assembly import open_audit
    from tools.settings import load_settings

    told = open_audit(load_settings()).show(seq)
    if json_:
        print_json(told)
        return
    event, proof = told["event"], told["proof"]
    table(f"Event {seq}", ["field", "value"], [[name, value] for name, value in event.items()])
    if proof is None:
        print("No signed head covers it yet.")
    else:
        head = proof["head"]
        fits = "It is in" if proof["holds"] else "It is NOT in"
        print(f"{fits} the tree of signed head {head['n']}, over {head['size']} events.")
