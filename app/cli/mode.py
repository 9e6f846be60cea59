"""``tollgate halt`` and ``tollgate resume``: the switch that stops every new order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.opening import person
from app.cli.output import JsonFlag, print_json

if TYPE_CHECKING:
    from tools.desk import Approvals


def _approvals() -> Approvals:
    from tools.assembly import assemble
    from tools.settings import load_settings

    return assemble(load_settings()).desk.approvals


def halt(
    reason: Annotated[str, typer.Argument(help="kept in the ledger")] = "by hand",
    json_: JsonFlag = False,
) -> None:
    """Stop all new orders at once, in every process, until `tollgate resume`."""
    approvals = _approvals()
    approvals.halt(person(), reason)
    _say(approvals.mode().name, json_, "Halted. No new order is sent until `tollgate resume`.")


def resume(json_: JsonFlag = False) -> None:
    """Lift the halt."""
    approvals = _approvals()
    approvals.resume(person())
    _say(approvals.mode().name, json_, "Resumed. New orders pass the gate again.")


def _say(mode: str, json_: bool, sentence: str) -> None:
    if json_:
        print_json({"mode": mode, "sentence": sentence})
    else:
        print(sentence)
