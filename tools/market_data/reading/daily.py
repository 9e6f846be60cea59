"""Rows of text from a user's file become daily bars, or an error that says which row to mend."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

from tools.domain.actions import Dividend
from tools.domain.errors import InputError
from tools.domain.instrument import Instrument
from tools.domain.market import Bar
from tools.domain.money import exact
from tools.market_data.reading.dates import Undecidable, iso
from tools.market_data.reading.numbers import Ambiguous, plain, style
from tools.market_data.reading.tables import Table
from tools.market_data.sessions import NEW_YORK, session_times

NAMES = {
    "date": ("date", "datetime", "timestamp", "time", "day", "session"),
    "open": ("open",),
    "high": ("high",),
    "low": ("low",),
    "close": ("close",),
    "adjusted": ("adj close", "adj_close", "adjclose", "adjusted close", "adjusted_close"),
    "volume": ("volume", "vol"),
    "dividend": ("dividends", "dividend", "dividend_amount"),
}
OPTIONAL = {"adjusted", "volume", "dividend"}

NUMBERS = ("open", "high", "low", "close", "adjusted", "volume", "dividend")


def columns(table: Table) -> dict[str, int]:
    """Where each meaning stands in the header, whatever its case; DataUnavailable names gaps."""
    seen = [name.strip().strip('"').lower() for name in table.header]
    found: dict[str, int] = {}
    for meaning, names in NAMES.items():
        places = [seen.index(name) for name in names if name in seen]
        if places:
            found[meaning] = places[0]
        elif meaning not in OPTIONAL:
            raise table.fault(
                None,
                f"there is no column {names[0]!r}. The first line must name date, open, high, low, "
                f"close and, if you have them, adj_close and volume; it has "
                f"{', '.join(seen)[:120] or 'nothing'}.",
            )
    return found


def bars(table: Table, instrument: Instrument) -> tuple[Bar, ...]:
    """Every row as a daily bar, sorted by date.

    Prices must be above zero with low <= open, close <= high, volumes not negative, dates unique.
    A date's time of day is dropped; two rows of one day mean an intraday file, which is refused.
    A missing volume column counts as zero. Raises DataUnavailable naming file, row and remedy.
    """
    return read_bars(table, instrument)[0]


def read_bars(table: Table, instrument: Instrument) -> tuple[tuple[Bar, ...], tuple[str, ...]]:
    """As ``bars``, and sentences about what was written in another way than ours."""
    place = columns(table)
    for row, cells in table.rows:
        if len(cells) < len(table.header):
            raise table.fault(row, f"has {len(cells)} cells, the header {len(table.header)}.")
    table, notes = _plain(table, place)
    found: dict[date, tuple[int, Bar]] = {}
    times: dict[date, str] = {}
    for row, cells in table.rows:
        stamp = cells[place["date"]].strip()
        session = _session(table, row, stamp, instrument)
        if session in found:
            if times[session] != stamp:
                raise table.fault(
                    row,
                    f"a second bar of {session}: this looks like an intraday file. Call it "
                    f"{instrument.symbol}_1m.csv, by the length of its bars, or aggregate it to "
                    "one row a day.",
                )
            raise table.fault(row, f"repeats {session} of row {found[session][0]}: delete one.")
        times[session] = stamp
        found[session] = (
            row,
            _bar(table, row, cells=cells, place=place, session=session, instrument=instrument),
        )
    if not found:
        raise table.fault(None, "has a header but no rows.")
    ordered = sorted(found)
    if ordered != list(found) and ordered[::-1] != list(found):
        notes += ("rows were not in order of their dates and were put in order",)
    return tuple(found[session][1] for session in ordered), notes


def read_dividends(table: Table, instrument: Instrument) -> tuple[Dividend, ...]:
    """What the column ``dividends`` says was paid a share, on the row of the first session without.

    In the listing's currency and as it was paid then, oldest first; an empty cell is none. Raises
    DataUnavailable as ``bars``.
    """
    place = columns(table)
    if "dividend" not in place:
        return ()
    table, _ = _plain(table, place)
    found = []
    for row, cells in table.rows:
        text = cells[place["dividend"]].strip().strip('"')
        try:
            amount = exact(text, "dividends") if text else Decimal(0)
        except InputError as error:
            raise table.fault(row, f"{error}. Leave the cell empty where none is paid.") from None
        if amount < 0:
            raise table.fault(row, f"dividends must not be negative, was {amount}.")
        if amount:
            session = _session(table, row, cells[place["date"]].strip(), instrument)
            opens, _ = session_times(instrument.calendar, session)
            found.append(Dividend(instrument.symbol, opens, amount, instrument.currency))
    return tuple(sorted(found, key=lambda one: one.ex))


def _plain(table: Table, place: Mapping[str, int]) -> tuple[Table, tuple[str, ...]]:
    """The table with dates year first and numbers like 1234.5, and what was told of them."""
    numbers = [place[name] for name in NUMBERS if name in place]
    cells = [list(row) for _, row in table.rows]
    try:
        written = iso([row[place["date"]] for row in cells])
    except Undecidable as error:
        raise table.fault(table.rows[error.row][0], f"{error.says}.") from None
    try:
        how = style([[row[at] for row in cells] for at in numbers])
    except Ambiguous as error:
        raise table.fault(None, f"{error}. Write numbers like 1234.5.") from None
    for at in numbers:
        for row, text in zip(cells, plain([row[at] for row in cells], how), strict=True):
            row[at] = text
    for row, text in zip(cells, written.cells, strict=True):
        row[place["date"]] = text
    notes = written.notes
    if how is not how.PLAIN:
        notes += (f"numbers were read with {how}",)
    return replace(
        table, rows=[(n, row) for (n, _), row in zip(table.rows, cells, strict=True)]
    ), notes


def _bar(
    table: Table,
    row: int,
    *,
    cells: Sequence[str],
    place: Mapping[str, int],
    session: date,
    instrument: Instrument,
) -> Bar:
    def number(meaning: str) -> Decimal:
        try:
            return exact(cells[place[meaning]].strip().strip('"'), meaning)
        except InputError as error:
            raise table.fault(
                row, f"{error}. Write numbers like 1234.5, and delete rows without a price."
            ) from None

    prices = {meaning: number(meaning) for meaning in ("open", "high", "low", "close")}
    adjusted = number("adjusted") if "adjusted" in place else None
    volume = number("volume") if "volume" in place else Decimal(0)
    for meaning, value in {**prices, "adj_close": adjusted or prices["close"]}.items():
        if value <= 0:
            raise table.fault(row, f"{meaning} must be above zero, was {value}.")
    if volume < 0:
        raise table.fault(row, f"volume must not be negative, was {volume}.")
    if not prices["low"] <= min(prices["open"], prices["close"]) or not prices["high"] >= max(
        prices["open"], prices["close"]
    ):
        raise table.fault(
            row,
            f"open {prices['open']} and close {prices['close']} must lie from low {prices['low']} "
            f"to high {prices['high']}: correct the row.",
        )
    opens, closes = session_times(instrument.calendar, session)
    return Bar(
        instrument.symbol, session, opens, closes, prices["open"], prices["high"], prices["low"],
        prices["close"], volume, adjusted,
    )  # fmt: skip


def _session(table: Table, row: int, stamp: str, instrument: Instrument) -> date:
    """The day of an ISO date or moment; an equity's moment in UTC is read in New York."""
    try:
        moment = datetime.fromisoformat(stamp)
    except ValueError:
        raise table.fault(
            row, f"the date {stamp[:40]!r} can't be read: write dates as 2012-06-01."
        ) from None
    utc = moment.tzinfo is not None and not moment.utcoffset()
    if utc and instrument.calendar == "XNYS" and moment.time() != datetime.min.time():
        return moment.astimezone(NEW_YORK).date()
    return moment.date()
