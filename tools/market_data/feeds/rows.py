"""Rows of text from a user's file become bars, or an error that says which row to mend."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from tools.domain.errors import DataUnavailable, InputError
from tools.domain.instrument import Instrument
from tools.domain.market import Bar
from tools.domain.money import exact
from tools.market_data.sessions import NEW_YORK, session_times

NAMES = {
    "date": ("date", "datetime", "timestamp", "time", "day", "session"),
    "open": ("open",),
    "high": ("high",),
    "low": ("low",),
    "close": ("close",),
    "adjusted": ("adj close", "adj_close", "adjclose", "adjusted close", "adjusted_close"),
    "volume": ("volume", "vol"),
}
OPTIONAL = {"adjusted", "volume"}

_SEPARATED = re.compile(r"(\d{4})[/.](\d{1,2})[/.](\d{1,2})(.*)")


@dataclass(frozen=True, slots=True)
class Table:
    """A file as text: its name, its header and its rows with their numbers in the file."""

    name: str
    header: Sequence[str]
    rows: Iterable[tuple[int, Sequence[str]]]

    def fault(self, row: int | None, what: str) -> DataUnavailable:
        """The error for a row, or for the file as a whole."""
        where = f"{self.name}, row {row}" if row is not None else self.name
        return DataUnavailable(f"{where}: {what}")


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
    place = columns(table)
    found: dict[date, tuple[int, Bar]] = {}
    times: dict[date, str] = {}
    for row, cells in table.rows:
        if len(cells) < len(table.header):
            raise table.fault(row, f"has {len(cells)} cells, the header {len(table.header)}.")
        stamp = cells[place["date"]].strip()
        session = _session(table, row, stamp, instrument)
        if session in found:
            if times[session] != stamp:
                raise table.fault(
                    row,
                    f"a second bar of {session}: this looks like an intraday file, and only daily "
                    "bars are read so far. Aggregate it to one row a day.",
                )
            raise table.fault(row, f"repeats {session} of row {found[session][0]}: delete one.")
        times[session] = stamp
        found[session] = (
            row,
            _bar(table, row, cells=cells, place=place, session=session, instrument=instrument),
        )
    if not found:
        raise table.fault(None, "has a header but no rows.")
    return tuple(found[session][1] for session in sorted(found))


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
    return Bar(instrument.symbol, session, opens, closes, **prices, volume=volume,
               adjusted_close=adjusted)  # fmt: skip


def _session(table: Table, row: int, stamp: str, instrument: Instrument) -> date:
    """The day of an ISO date or moment; an equity's moment in UTC is read in New York."""
    text = stamp.strip('"')
    parts = _SEPARATED.fullmatch(text)
    if parts:
        text = f"{parts[1]}-{int(parts[2]):02}-{int(parts[3]):02}{parts[4]}"
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise table.fault(
            row, f"the date {stamp[:40]!r} can't be read: write dates as 2012-06-01."
        ) from None
    utc = moment.tzinfo is not None and not moment.utcoffset()
    if utc and instrument.calendar == "XNYS" and moment.time() != datetime.min.time():
        return moment.astimezone(NEW_YORK).date()
    return moment.date()
