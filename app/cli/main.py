"""The ``tollgate`` command: its groups, and what an error looks like."""

from __future__ import annotations

import logging
import sys
from collections.abc import Sequence
from typing import Annotated, Any

import typer

from app.cli import (
    approvals,
    asking,
    audit,
    backtest,
    backtest_agents,
    backtest_review,
    backtest_search,
    bench,
    data,
    doctor,
    evaluate,
    features,
    gate,
    indicators,
    knowledge,
    mode,
    models,
    orders,
    portfolio,
    replaying,
    serving,
)
from app.visible import visible
from tools.domain.errors import TradingError

cli = typer.Typer(
    name="tollgate",
    help="A trading desk that you talk to. Every order passes a gate and waits for you.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
cli.command("ask")(asking.ask)
cli.command("chat")(asking.chat)
cli.command("serve")(serving.serve)
cli.command("mcp")(serving.mcp)
cli.command("doctor")(doctor.doctor)
cli.add_typer(data.cli, name="data")
cli.add_typer(knowledge.cli, name="knowledge")
cli.add_typer(indicators.cli, name="indicators")
cli.add_typer(features.cli, name="features")
cli.add_typer(models.cli, name="models")
backtest.cli.command("agents")(backtest_agents.agents)
backtest.cli.command("monte-carlo")(backtest_review.monte_carlo)
backtest.cli.command("compare")(backtest_review.compare)
backtest.cli.command("sweep")(backtest_search.sweep)
backtest.cli.command("walk-forward")(backtest_search.walk_forward)
cli.add_typer(backtest.cli, name="backtest")
cli.command("portfolio")(portfolio.portfolio)
cli.command("orders")(orders.orders)
cli.add_typer(approvals.cli, name="approvals")
cli.add_typer(gate.cli, name="gate")
cli.command("halt")(mode.halt)
cli.command("resume")(mode.resume)
cli.add_typer(audit.cli, name="audit")
cli.command("replay")(replaying.replay)
cli.command("bench")(bench.bench)
cli.add_typer(evaluate.cli, name="eval")

INTERRUPTED = 130
UNEXPECTED = 70
DATA = 3
# What typer raises for a command line that it does not understand. Its base is click's class in
# some versions of typer and typer's own copy of it in others: take whichever this one has.
USAGE: type[Any] = next(
    kind for kind in typer.BadParameter.__mro__ if kind.__name__ == "ClickException"
)


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import PackageNotFoundError, version

        try:
            print(f"tollgate {version('tollgate')}")
        except PackageNotFoundError:
            print("tollgate, not installed as a package")
        raise typer.Exit


@cli.callback()
def _options(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_version, is_eager=True, help="Print the version."),
    ] = False,
) -> None:
    """A trading desk that you talk to. Every order passes a gate and waits for you."""


def run(arguments: Sequence[str]) -> int:
    """Run one command; returns the exit status. Expected errors print one sentence."""
    try:
        status = cli(list(arguments), prog_name="tollgate", standalone_mode=False)
    except Exception as error:
        return _ended(error)
    except KeyboardInterrupt:
        status = INTERRUPTED
    if status == INTERRUPTED:  # typer turns most interrupts into this status itself
        return _tell("Stopped.", INTERRUPTED)
    return status if isinstance(status, int) else 0


def _ended(error: Exception) -> int:
    """Say how a command ended that did not end well; the exit status."""
    from rag_index.errors import KnowledgeIndexError

    if isinstance(error, typer.Exit):
        return int(error.exit_code)
    if isinstance(error, typer.Abort):
        return _tell("Stopped.", INTERRUPTED)
    if isinstance(error, USAGE):
        error.show()
        return int(error.exit_code)
    if isinstance(error, TradingError):
        return _tell(f"Error: {error}", error.exit_status)
    if isinstance(error, KnowledgeIndexError):
        return _tell(f"Error: {error}", DATA)
    if isinstance(error, BrokenPipeError):
        # The reader (head, less) went away: not our error, and nothing more can be printed.
        sys.stderr.close()
        return 0
    return _unexpected(error)


def _tell(sentence: str, status: int) -> int:
    print(visible(sentence), file=sys.stderr)
    return status


def _unexpected(error: Exception) -> int:
    """A defect: keep the traceback in a file and say where."""
    from app.cli.crash import keep_traceback

    kept = keep_traceback(error)
    logging.getLogger(__name__).debug("unexpected", exc_info=error)
    said = f"Error: something went wrong that Tollgate did not expect ({type(error).__name__})."
    where = f" The details are in {kept}." if kept else ""
    return _tell(f"{said}{where} Please report it.", UNEXPECTED)
