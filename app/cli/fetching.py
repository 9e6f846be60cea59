"""``tollgate data fetch``: prices from a feed into the store, only what is missing."""

from __future__ import annotations

import sys
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.cli.output import JsonFlag, print_json, table
from tools.domain.errors import DataUnavailable, InputError

if TYPE_CHECKING:
    from tools.market_data.store.ranges import Span

Symbols = Annotated[list[str], typer.Argument(help="tickers such as IBM", metavar="SYMBOL…")]
What = Annotated[
    str, typer.Option("--timeframe", help="1m, 5m, 1h, 1d and the like, trades or quotes")
]
From = Annotated[str | None, typer.Option("--from", help="a date such as 2024-01-31, or a moment")]
To = Annotated[str | None, typer.Option("--to", help="a date, which is then in it, or a moment")]
Source = Annotated[str | None, typer.Option(help="a feed's name; the first that has it, without")]


def fetch(
    symbols: Symbols,
    what: What = "1d",
    start: From = None,
    end: To = None,
    source: Source = None,
    again: Annotated[
        bool, typer.Option("--again", help="Ask for what is there as well: finds what was restated")
    ] = False,
    json_: JsonFlag = False,
) -> None:
    """Fetch prices and keep them; what is there already is not asked for again.

    Stopped and started again, it goes on where it was.
    """
    from tools.assembly import build_market, open_state
    from tools.clock import SystemClock
    from tools.market_data.collection.gathering import gather
    from tools.market_data.opening import open_prices
    from tools.settings import load_settings

    settings = load_settings()
    open_state(settings)
    span = spanned(start, end, SystemClock().wall())
    feeds, prices = build_market(settings).sources(), open_prices(settings)
    documents: list[dict[str, Any]] = []
    for symbol in symbols:
        try:
            found = gather(
                feeds, prices, symbol, what, span, source=source, told=_told(symbol), again=again
            )
        except DataUnavailable as error:
            documents.append({"symbol": symbol, "error": str(error)})
            continue
        documents.append(
            {
                "symbol": found.series.symbol,
                "source": found.series.source,
                "timeframe": what,
                "asked": found.fetched.spans,
                "new": found.fetched.rows,
                "missing": found.gaps,
                "score": found.score,
                "error": "",
            }
        )
    _quiet()
    if json_:
        print_json({"fetched": documents})
    else:
        names = ["symbol", "source", "timeframe", "asked", "new", "missing", "score", "error"]
        table("Fetched", names, [[row.get(name) for name in names] for row in documents])
    if any(row["error"] for row in documents):
        raise typer.Exit(DataUnavailable.exit_status)


def spanned(start: str | None, end: str | None, now: datetime) -> Span:
    """From the first moment of one date until after the last of another; a year without a start.

    Raises InputError for what is no date or ends before it starts.
    """
    from tools.market_data.store.ranges import Span

    until = min(_moment(end, last=True), now) if end else now
    since = _moment(start, last=False) if start else until - timedelta(days=366)
    if since >= until:
        raise InputError(f"from {since:%Y-%m-%d %H:%M} to {until:%Y-%m-%d %H:%M} UTC is no time")
    return Span(since, until)


def _moment(text: str, *, last: bool) -> datetime:
    from tools.domain.market import aware_utc
    from tools.market_data.store.series import FIRST, LAST

    try:
        if len(text.strip()) == len("2024-01-31"):
            day = datetime.combine(date.fromisoformat(text.strip()), time(), UTC)
            found = day + timedelta(days=1) if last else day
        else:
            found = aware_utc(datetime.fromisoformat(text.strip()), text)
    except (ValueError, OverflowError):
        raise InputError(
            f"{text[:40]!r} is no date such as 2024-01-31 and no moment such as "
            "2024-01-31T14:30:00Z"
        ) from None
    return min(max(found, FIRST), LAST)


def _told(symbol: str) -> Any:
    """Says how far it is, on a terminal only."""
    if not sys.stderr.isatty():
        return None
    rows = 0

    def say(span: Span, new: int) -> None:
        nonlocal rows
        rows += new
        print(
            f"\r\033[K{symbol}: {rows:,} rows, up to {span.end:%Y-%m-%d}",
            end="",
            file=sys.stderr,
            flush=True,
        )

    return say


def _quiet() -> None:
    if sys.stderr.isatty():
        print("\r\033[K", end="", file=sys.stderr, flush=True)
