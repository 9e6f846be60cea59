"""``tollgate data``: the symbols on hand and their prices."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from app.cli import dead, jobs, kept, sources
from app.cli.aggregating import aggregate
from app.cli.fetching import fetch
from app.cli.output import AsOf, JsonFlag, print_json, table
from app.cli.validating import validate

if TYPE_CHECKING:
    from tools.catalog.prices import PriceTools

cli = typer.Typer(help="Prices: symbols, bars.", no_args_is_help=True)
cli.add_typer(dead.cli, name="dead")
cli.command()(validate)
cli.command()(fetch)
cli.command("list")(kept.list_)
cli.command()(kept.export)
cli.command()(kept.sql)
cli.command()(kept.compact)
cli.add_typer(jobs.cli, name="jobs")
cli.command()(aggregate)
cli.command()(sources.feeds)
cli.command()(sources.chain)
cli.command()(sources.flow)
cli.command()(sources.economy)


def _tools() -> PriceTools:
    from tools.assembly import build_market, open_state
    from tools.catalog.prices import PriceTools
    from tools.clock import FeedClock
    from tools.settings import load_settings

    settings = load_settings()
    open_state(settings)
    market = build_market(settings)
    return PriceTools(market, FeedClock(market.latest))


@cli.command()
def symbols(json_: JsonFlag = False) -> None:
    """Every symbol that has prices without a network."""
    found = _tools().list_instruments()
    if json_:
        print_json(found)
        return
    rows = [[r["symbol"], r["name"], r["asset_class"], r["currency"]] for r in found["instruments"]]
    table(
        f"Symbols (market clock at {found['now']})", ["symbol", "name", "class", "currency"], rows
    )


@cli.command()
def bars(
    symbol: Annotated[str, typer.Argument(help="a ticker such as IBM")],
    as_of: AsOf = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="how many")] = 20,
    timeframe: Annotated[str, typer.Option(help="1m, 5m, 1h, 1d, 1w, 1mo and the like")] = "1d",
    json_: JsonFlag = False,
) -> None:
    """The last bars, as traded; daily ones without a timeframe."""
    found = _tools().get_bars(symbol, as_of, limit, timeframe)
    if json_:
        print_json(found)
        return
    when = "start" if "timeframe" in found else "session"
    names = (when, "open", "high", "low", "close", "volume")
    rows = [[bar[name] for name in names] for bar in found["bars"]]
    table(f"{found['symbol']} from {found['feed']}", [n.replace("_", " ") for n in names], rows)
    if found["notice"]:
        print(found["notice"])
