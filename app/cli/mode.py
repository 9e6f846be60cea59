"""``tollgate halt`` and ``tollgate resume``: the switch that stops every new order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.opening import person
from app.cli.output import JsonFlag, print_json
from tools.domain.errors import TradingError

if TYPE_CHECKING:
    from tools.desk import Approvals
    from tools.monitoring.words import Word


def _approvals() -> Approvals:
    from app.logs import log_to
    from tools.assembly import assemble
    from tools.settings import load_settings

    settings = load_settings()
    log_to(settings.state)
    return assemble(settings).desk.approvals


def halt(
    reason: Annotated[str, typer.Argument(help="kept in the ledger")] = "by hand",
    reduce_only: Annotated[
        bool, typer.Option("--reduce-only", help="positions may still get smaller")
    ] = False,
    json_: JsonFlag = False,
) -> None:
    """Stop all new orders at once, in every process, and cancel the open ones."""
    who = person()
    try:
        approvals = _approvals()
    except TradingError as error:
        if reduce_only:
            raise
        _say("HALTED", (), json_, _by_file(who, reason, str(error)))
        return
    approvals.reduce_only(who, reason) if reduce_only else approvals.halt(who, reason)
    said = (
        "Only orders that make a position smaller are sent until `tollgate resume`."
        if reduce_only
        else "Halted. No new order is sent until `tollgate resume`; open ones are being canceled."
    )
    _say(approvals.mode().name, approvals.standing(), json_, said)


def resume(json_: JsonFlag = False) -> None:
    """Lift the halt, and what tripwires stopped; refuses while a cause still stands."""
    from tools.risk.mode import Mode

    approvals = _approvals()
    before = approvals.standing()
    approvals.resume(person())
    cleared = [word for word in before if word.mode is not Mode.ACTIVE]
    said = "Resumed. New orders pass the gate again."
    for word in cleared:
        said += f"\nLifted: {word.sentence}"
    _say(approvals.mode().name, approvals.standing(), json_, said)


def _by_file(who: str, reason: str, why: str) -> str:
    """Halt where no desk can be opened; the sentence that says so."""
    from tools.assembly import halt_by_file
    from tools.settings import load_settings

    canceled = halt_by_file(load_settings(), f"{who}: {reason}\n")
    asked = "the venue was asked to cancel open orders" if canceled else "CANCEL OPEN ORDERS THERE"
    return f"Halted by the file HALTED alone, and {asked}. The desk can't be opened: {why}"


def _say(mode: str, words: tuple[Word, ...], json_: bool, sentence: str) -> None:
    if json_:
        rows = [{"source": w.source, "mode": w.mode.name, "sentence": w.sentence} for w in words]
        print_json({"mode": mode, "sentence": sentence, "sources": rows})
        return
    print(sentence)
    for word in words:
        print(f"  {word.source}: {word.mode.name}. {word.sentence}")
