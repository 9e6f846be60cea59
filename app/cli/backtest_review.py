"""``tollgate backtest monte-carlo | compare``: what else could have come of runs that are kept."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from app.cli.backtest_kept import kept_runs, show_kept, write_page
from app.cli.backtest_options import Id, aside, progress
from app.cli.output import JsonFlag, print_json

Html = Annotated[Path | None, typer.Option(help="write one page that opens offline")]
Seed = Annotated[int, typer.Option(help="the same seed draws the same")]


def monte_carlo(
    run_id: Id,
    paths: Annotated[int, typer.Option(help="how many other pasts to draw")] = 10_000,
    seed: Seed = 0,
    block: Annotated[
        float | None, typer.Option(help="mean length of a block of bars; by a rule unless told")
    ] = None,
    parameters: Annotated[
        int, typer.Option(help="play so many runs with other parameters too, which takes time")
    ] = 0,
    noise: Annotated[
        float, typer.Option(help="by how much of itself a parameter may be off")
    ] = 0.2,
    markets: Annotated[
        int, typer.Option(help="play on so many markets made of this one's days, which takes time")
    ] = 0,
    html: Html = None,
    json_: JsonFlag = False,
) -> None:
    """Draw other pasts from a run's own returns and trades: how much of it was the order of things.

    With --parameters and --markets the strategy is also played again, through the desk.
    """
    from tools.assembly import open_backtester
    from tools.backtest.other_pasts.document import Wish
    from tools.backtest.other_pasts.document import monte_carlo as drawn
    from tools.backtest.other_pasts.near import Noise
    from tools.settings import load_settings

    runs = kept_runs()
    near = Noise(parameters, noise, seed) if parameters else None
    wish = Wish(paths, seed, block, near, markets)
    again = open_backtester(load_settings()) if parameters or markets else None
    with progress("runs") as told, aside():
        document = drawn(runs.get(run_id), wish, again, told)
    runs.put(document)
    _given(document, html, json_=json_)


def compare(
    run_ids: Annotated[list[str], typer.Argument(metavar="RUN RUN...", help="ids of two or more")],
    seed: Seed = 0,
    html: Html = None,
    json_: JsonFlag = False,
) -> None:
    """Runs side by side: what they don't share first, and whether one is better by more than luck.

    A run's id may be shortened. The comparison is kept like a run.
    """
    from tools.backtest.comparing.comparison import compare as compared

    runs = kept_runs()
    document = compared([runs.get(one) for one in run_ids], seed)
    runs.put(document)
    _given(document, html, json_=json_)


def _given(document: dict[str, Any], html: Path | None, *, json_: bool) -> None:
    if html is not None:
        write_page(html, document)
    if json_:
        print_json(document)
    else:
        show_kept(document)
        if html is not None:
            print(f"Written to {html}: open it in a browser, no network is needed.")
