"""``tollgate backtest sweep | walk-forward``: many runs through the desk, resumable."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.cli.backtest_options import Cost, Currency, Strategy, Symbols, aside, charged, pairs
from app.cli.crossed_tables import show_crossed
from app.cli.output import JsonFlag, print_json
from app.cli.replaying import day_of
from app.cli.search_progress import watched
from app.cli.search_tables import show_sweep, show_walk
from app.visible import visible
from tools.domain.errors import InputError

if TYPE_CHECKING:
    from tools.backtest.running import Backtester
    from tools.backtest.search.asked import Search
    from tools.backtest.search.playing import Hands

Params = Annotated[
    list[str] | None,
    typer.Option("--param", "-p", help="name=10,20,50 or name=100:300:50 (from, to, step)"),
]
Start = Annotated[str | None, typer.Option("--from", help="the first day")]
End = Annotated[str | None, typer.Option("--to", help="the last day")]
Frame = Annotated[str, typer.Option(help="1d, or shorter bars such as 5m")]
Cash = Annotated[float, typer.Option(help="what the account begins with")]
Limits = Annotated[
    str, typer.Option(help="research (wide), a profile (cautious, active) or a file")
]
Seed = Annotated[int, typer.Option(help="for strategies that draw lots, and for the tests of luck")]
Metric = Annotated[
    str, typer.Option(help="what is best: sharpe, sortino, calmar, total_return, annual_return")
]
Workers = Annotated[
    int | None, typer.Option(help="processes to play on, all cores unless told; 1 is this one")
]


def sweep(
    strategy: Strategy,
    symbols: Symbols,
    params: Params = None,
    each: Annotated[
        bool, typer.Option("--each", help="every symbol alone, not all as one portfolio")
    ] = False,
    start: Start = None,
    end: End = None,
    timeframe: Frame = "1d",
    cash: Cash = 100_000.0,
    currency: Currency = "",
    costs: Cost = None,
    limits: Limits = "research",
    seed: Seed = 0,
    metric: Metric = "sharpe",
    workers: Workers = None,
    quick: Annotated[
        bool,
        typer.Option("--quick", help="scan with the compiled engine, then play the best alone"),
    ] = False,
    best: Annotated[int, typer.Option(help="with --quick: how many to play")] = 10,
    json_: JsonFlag = False,
) -> None:
    """Play a strategy with each of many parameters, and say what the best of them is worth.

    Stopped, it goes on where it was when the same command is given again.
    """
    from tools.backtest.search.quick import quick_sweep
    from tools.backtest.search.sweeping import sweep as swept

    money = cash, currency
    asked = _asked(strategy, symbols, params, start, end, timeframe, *money, costs, limits, seed)

    def play(backtester: Backtester, hands: Hands) -> dict[str, Any]:
        search = asked(each, metric)
        if quick:
            return quick_sweep(backtester, search, best, hands)
        return swept(backtester, search, hands)

    document = _searched(play, workers, show_sweep, json_=json_)
    if document["best"] is not None and (sentence := _kept(document, asked(each, metric))):
        print(sentence, file=sys.stderr if json_ else sys.stdout)


def walk_forward(
    strategy: Strategy,
    symbols: Symbols,
    params: Params = None,
    learn: Annotated[
        int | None, typer.Option(help="days to choose the parameters on, 756 unless told")
    ] = None,
    judge: Annotated[
        int | None, typer.Option(help="days after these to judge them on, 126 unless told")
    ] = None,
    purge: Annotated[int, typer.Option(help="days left out between the two")] = 5,
    anchored: Annotated[
        bool, typer.Option("--anchored", help="learn from the first day on each time")
    ] = False,
    combinatorial: Annotated[
        str | None,
        typer.Option(
            metavar="GROUPS,JUDGED",
            help="validate instead: cut the days into groups, judge on so many in every way",
        ),
    ] = None,
    embargo: Annotated[
        int | None,
        typer.Option(help="with --combinatorial: more days left out after judged ones, 5"),
    ] = None,
    start: Start = None,
    end: End = None,
    timeframe: Frame = "1d",
    cash: Cash = 100_000.0,
    currency: Currency = "",
    costs: Cost = None,
    limits: Limits = "research",
    seed: Seed = 0,
    metric: Metric = "sharpe",
    workers: Workers = None,
    json_: JsonFlag = False,
) -> None:
    """Choose parameters on the past and judge them on the days after, again and again.

    Stopped, it goes on where it was when the same command is given again.
    """
    from tools.backtest.search.combining import combine
    from tools.backtest.search.crossing import crossing_of
    from tools.backtest.search.folds import Walk
    from tools.backtest.search.walking import walk_forward as walked
    from tools.backtest.signs import signs

    money = cash, currency
    asked = _asked(strategy, symbols, params, start, end, timeframe, *money, costs, limits, seed)
    if combinatorial is None:
        if embargo is not None:
            raise InputError("--embargo goes with --combinatorial: nothing is learnt after a fold.")
        walk = Walk(
            756 if learn is None else learn, 126 if judge is None else judge, purge, anchored
        )
        _searched(
            lambda backtester, hands: walked(backtester, asked(False, metric), walk, hands),
            workers,
            show_walk,
            json_=json_,
        )
    elif learn is not None or judge is not None or anchored:
        raise InputError(
            "--learn, --judge and --anchored are of a walk forward: leave them out with "
            "--combinatorial, whose groups say what is learnt from and judged."
        )
    else:
        crossing = crossing_of(combinatorial, purge, 5 if embargo is None else embargo)
        _searched(
            lambda backtester, hands: combine(backtester, asked(False, metric), crossing, hands),
            workers,
            show_crossed,
            json_=json_,
        )
    for sign in signs(Path(strategy).expanduser()) if strategy.endswith(".py") else ():
        print(f"! {visible(sign)}", file=sys.stderr if json_ else sys.stdout)


def _asked(
    strategy: str,
    symbols: Sequence[str],
    params: Sequence[str] | None,
    start: str | None,
    end: str | None,
    timeframe: str,
    cash: float,
    currency: str,
    costs: Sequence[str] | None,
    limits: str,
    seed: int,
) -> Callable[[bool, str], Search]:
    """The search that the options ask for, but for how it is played and what is best."""
    from tools.backtest.costs import Costs
    from tools.backtest.request import Request
    from tools.backtest.search.asked import Search
    from tools.domain.timeframe import Timeframe

    request = Request(
        strategy,
        tuple(symbols),
        day_of(start),
        day_of(end),
        Timeframe.parse(timeframe),
        cash=cash,
        costs=Costs(**charged(costs)),
        limits=limits,
        seed=seed,
        currency=currency.strip().upper(),
    )
    grid = pairs(params, "--param")
    return lambda each, metric: Search(request, grid, each, metric)


def _searched(
    play: Callable[[Backtester, Hands], dict[str, Any]],
    workers: int | None,
    show: Callable[[dict[str, Any]], None],
    *,
    json_: bool,
) -> dict[str, Any]:
    """Play a search, keep its document and show it."""
    from tools.assembly import open_backtester, open_state, open_workers
    from tools.backtest.keeping import Runs
    from tools.backtest.search.playing import Hands
    from tools.backtest.search.points import Points
    from tools.settings import load_settings

    if workers is not None and not 1 <= workers <= 1_000:
        raise InputError(f"There must be 1 to 1000 workers, were {workers}.")
    settings = load_settings()
    folder = open_state(settings) / "backtests"
    with watched() as watch, aside():
        hands = Hands(
            open_workers(settings, workers, watch.say), Points(folder / "points"), watch.told
        )
        document = play(open_backtester(settings), hands)
    Runs(folder).put(document)
    if json_:
        print_json(document)
    else:
        show(document)
    return document


def _kept(document: dict[str, Any], search: Search) -> str:
    """Keep the best point of a sweep as a whole run, with its orders and fills; what to say."""
    from tools.assembly import open_backtester, open_state
    from tools.backtest.keeping import Runs
    from tools.domain.errors import TradingError
    from tools.settings import load_settings

    settings = load_settings()
    best = document["points"][document["best"]]
    request = replace(search.request, symbols=tuple(best["symbols"]), params=best["params"])
    try:
        with aside():
            result = open_backtester(settings).run(request)
        Runs(open_state(settings) / "backtests").keep(result)
    except TradingError as error:
        return visible(f"The best could not be kept as a whole run: {error}")
    kept = f"The best is kept as a whole run: tollgate backtest report {result.record.id}"
    reached = [f"! {visible(one['sentence'])}" for one in result.document["reached"]]
    return "\n".join([kept, *reached])
