"""A column of moments as nanoseconds since 1970 UTC."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import numpy as np

from tools.domain.timeframe import MINUTE
from tools.market_data.aggregation.grid import NOWHERE, Grid, Hours
from tools.market_data.calendars import EXCHANGES
from tools.market_data.columns import Times, nanoseconds
from tools.market_data.reading.dates import Undecidable, iso

EPOCHS = {10: 10**9, 13: 10**6, 16: 10**3, 19: 1}
"""Digits of a moment since 1970, and how many nanoseconds its unit has: for 2001 to 2286."""

EARLIEST, LATEST = "1900", "2100"
"""Years within which a time is taken for right; NumPy would turn others into wrong ones."""

PLAIN = frozenset("0123456789-:.T ")

MOST, FEW = 0.95, 0.5
"""Shares of the rows within the session's hours that decide between two readings of a time."""


@dataclass(frozen=True, slots=True)
class Moments:
    """``notes`` are sentences about what was decided."""

    times: Times
    notes: tuple[str, ...]


def moments(column: Sequence[str], calendar: str, *, utc: bool = False) -> Moments:
    """Each cell's moment; raises Undecidable.

    Cells may be ISO 8601 with Z or an offset, any date that ``dates`` reads, or seconds, milli-,
    micro- or nanoseconds since 1970. Without a zone, round the clock they are UTC; an exchange's
    are its own time or UTC, whichever puts nearly all of them into its hours, and refused when
    both or neither does. ``utc`` says that the column's name tells.
    """
    epoch = _epoch(column)
    if epoch is not None:
        return Moments(epoch, ("times are counted since 1970 in UTC",))
    written = iso(column)
    cells = written.cells
    zoned = [_zoned(cell) for cell in cells]
    if all(cell.endswith("Z") for cell in cells):
        return Moments(_fast([cell[:-1] for cell in cells]), written.notes)
    if all(zoned):
        return Moments(_slow(cells), written.notes)
    if any(zoned):
        raise Undecidable(zoned.index(False), "some times have a zone and this one has none")
    naive = _fast(cells)
    if utc or calendar not in EXCHANGES:
        return Moments(naive, (*written.notes, "times without a zone were read as UTC"))
    local = _local(naive, EXCHANGES[calendar].zone)
    grid = Grid(MINUTE, calendar, Hours.REGULAR)
    here, there = (float((grid.place(at).start != NOWHERE).mean()) for at in (local, naive))
    zone = EXCHANGES[calendar].zone.key
    if here >= MOST and there < FEW:
        return Moments(local, (*written.notes, f"times without a zone were read as {zone}'s"))
    if there >= MOST and here < FEW:
        return Moments(naive, (*written.notes, "times without a zone were read as UTC"))
    raise Undecidable(
        0,
        f"the times have no zone, and {here:.0%} of them lie in the session as {zone}'s and "
        f"{there:.0%} as UTC: write them as 2012-06-01T13:30:00Z, or call the column time_utc",
    )


def _epoch(column: Sequence[str]) -> Times | None:
    cells = [cell.strip() for cell in column]
    digits = {len(cell) for cell in cells}
    if len(digits) != 1 or not all(cell.isascii() and cell.isdigit() for cell in cells):
        return None
    unit = EPOCHS.get(digits.pop())
    if unit is None:
        return None
    found = np.array(cells, np.float64) * unit
    last = nanoseconds(datetime(int(LATEST), 1, 1, tzinfo=UTC))
    if found.max() >= last:
        raise Undecidable(int(found.argmax()), f"a time since 1970 is after {LATEST}")
    return np.array(cells, np.int64) * unit


def _zoned(cell: str) -> bool:
    return cell[-1:] == "Z" or "+" in cell[10:] or "-" in cell[10:]


def _fast(cells: Sequence[str]) -> Times:
    """ISO without a zone, as if it were UTC."""
    years = {cell[:5] for cell in cells}
    plain = min(map(len, cells)) >= len("2012-06-01") and PLAIN.issuperset("".join(cells))
    if not plain or not all(EARLIEST <= year[:4] < LATEST and year[4:] == "-" for year in years):
        return _slow([f"{cell}+00:00" if "T" in cell or " " in cell else cell for cell in cells])
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # of an offset, which it would leave out
            found = np.array(cells, "datetime64[ns]")
    except (ValueError, UserWarning, DeprecationWarning):
        return _slow([f"{cell}+00:00" for cell in cells])
    return found.astype(np.int64)


def _slow(cells: Sequence[str]) -> Times:
    """ISO with a zone, or a date alone, which is its midnight in UTC."""
    found = np.empty(len(cells), np.int64)
    for row, cell in enumerate(cells):
        text = cell.removesuffix("+00:00") if len(cell) <= len("2012-06-01+00:00") else cell
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            raise Undecidable(row, _unread(text)) from None
        if not EARLIEST <= f"{moment.year:04}" < LATEST:
            raise Undecidable(row, f"the time {text[:40]!r} is before {EARLIEST} or after {LATEST}")
        found[row] = nanoseconds(moment if moment.tzinfo else moment.replace(tzinfo=UTC))
    return found


def _unread(cell: str) -> str:
    return f"the time {cell[:40]!r} can't be read: write it as 2012-06-01T13:30:00Z"


def _local(naive: Times, zone: ZoneInfo) -> Times:
    """An exchange's own times as UTC, an hour at a time: no zone changes its clock within one."""
    hours, rest = np.divmod(naive, 3600 * 10**9)
    some, back = np.unique(hours, return_inverse=True)
    epoch = datetime(1970, 1, 1)  # noqa: DTZ001 - a clock on a wall, which the zone makes a moment
    offsets = np.array([_offset(epoch, int(hour), zone) for hour in some], np.int64)
    shifted: Times = hours * 3600 * 10**9 + rest - offsets[back]
    return shifted


def _offset(epoch: datetime, hour: int, zone: ZoneInfo) -> int:
    from datetime import timedelta

    offset = (epoch + timedelta(hours=hour)).replace(tzinfo=zone).utcoffset()
    return 0 if offset is None else int(offset.total_seconds()) * 10**9
