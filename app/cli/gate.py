"""``tollgate gate``: the limits in force, and what each code means."""

from __future__ import annotations

from typing import Annotated

import typer

from app.cli.output import JsonFlag, print_json, table

cli = typer.Typer(help="The gate: its limits and what its codes mean.", no_args_is_help=True)


@cli.command()
def limits(json_: JsonFlag = False) -> None:
    """The limits in force and their hash."""
    from dataclasses import asdict

    from tools.risk.limits import load_limits
    from tools.settings import load_settings

    settings = load_settings()
    found = load_limits(settings.limits)
    rows = {name: str(value) for name, value in asdict(found).items()}
    if json_:
        print_json({"limits": rows, "hash": found.hash})
        return
    where = settings.limits or "the cautious profile that comes with Tollgate"
    table(f"Limits from {where}", ["limit", "value"], list(rows.items()))
    print(f"Hash {found.hash}")


@cli.command()
def explain(
    code: Annotated[str, typer.Argument(help="a code such as G14")], json_: JsonFlag = False
) -> None:
    """What a code of the gate checks and what to do about it."""
    from tools.risk.rules_explained import explain as said

    text = said(code.upper())
    if json_:
        print_json({"code": code.upper(), "explanation": text})
    else:
        print(f"{code.upper()}: {text}")
