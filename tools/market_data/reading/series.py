"""A table as bars, trades or quotes in columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tools.domain.errors import DataUnavailable
from tools.market_data.columns import BarColumns, Floats, QuoteColumns, TickColumns, Times
from tools.market_data.reading.dates import Undecidable, clock
from tools.market_data.reading.naming import Content, Named
from tools.market_data.reading.numbers import Ambiguous, plain, style
from tools.market_data.reading.tables import LARGEST_TAPE, Table, read_table
from tools.market_data.reading.times import moments
from tools.market_data.symbols import listing

TIME = ("timestamp", "datetime", "date_time", "time_utc", "timestamp_utc", "datetime_utc", "ts",
        "time", "sip_timestamp", "participant_timestamp", "open_time", "start", "epoch", "t",
        "date")  # fmt: skip
NAMES: Mapping[Content, Mapping[str, tuple[str, ...]]] = {
    Content.BARS: {
        "open": ("open", "o"),
        "high": ("high", "h"),
        "low": ("low", "l"),
        "close": ("close", "c", "last"),
        "volume": ("volume", "vol", "v", "qty"),
    },
    Content.TRADES: {
        "price": ("price", "trade_price", "last", "p"),
        "size": ("size", "trade_size", "quantity", "qty", "volume", "shares", "amount", "s"),
    },
    Content.QUOTES: {
        "bid": ("bid", "bid_price", "bidprice", "bp"),
        "ask": ("ask", "ask_price", "askprice", "offer", "ap"),
        "bid_size": ("bid_size", "bidsize", "bs"),
        "ask_size": ("ask_size", "asksize", "offer_size", "as"),
    },
}
CONDITIONS = ("conditions", "condition", "sale_condition", "sale_conditions", "cond", "c")
OPTIONAL = frozenset(("volume", "bid_size", "ask_size"))
NUMBERLESS = frozenset(("", "nan", "null", "none", "na", "n/a", "-"))


@dataclass(frozen=True, slots=True)
class Read:
    """``notes`` are sentences about how it was written, not about what it says.

    ``conditions`` are the trades' sale conditions, None where the file has none.
    """

    columns: BarColumns | TickColumns | QuoteColumns
    notes: tuple[str, ...]
    conditions: tuple[str, ...] | None = None


def read_series(path: Path, name: Named) -> Read:
    """A file of shorter bars, trades or quotes; DataUnavailable says what to mend.

    A bar's time is when it opened. Rows are put in order of time; trades and quotes count as known
    when they happened. An empty cell of a number is NaN, which ``quality`` finds.
    """
    table = read_table(path, LARGEST_TAPE)
    found = _places(table, NAMES[name.content])
    short = next((row for row, cells in table.rows if len(cells) < len(table.header)), None)
    if short is not None:
        raise table.fault(short, "has fewer cells than the header.")
    if not table.rows:
        raise table.fault(None, "has a header but no rows.")
    times, notes = _times(table, listing(name.symbol, name.symbol, "FILE").calendar)
    numbers, more = _numbers(table, found)
    order = np.argsort(times, kind="stable")
    moved = int(np.count_nonzero(np.diff(times) < 0))
    times = times[order]
    said = (*notes, *more)
    if moved:
        said += (f"{moved} rows stood before an earlier one and were put in order",)
    columns = {key: column[order] for key, column in numbers.items()}
    codes = None
    at = next((_header(table).index(one) for one in CONDITIONS if one in _header(table)), None)
    if name.content is Content.TRADES and at is not None:
        codes = tuple(table.rows[row][1][at].strip() for row in order)
    return Read(_columns(name, f"file:{path.name}", times, columns), said, codes)


def _columns(
    name: Named, source: str, times: Times, numbers: dict[str, Floats]
) -> BarColumns | TickColumns | QuoteColumns:
    symbol = name.symbol
    none = np.full(len(times), np.nan)
    if name.content is Content.TRADES:
        return TickColumns(symbol, source, times.copy(), times, numbers["price"], numbers["size"])
    if name.content is Content.QUOTES:
        sizes = (numbers.get("bid_size", none), numbers.get("ask_size", none))
        return QuoteColumns(
            symbol, source, times.copy(), times, numbers["bid"], numbers["ask"], *sizes
        )
    frame = name.timeframe
    if frame is None or not frame.intraday:
        raise DataUnavailable(f"{source}: bars of {frame} are read as daily ones are.")
    known = times + int(frame.length.total_seconds()) * 10**9
    prices = (numbers[key] for key in ("open", "high", "low", "close"))
    opens, high, low, close = prices
    volume = numbers.get("volume", none)
    return BarColumns(symbol, source, known, frame, times, opens, high, low, close, volume)


def _places(table: Table, names: Mapping[str, tuple[str, ...]]) -> dict[str, int]:
    seen = _header(table)
    found = {}
    for meaning, spellings in names.items():
        place = next((seen.index(one) for one in spellings if one in seen), None)
        if place is not None:
            found[meaning] = place
        elif meaning not in OPTIONAL:
            raise table.fault(
                None,
                f"there is no column {meaning!r}. The first line must name a time and "
                f"{', '.join(names)}; it has {', '.join(seen)[:120] or 'nothing'}.",
            )
    return found


def _header(table: Table) -> list[str]:
    return [name.strip().strip('"').lower().replace(" ", "_") for name in table.header]


def _times(table: Table, calendar: str) -> tuple[Times, tuple[str, ...]]:
    seen = _header(table)
    if "date" in seen and "time" in seen:
        day, time = seen.index("date"), seen.index("time")
        cells = [f"{row[day].strip()} {clock(row[time])}" for _, row in table.rows]
        name = "time"
    else:
        name = next((one for one in TIME if one in seen), "")
        if not name:
            raise table.fault(None, f"there is no column of times: name one {TIME[0]!r}.")
        cells = [row[seen.index(name)] for _, row in table.rows]
    try:
        found = moments(cells, calendar, utc=name.endswith("_utc"))
    except Undecidable as error:
        raise table.fault(table.rows[error.row][0], f"{error.says}.") from None
    return found.times, found.notes


def _numbers(table: Table, places: Mapping[str, int]) -> tuple[dict[str, Floats], list[str]]:
    columns = {meaning: [row[at] for _, row in table.rows] for meaning, at in places.items()}
    try:
        how = style(columns.values())
    except Ambiguous as error:
        raise table.fault(None, f"{error}. Write numbers like 1234.5.") from None
    notes = [f"numbers were read with {how}"] if how is not how.PLAIN else []
    return {name: _floats(table, plain(cells, how)) for name, cells in columns.items()}, notes


def _floats(table: Table, cells: Sequence[str]) -> Floats:
    try:
        return np.array(cells, np.float64)
    except ValueError:
        found = np.empty(len(cells))
        for at, cell in enumerate(cells):
            text = cell.strip().lower()
            try:
                found[at] = np.nan if text in NUMBERLESS else float(text)
            except ValueError:
                raise table.fault(
                    table.rows[at][0], f"{cell[:40]!r} is no number: write numbers like 1234.5."
                ) from None
        return found
