"""What the store has: ``tollgate data list``, ``export``, ``sql`` and ``compact``."""

from __future__ import annotations

import csv
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.cli.fetching import From, Source, To, What, spanned
from app.cli.output import AsOf, JsonFlag, print_json, table
from tools.domain.errors import DataUnavailable, InputError

if TYPE_CHECKING:
    from tools.market_data.columns import Columns
    from tools.market_data.store.parts import Holding
    from tools.market_data.store.store import MarketStore

SHOWN = "%Y-%m-%d"


def _store() -> MarketStore:
    from tools.assembly import open_state
    from tools.market_data.opening import open_prices
    from tools.settings import load_settings

    settings = load_settings()
    open_state(settings)
    return open_prices(settings).store


def list_(json_: JsonFlag = False) -> None:
    """What is kept, what was asked for, and its score; `data validate --kept` says why."""
    store = _store()
    documents = [_document(store, one) for one in store.holdings()]
    if json_:
        print_json({"kept": documents})
        return
    names = ["symbol", "kind", "timeframe", "source", "rows", "from", "until", "score"]
    rows = [[d[name] for name in names] for d in documents]
    size = sum(d["bytes"] or 0 for d in documents)
    table(f"Prices on hand{f', {size / 1e6:.1f} MB' if size else ''}", names, rows)
    if not rows:
        print("Nothing yet: `tollgate data fetch IBM` fetches a year of daily bars.")


def _document(store: MarketStore, held: Holding) -> dict[str, Any]:
    spans, report = store.covered(held.series), store.report(held.series) or {}
    return {
        "symbol": held.series.symbol,
        "kind": str(held.series.kind),
        "timeframe": held.series.frame,
        "source": held.series.source,
        "rows": held.rows,
        "from": f"{spans[0].start:{SHOWN}}" if spans else None,
        "until": f"{spans[-1].end:{SHOWN}}" if spans else None,
        "score": report.get("score"),
        "checked": report.get("checked"),
        "files": held.parts,
        "bytes": held.size,
    }


def export(
    symbol: Annotated[str, typer.Argument(help="a ticker such as IBM")],
    what: What = "1d",
    start: From = None,
    end: To = None,
    as_of: AsOf = None,
    source: Source = None,
    clean: Annotated[
        bool, typer.Option("--clean", help="Leave out what `validate` would remove, and say so")
    ] = False,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="a new .csv or .parquet; else CSV here")
    ] = None,
) -> None:
    """Write what is kept of a symbol, as it was known at a moment, as CSV or Parquet.

    What is kept is what the feed gave; nothing of it is ever repaired in its place.
    """
    from tools.clock import SystemClock, moment
    from tools.market_data.collection.gathering import kind_of
    from tools.market_data.store.ranges import Span
    from tools.market_data.store.series import FIRST
    from tools.market_data.symbols import canonical

    clock, store = SystemClock(), _store()
    span = spanned(start, end, clock.wall())
    span = span if start else Span(FIRST, span.end)
    kind, frame = kind_of(what)
    found = [
        one.series
        for one in store.holdings()
        if (one.series.kind, one.series.symbol, one.series.timeframe)
        == (kind, canonical(symbol), frame)
        and source in {None, one.series.source}
    ]
    if not found:
        raise DataUnavailable(
            f"Nothing is kept of {canonical(symbol)} {what}: `tollgate data fetch` first; "
            "`tollgate data list` shows what there is."
        )
    if len(found) > 1:
        names = " or ".join(series.source for series in found)
        raise InputError(
            f"{canonical(symbol)} {what} is kept from several feeds: say --source {names}."
        )
    columns = store.read(found[0], span, moment(as_of, clock))
    _write(_frame(_clean(columns) if clean else columns), output)


def _clean(columns: Columns) -> Columns:
    """The clean view, with its score told."""
    from tools.market_data.quality.validation import validate
    from tools.market_data.symbols import listing

    checked = validate(columns, listing(columns.symbol, columns.symbol, "").calendar)
    left_out = len(checked.raw) - len(checked.clean)
    print(f"Score {checked.score:.1f} of 100; {left_out:,} rows left out.", file=sys.stderr)
    clean: Columns = checked.clean
    return clean


def _frame(columns: Any) -> Any:
    """A pandas frame with moments as such."""
    import pandas as pd

    from tools.market_data.store.rows import happened

    data = {"time": happened(columns), "known": columns.known}
    figures = [
        name
        for name in (
            "open",
            "high",
            "low",
            "close",
            "volume",
            "price",
            "size",
            "bid",
            "ask",
            "bid_size",
            "ask_size",
        )
        if hasattr(columns, name)
    ]
    frame = pd.DataFrame({**data, **{name: getattr(columns, name) for name in figures}})
    for name in data:
        frame[name] = pd.to_datetime(frame[name], utc=True)
    return frame


def _write(frame: Any, output: Path | None) -> None:
    if output is None:
        frame.to_csv(sys.stdout, index=False)
        return
    if output.suffix.lower() not in {".csv", ".parquet"}:
        raise InputError(f"{output.name} is neither .csv nor .parquet")
    if output.exists():
        raise InputError(f"{output} is there already: name a new file, or remove it first")
    try:
        if output.suffix.lower() == ".csv":
            frame.to_csv(output, index=False)
        else:
            frame.to_parquet(output, index=False)
    except OSError as error:
        raise InputError(f"{output} can't be written ({error.strerror or error})") from None
    print(f"{len(frame):,} rows written to {output}.")


def sql(
    statement: Annotated[str, typer.Argument(help="one SELECT over bars, trades and quotes")],
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="at most so many rows")] = 1000,
    csv_: Annotated[bool, typer.Option("--csv", help="Print CSV.")] = False,
    json_: JsonFlag = False,
) -> None:
    """Ask your prices in SQL (DuckDB); it can read them and nothing else, and change nothing."""
    from tools.market_data.store.sql import files_of, query

    found = query(files_of(_store().parts), statement, limit)
    if json_:
        rows = [dict(zip(found.columns, row, strict=True)) for row in found.rows]
        print_json({"rows": rows, "more": found.more})
    elif csv_:
        writer = csv.writer(sys.stdout)
        writer.writerow(found.columns)
        writer.writerows(found.rows)
    else:
        table(f"{len(found.rows)} rows", list(found.columns), [list(row) for row in found.rows])
    if found.more and not json_:
        print(f"There is more: these are the first {limit} rows (--limit).", file=sys.stderr)


def compact(json_: JsonFlag = False) -> None:
    """Make few files of many; nothing that can be read changes."""
    store = _store()
    before = store.holdings()
    for held in before:
        store.compact(held.series)
    files = [sum(held.parts for held in held_) for held_ in (before, store.holdings())]
    if json_:
        print_json({"files_before": files[0], "files": files[1]})
    else:
        print(f"{files[0]} files before, {files[1]} now.")
