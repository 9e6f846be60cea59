"""``tollgate backtest agents``: the agents asked day by day on the past, through the desk."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.backtest_options import Cost, Currency, charged
from app.cli.backtest_tables import show
from app.cli.output import JsonFlag, print_json
from app.cli.replaying import day_of
from app.visible import visible
from tools.domain.errors import TradingError

if TYPE_CHECKING:
    from rag_index.known import KnownIndex
    from tools.settings import Settings

Asks = Annotated[
    list[str],
    typer.Argument(
        metavar="INSTRUCTION...",
        help='such as "Should I buy IBM?", in quotation marks; several are asked one after another',
    ),
]
More = Annotated[
    list[str] | None,
    typer.Option("--symbol", "-s", help="another ticker that the agents may look at"),
]


def agents(
    asks: Asks,
    symbols: More = None,
    start: Annotated[str | None, typer.Option("--from", help="the first day")] = None,
    end: Annotated[str | None, typer.Option("--to", help="the last day")] = None,
    every: Annotated[
        str, typer.Option(help="when to ask: day, week, month, or each so many sessions")
    ] = "day",
    cash: Annotated[float, typer.Option(help="what the account begins with")] = 100_000.0,
    currency: Currency = "",
    costs: Cost = None,
    limits: Annotated[
        str, typer.Option(help="research (wide), a profile (cautious, active) or a file")
    ] = "research",
    record: Annotated[
        Path | None, typer.Option(help="keep the model's answers in this file as they come")
    ] = None,
    recorded: Annotated[
        Path | None, typer.Option(help="take the answers from such a file: no model is asked")
    ] = None,
    knowledge_ends: Annotated[
        str | None, typer.Option(help="the last day that the model was told of, if known")
    ] = None,
    most_calls: Annotated[
        int, typer.Option(help="end after asking the model so often; begun again, it goes on there")
    ] = 2_000,
    json_: JsonFlag = False,
) -> None:
    """Ask the agents at one close after another, as of then: what they propose passes the gate.

    The planner answers, or the language model that the settings name, or a recording of one. No
    person is asked. The result is a backtest like any other, and says what the decider could have
    known. Stopped, it goes on where it was when the same command is given again.
    """
    from app.past.running import play
    from app.past.wanted import Hearer, Wanted
    from tools.assembly import build_market, open_state
    from tools.backtest.costs import Costs
    from tools.backtest.keeping import Runs
    from tools.settings import load_settings

    settings = load_settings()
    home = open_state(settings)
    wanted = Wanted(
        tuple(asks),
        tuple(symbols or ()),
        day_of(start),
        day_of(end),
        every,
        cash,
        Costs(**charged(costs)),
        limits,
        record.expanduser() if record else None,
        recorded.expanduser() if recorded else None,
        day_of(knowledge_ends),
        most_calls,
        currency.strip().upper(),
    )
    keep = Runs(home / "backtests").keep
    with _watched() as told:
        hearer = Hearer(told, _say, keep)
        result = play(settings, build_market(settings), lambda: _index(settings), wanted, hearer)
    if json_:
        print_json(result.document)
    else:
        show(result.document)


def _index(settings: Settings) -> KnownIndex:
    """The knowledge index, built first if there is none."""
    from app.knowledge import open_index
    from app.logs import log_to
    from rag_index.known import KnownIndex

    log_to(settings.state)
    return KnownIndex(open_index(settings.state / "knowledge"))


class _Watch:
    """How far a run has come; ``bar`` is moved where somebody watches."""

    def __init__(self) -> None:
        self.done = self.whole = 0

    def __call__(self, done: int, whole: int) -> None:
        self.done, self.whole = done, whole


def _say(sentence: str) -> None:
    print(visible(sentence), file=sys.stderr)


@contextmanager
def _watched() -> Iterator[_Watch]:
    """A bar on standard error where somebody watches it; what ends a run says what is kept.

    SIGTERM ends it as Ctrl-C does.
    """
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    watch = _Watch()
    try:
        if sys.stderr.isatty():
            yield from _drawn(watch)
        else:
            yield watch
    except (KeyboardInterrupt, TradingError) as error:
        if watch.done:
            how = "Interrupted" if isinstance(error, KeyboardInterrupt) else "Ended"
            _say(
                f"\n{how} after {watch.done:,} of {watch.whole:,} questions. Their answers are "
                "kept: the same command goes on there."
            )
        raise
    finally:
        signal.signal(signal.SIGTERM, before)


def _drawn(watch: _Watch) -> Iterator[_Watch]:
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    columns = (TextColumn("questions"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("questions", total=None)

        class Moving(_Watch):
            def __call__(self, done: int, whole: int) -> None:
                watch(done, whole)
                bar.update(task, completed=done, total=whole)

        yield Moving()
