"""``tollgate data validate``: is a series fit for use, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from app.cli.output import JsonFlag, print_json, table
from tools.domain.errors import DataUnavailable, InputError

SHOWN = 20
NOT_USABLE = 3

Asked = Annotated[
    list[str] | None,
    typer.Argument(help="symbols such as IBM, or files such as IBM_1m.csv", metavar="SYMBOL|FILE…"),
]


def validate(
    asked: Asked = None,
    kept: Annotated[
        bool,
        typer.Option("--kept", help="show what was found of the prices that were fetched and kept"),
    ] = False,
    json_: JsonFlag = False,
) -> None:
    """Check prices for gaps, repeats, bad ticks, splits and more; nothing is changed.

    A file is read by its name: IBM.csv holds daily bars, IBM_1m.csv shorter ones, IBM.trades.csv
    and IBM.quotes.csv trades and quotes. The exit status is 3 when a series is not fit for use.
    """
    if not asked and not kept:
        raise InputError("Name symbols or files, or use --kept for all that was fetched.")
    documents = _kept(asked or []) if kept else [_checked(one) for one in asked or []]
    if json_:
        print_json({"series": documents, "usable": all(d["usable"] for d in documents)})
    else:
        for document in documents:
            _show(document)
    if not all(document["usable"] for document in documents):
        raise typer.Exit(NOT_USABLE)


def _checked(asked: str) -> dict[str, Any]:
    """The document of a series; of one that can't be read, why not: the others are still shown."""
    from tools.market_data.quality.checking import check_file

    try:
        return check_file(Path(asked)) if _is_file(asked) else _check_symbol(asked)
    except DataUnavailable as error:
        return {"symbol": asked, "error": str(error), "score": 0.0, "usable": False}


def _kept(asked: Sequence[str]) -> list[dict[str, Any]]:
    """The reports beside the series; one that was never checked is checked now."""
    from tools.assembly import open_state
    from tools.market_data.collection.judging import judge
    from tools.market_data.opening import open_prices
    from tools.market_data.symbols import canonical
    from tools.settings import load_settings

    settings = load_settings()
    open_state(settings)
    store, wanted = open_prices(settings).store, {canonical(one) for one in asked}
    there = [held.series for held in store.holdings()]
    missing = sorted(wanted - {series.symbol for series in there})
    if missing or not there:
        raise DataUnavailable(
            f"Nothing is kept{f' of {missing[0]}' if missing else ''}: `tollgate data fetch` first."
        )
    found = [series for series in there if not wanted or series.symbol in wanted]
    return [store.report(series) or judge(store, series) for series in found]


def _is_file(asked: str) -> bool:
    named = Path(asked).suffix.lower() in {".csv", ".parquet"}
    if named and not Path(asked).is_file():
        raise InputError(f"There is no file {asked}.")
    return named


def _check_symbol(symbol: str) -> dict[str, Any]:
    from tools.assembly import build_market, open_state
    from tools.market_data.quality.checking import check_history
    from tools.settings import load_settings

    settings = load_settings()
    open_state(settings)
    market = build_market(settings)
    listed = market.instrument(symbol)
    return check_history(market.history(symbol, market.latest()), listed.calendar)


def _show(document: dict[str, Any]) -> None:
    if "error" in document:
        print(f"{document['symbol']}: NOT fit for use. {document['error']}")
        return
    what = document["timeframe"] or "ticks"
    fit = "fit for use" if document["usable"] else "NOT fit for use"
    print(
        f"{document['symbol']} ({document['source']}, {what}): score {document['score']:.1f} of 100"
        f", {fit}. {document['rows']:,} rows, {document['clean_rows']:,} in the clean view."
    )
    if "checked" in document:
        since = f", from {document['since'][:10]} on" if document["since"] else ""
        print(f"Checked at {document['checked'][:16].replace('T', ' ')} UTC{since}.")
    findings = document["findings"]
    if not findings:
        print("Nothing was found.")
        return
    table("What was found, in rows", ["kind", "rows"], list(document["counts"].items()))
    worst = _worst(findings)
    rows = [
        [
            f["moment"][:16].replace("T", " "),
            f["severity"],
            f["kind"].replace("_", " "),
            f["treatment"],
            f["count"],
            f["says"],
        ]
        for f in worst
    ]
    table("The worst of it", ["from (UTC)", "severity", "kind", "was", "rows", "what"], rows)
    if len(findings) > len(worst):
        more = len(findings) - len(worst) + document.get("findings_left_out", 0)
        print(f"{more} more: --json lists {'the worst' if document.get('since') else 'all'}.")


def _worst(findings: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    order = {"error": 0, "warning": 1, "note": 2}
    first = sorted(findings, key=lambda f: (order[f["severity"]], -f["count"], f["moment"]))
    return sorted(first[:SHOWN], key=lambda f: f["moment"])
