"""``tollgate backtest``: a strategy on the past, through the desk; what came of it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.backtest_kept import kept_runs, show_kept, write_page
from app.cli.backtest_options import (
    Cost,
    Currency,
    Id,
    Param,
    Strategy,
    Symbols,
    Tries,
    aside,
    charged,
    pairs,
    progress,
)
from app.cli.backtest_tables import FIGURES, figure, ranged, show, show_others
from app.cli.output import JsonFlag, LiveFlag, print_json, table
from app.cli.replaying import day_of
from app.visible import visible
from tools.domain.order import OrderState

if TYPE_CHECKING:
    from tools.backtest.shelf import Shelf

cli = typer.Typer(
    help="Strategies and agents on the past, through the same desk and gate; reports of them.",
    no_args_is_help=True,
)


@cli.command()
def run(
    strategy: Strategy,
    symbols: Symbols,
    start: Annotated[str | None, typer.Option("--from", help="the first day")] = None,
    end: Annotated[str | None, typer.Option("--to", help="the last day")] = None,
    params: Param = None,
    timeframe: Annotated[
        str | None,
        typer.Option(help="1d (usual), or shorter bars such as 5m; on trades and quotes each one"),
    ] = None,
    on: Annotated[str, typer.Option(help="what orders meet: bars, quotes or trades")] = "bars",
    recording: Annotated[
        Path | None, typer.Option(help="a recorded day (file or folder) with the trades or quotes")
    ] = None,
    delist: Annotated[
        str,
        typer.Option(help="a symbol whose prices end: settled at last, zero, a part; or hold"),
    ] = "last",
    cash: Annotated[float, typer.Option(help="what the account begins with")] = 100_000.0,
    currency: Currency = "",
    costs: Cost = None,
    limits: Annotated[
        str, typer.Option(help="research (wide), a profile (cautious, active) or a file")
    ] = "research",
    seed: Annotated[int, typer.Option(help="for strategies that draw lots")] = 0,
    tries: Tries = None,
    json_: JsonFlag = False,
) -> None:
    """Play a strategy on the past: every order passes the gate, and no person is asked."""
    from tools.assembly import open_backtester, open_state
    from tools.backtest.costs import usual
    from tools.backtest.delisting import recovery
    from tools.backtest.keeping import Runs
    from tools.backtest.request import Request, frame_of
    from tools.backtest.ticks import On
    from tools.backtest.tries import checked, judged
    from tools.settings import load_settings

    tries = checked(tries)
    settings = load_settings()
    home = open_state(settings)
    met = On.parse(on)
    request = Request(
        strategy,
        tuple(symbols),
        day_of(start),
        day_of(end),
        frame_of(timeframe, met),
        pairs(params, "--param"),
        cash,
        usual(met, charged(costs)),
        limits,
        seed,
        met,
        recording,
        recovery(delist),
        currency.strip().upper(),
    )
    with progress() as told, aside():
        result = open_backtester(settings).run(request, told)
    runs = Runs(home / "backtests")
    before = runs.otherwise(result)
    runs.keep(result)
    document = judged(runs, result.document, tries)
    if json_:
        print_json(document)
    else:
        show(document)
    if before:
        print(
            f"! The same record gave another result before, {before[:12]}: the strategy goes by "
            "something that isn't in it, such as the clock, luck without a seed, or a file.",
            file=sys.stderr if json_ else sys.stdout,
        )


@cli.command()
def propose(
    strategy: Strategy,
    symbols: Symbols,
    params: Param = None,
    live: LiveFlag = False,
    json_: JsonFlag = False,
) -> None:
    """Let the same strategy look at the newest daily bar, and propose what it wants on this desk.

    Each order is gated and waits for you, as your limits say. Run it once a day; the same bar again
    proposes nothing twice.
    """
    from app.cli.opening import open_house
    from tools.backtest.now import propose_now

    desk = open_house(may_send=True, live=live).desk
    with aside():
        records, refusals = propose_now(desk, strategy, symbols, pairs(params, "--param"))
    sentences = [record.sentence for record in records]
    sentences += [reason for refusal in refusals for code, reason in refusal.reasons if not code]
    if json_:
        print_json({"orders": [r.id for r in records], "said": sentences})
        return
    for sentence in sentences or ["It wants nothing at this bar."]:
        print(visible(sentence))
    if any(record.state is OrderState.AWAITING_APPROVAL for record in records):
        print("`tollgate approvals list` shows what waits for you.")


@cli.command("list")
def list_(json_: JsonFlag = False) -> None:
    """The strategies that come with Tollgate, and the runs kept on this desk."""
    from tools.backtest.loading import BUILT_IN, find
    from tools.backtest.strategy import ranges

    strategies = [
        {
            "name": one.name,
            "purpose": one.purpose,
            "article": one.article,
            "parameters": ranges(one.kind),
        }
        for one in map(find, BUILT_IN)
    ]
    kept = _shelf().rows()
    runs = [
        {key: one[key] for key in ("id", "strategy", "symbols", "from", "to")}
        | {"parameters": one["parameters"], "figures": one["figures"]}
        for one in kept
        if one["kind"] == "run"
    ]
    others = [one for one in kept if one["kind"] != "run"]
    if json_:
        print_json({"strategies": strategies, "runs": runs, "others": others})
        return
    table(
        "Strategies",
        ["name", "what", "parameters (range)"],
        [
            [one["name"], one["purpose"], "\n".join(map(ranged, one["parameters"]))]
            for one in strategies
        ],
    )
    show_others(others)
    if not runs:
        print("No run is kept yet: tollgate backtest run momentum --symbol IBM makes one.")
        return
    table(
        "Runs, the newest first",
        ["id", "strategy", "symbols", "from", "to", "return", "Sharpe"],
        [
            [one["id"], one["strategy"], " ".join(one["symbols"]), one["from"], one["to"],
             *(figure(one["figures"], key, form) for _, key, form in (FIGURES[0], FIGURES[3]))]
            for one in runs
        ],
    )  # fmt: skip


@cli.command()
def report(
    run_id: Id,
    html: Annotated[Path | None, typer.Option(help="write one page that opens offline")] = None,
    tries: Tries = None,
    json_: JsonFlag = False,
) -> None:
    """What came of a run, here or as one HTML file."""
    from tools.backtest.tries import judged

    runs = kept_runs()
    document = judged(runs, runs.get(run_id), tries)
    if html is not None:
        write_page(html, document, _shelf().lots_of(document["id"]))
    if json_:
        print_json(document)
    elif html is None:
        show_kept(document)
    else:
        print(f"Written to {html}: open it in a browser, no network is needed.")


def _shelf() -> Shelf:
    from tools.assembly import open_state
    from tools.backtest.shelf import Shelf
    from tools.settings import load_settings

    return Shelf(open_state(load_settings()) / "backtests")
