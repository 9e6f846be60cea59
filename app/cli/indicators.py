"""``tollgate indicators``: what can be computed, and its values for a symbol."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from app.cli.output import AsOf, JsonFlag, print_json, table

cli = typer.Typer(help="Technical indicators: list, show.", no_args_is_help=True)


@cli.command("list")
def list_(json_: JsonFlag = False) -> None:
    """Every registered indicator."""
    from tools.indicators.registry import indicators

    rows: list[dict[str, Any]] = [
        {
            "name": row.name,
            "label": row.label,
            "outputs": list(row.keys()),
            "article": row.knowledge,
        }
        for row in indicators()
    ]
    if json_:
        print_json({"indicators": rows})
        return
    table(
        "Indicators",
        ["name", "what", "outputs", "article"],
        [[r["name"], r["label"], ", ".join(r["outputs"]), r["article"]] for r in rows],
    )


@cli.command()
def show(
    symbol: Annotated[str, typer.Argument(help="a ticker such as IBM")],
    as_of: AsOf = None,
    json_: JsonFlag = False,
) -> None:
    """Indicator values at the last bar, and the signal they make."""
    from tools.assembly import build_market, open_state
    from tools.catalog.analysis import AnalysisTools
    from tools.clock import FeedClock
    from tools.settings import load_settings

    settings = load_settings()
    open_state(settings)
    market = build_market(settings)
    found = AnalysisTools(market, FeedClock(market.latest)).compute_indicators(symbol, as_of)
    if json_:
        print_json(found)
        return
    rows = [[name, "" if v is None else f"{v:,.4f}"] for name, v in found["values"].items()]
    table(
        f"{found['symbol']} at {found['session']} ({found['feed']})", ["indicator", "value"], rows
    )
    signal = found["signal"]
    if signal is None:
        print(found["signal_missing"])
    else:
        print(f"Signal: {signal['direction']} {signal['score']:+.2f} of 1")
        for vote in signal["votes"]:
            print(f"  {vote['indicator']} {vote['value']:+.2f}: {vote['sentence']}")
