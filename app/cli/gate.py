"""``tollgate gate``: the limits, what each code means, one case checked, old verdicts replayed."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from app.cli.output import JsonFlag, print_json, table
from app.visible import visible

NEEDS_PERSON = 20
REFUSED = 21
DIFFERS = 1

cli = typer.Typer(help="The gate: its limits, its codes and its verdicts.", no_args_is_help=True)


@cli.command()
def limits(
    profile: Annotated[
        str | None, typer.Option("--profile", help="cautious, active or a limits file")
    ] = None,
    json_: JsonFlag = False,
) -> None:
    """The limits in force, or those of a profile, and their hash."""
    import json

    from tools.risk.limits import load_limits
    from tools.settings import load_settings

    source = profile if profile is not None else load_settings().limits
    found = load_limits(source)
    whole = json.loads(found.canonical())
    scopes, sectors = whole.pop("scopes"), whole.pop("sectors")
    if json_:
        rest = {"scopes": scopes, "sectors": sectors, "hash": found.hash}
        print_json({"limits": whole, **rest})
        return
    rows = [[name, _shown(value)] for name, value in whole.items()]
    for kind, name, values in scopes:
        rows += [[f"{key} [{kind}.{name}]", _shown(value)] for key, value in values.items()]
    rows += [[f"sector of {symbol}", sector] for symbol, sector in sectors.items()]
    table(f"Limits from {source or 'the cautious profile'}", ["limit", "value"], rows)
    print(f"Hash {found.hash}")


@cli.command()
def explain(
    code: Annotated[str, typer.Argument(help="a code such as G14, or all")], json_: JsonFlag = False
) -> None:
    """What a code of the gate checks and what to do about it."""
    from tools.risk.rules_explained import codes
    from tools.risk.rules_explained import explain as said

    if code.lower() == "all":
        if json_:
            print_json({name: said(name) for name in codes()})
        else:
            table("The gate's checks", ["code", "what it means"], [[n, said(n)] for n in codes()])
        return
    text = said(code.upper())
    if json_:
        print_json({"code": code.upper(), "explanation": text})
    else:
        print(f"{code.upper()}: {text}")


@cli.command()
def check(
    file: Annotated[Path, typer.Argument(help="a case as JSON, such as docs/examples has")],
    json_: JsonFlag = False,
) -> int:
    """Judge the case in a file and print every reason; nothing is sent or written.

    Exits with 0 when it is approved, 20 when a person must say yes, 21 when it is refused.
    """
    from app.cli.case_file import read_case
    from tools.desk.judgement import verdict_name
    from tools.desk.replaying import decide_again

    verdict = decide_again(read_case(file))
    name = verdict_name(verdict)
    if json_:
        print_json(
            {
                "verdict": name,
                "digest": verdict.digest,
                "limits_hash": verdict.limits_hash,
                "reasons": [
                    {"code": r.code, "sentence": r.sentence, "hard": r.hard}
                    for r in verdict.reasons
                ],
            }
        )
    else:
        print(f"{name.replace('_', ' ').capitalize()}.")
        for reason in verdict.reasons:
            weight = "hard" if reason.hard else "soft"
            print(visible(f"  {reason.code} ({weight}) {reason.sentence}"))
    return {"approved": 0, "needs_human": NEEDS_PERSON}.get(name, REFUSED)


@cli.command()
def replay(json_: JsonFlag = False) -> int:
    """Decide every recorded verdict again from the journal; exits with 1 when one differs."""
    from dataclasses import asdict

    from tools.assembly import open_ledger, open_state
    from tools.clock import SystemClock
    from tools.desk.replaying import replay as again
    from tools.settings import load_settings

    settings = load_settings()
    open_state(settings)
    found = again(open_ledger(settings, SystemClock()).events())
    if json_:
        print_json(asdict(found))
    else:
        print(
            f"{found.verdicts} verdicts: {found.same} the same again, {len(found.differences)} "
            f"different, {len(found.unreplayable)} not replayable."
        )
        for what, rows in (("differs", found.differences), ("can't be", found.unreplayable)):
            for row in rows[:20]:
                where = f"event {row.seq}, order {row.order_id[:10]}"
                print(visible(f"  {where} {what}: {row.sentence}"))
    return DIFFERS if found.differences else 0


def _shown(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
