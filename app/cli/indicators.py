"""``tollgate indicators``: what can be computed, its values for a symbol, and patterns."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from app.cli.output import AsOf, JsonFlag, print_json, table

cli = typer.Typer(
    help="Technical indicators and chart patterns: list, show, compute, patterns.",
    no_args_is_help=True,
)
Symbol = Annotated[str, typer.Argument(help="a ticker such as IBM")]


@cli.command("list")
def list_(
    family: Annotated[
        str | None, typer.Option("--family", help="only these, such as momentum, candles or own")
    ] = None,
    json_: JsonFlag = False,
) -> None:
    """Every indicator, your own included (Python files in the folder indicators of the state)."""
    from app.cli.indicator_tables import known

    found = known(family)
    if json_:
        print_json(found)
        return
    rows = found["indicators"]
    table(
        f"{len(rows)} indicators",
        ["name", "family", "what", "outputs", "article"],
        [[r["name"], r["family"], r["label"], ", ".join(r["outputs"]), r["article"]] for r in rows],
    )
    for problem in found["problems"]:
        print(f"Not loaded: {problem}")


@cli.command()
def show(
    name: Annotated[str, typer.Argument(help="an indicator such as rsi, or a ticker such as IBM")],
    as_of: AsOf = None,
    json_: JsonFlag = False,
) -> None:
    """What an indicator is; for a ticker, the standard values and the signal they make."""
    from app.cli.indicator_tables import described, indicator_named

    row = indicator_named(name)
    if row is None:
        _signal(name, as_of, json_)
        return
    found = described(row)
    if json_:
        print_json(found)
        return
    table(found["label"], ["", ""], [[key, _plain(value)] for key, value in found.items()])


def _plain(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{k}={v}" for k, v in value.items()) or "none"
    return ", ".join(value) if isinstance(value, list) else str(value)


def _signal(symbol: str, as_of: str | None, json_: bool) -> None:
    from app.cli.indicator_tables import tools

    found = tools().compute_indicators(symbol, as_of)
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


@cli.command()
def compute(
    symbol: Symbol,
    names: Annotated[list[str], typer.Argument(help="indicators such as rsi, sma_20 or bb_upper")],
    set_: Annotated[
        list[str] | None, typer.Option("--set", help="a parameter, such as macd.fast=8")
    ] = None,
    last: Annotated[int, typer.Option(min=1, max=1000, help="how many bars, newest last")] = 5,
    as_of: AsOf = None,
    json_: JsonFlag = False,
) -> None:
    """Values of indicators on the last bars, on adjusted prices; gaps are empty."""
    from app.cli.indicator_tables import computed

    found = computed(symbol, names, set_ or [], last, as_of)
    if json_:
        print_json(found)
        return
    keys = list(found["values"])
    rows = [
        [day, *("" if found["values"][key][i] is None else f"{found['values'][key][i]:,.4f}"
                for key in keys)]
        for i, day in enumerate(found["sessions"])
    ]  # fmt: skip
    table(f"{found['symbol']} ({found['feed']})", ["session", *keys], rows)
    for key, line in found["drawn"].items():
        print(f"{key:24} {line}")


@cli.command()
def patterns(
    symbol: Symbol,
    days: Annotated[
        int, typer.Option(min=1, max=5000, help="known in the last so many bars")
    ] = 120,
    as_of: AsOf = None,
    json_: JsonFlag = False,
) -> None:
    """Chart patterns and candlesticks, each with the session on which it was known."""
    from app.cli.indicator_tables import seen

    found = seen(symbol, days, as_of)
    if json_:
        print_json(found)
        return
    table(
        f"Chart patterns of {found['symbol']} to {found['session']} ({found['feed']})",
        ["known", "pattern", "expects", "level", "status", "decided", "from", "to"],
        [
            [p["known"], p["kind"], p["expects"], p["level"], p["status"], p["decided"],
             p["points"][0][0], p["points"][-1][0]]
            for p in found["patterns"]
        ],
    )  # fmt: skip
    table(
        "Candlesticks of the last ten sessions",
        ["session", "pattern", "value"],
        [[c["session"], c["pattern"], c["value"]] for c in found["candles"]],
    )
    print("A pattern is a shape that people look for; it is no forecast.")
