"""Dates and times of day as people and vendors write them, decided by the whole column."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

_YEAR_LAST = re.compile(r"(\d{1,2})([/.\-])(\d{1,2})\2(\d{4})(?:[ T,]+(.*))?")
_YEAR_FIRST = re.compile(r"(\d{4})([/.])(\d{1,2})\2(\d{1,2})(.*)")
_MONTHS = {
    name: number
    for number, names in enumerate(
        ("jan january", "feb february", "mar march", "apr april", "may", "jun june", "jul july",
         "aug august", "sep sept september", "oct october", "nov november", "dec december"), 1,
    )
    for name in names.split()
}  # fmt: skip
_DAY_MONTH = re.compile(r"(\d{1,2})[ \-/]([A-Za-z]{3,9})[ \-/,]+(\d{4})(?:[ T,]+(.*))?")
_MONTH_DAY = re.compile(r"([A-Za-z]{3,9})\.? (\d{1,2}),? (\d{4})(?:[ T,]+(.*))?")
_HALF_DAY = re.compile(r"(\d{1,2})(:\d{2}(?::\d{2}(?:\.\d+)?)?) ?([AaPp])\.?[Mm]\.?")


class Undecidable(ValueError):
    """A cell is no date, or has two meanings; ``row`` is its number in the column."""

    def __init__(self, row: int, says: str) -> None:
        """``says`` is a sentence without a full stop."""
        super().__init__(says)
        self.row, self.says = row, says


@dataclass(frozen=True, slots=True)
class Written:
    """The cells as ISO 8601, and sentences about what was read in another way than written."""

    cells: list[str]
    notes: tuple[str, ...]


def iso(column: Sequence[str]) -> Written:
    """Every cell year first; raises Undecidable.

    Is 03/04/2021 in March or in April? A first number above twelve anywhere in the column says
    that days come first, a second one that months do; both or neither is refused.
    """
    order = ""
    witness: dict[str, int] = {}
    numeric: list[int] = []
    cells: list[str] = []
    for row, cell in enumerate(column):
        text = cell.strip().strip('"')
        if text[:4].isdigit() and text[4:5] == "-":
            cells.append(text)
            continue
        parts = _YEAR_LAST.fullmatch(text)
        if parts:
            numeric.append(row)
            if int(parts[1]) > 12:
                witness.setdefault("day", row)
            if int(parts[3]) > 12:
                witness.setdefault("month", row)
            cells.append(text)
            continue
        cells.append(_spelled(text))
    if not numeric:
        return Written(cells, ())
    if len(witness) == 2:
        raise Undecidable(
            witness["month"],
            f"{column[witness['day']].strip()} has the day first and "
            f"{column[witness['month']].strip()} the month: write dates as 2012-06-01",
        )
    if not witness:
        raise Undecidable(
            numeric[0],
            f"the date {column[numeric[0]].strip()[:40]!r} may have the day or the month first, "
            "and no other row tells: write dates as 2012-06-01",
        )
    order = next(iter(witness))
    for row in numeric:
        found = _YEAR_LAST.fullmatch(cells[row])
        if found is not None:
            day, month = (found[1], found[3]) if order == "day" else (found[3], found[1])
            cells[row] = _joined(found[4], int(month), int(day), found[5] or "")
    notes = [f"dates such as {column[numeric[0]].strip()} were read with the {order} first"]
    if len(numeric) < len(column):
        notes.append("dates are written in more than one way")
    return Written(cells, tuple(notes))


def _spelled(text: str) -> str:
    """2012/6/1, 1-Jun-2012 and Jun 1, 2012 as ISO; anything else as it is."""
    slashed = _YEAR_FIRST.fullmatch(text)
    if slashed:
        return _joined(slashed[1], int(slashed[3]), int(slashed[4]), slashed[5].strip(" T"))
    for pattern, day, month in ((_DAY_MONTH, 1, 2), (_MONTH_DAY, 2, 1)):
        found = pattern.fullmatch(text)
        if found and found[month].lower() in _MONTHS:
            number = _MONTHS[found[month].lower()]
            return _joined(found[3], number, int(found[day]), found[4] or "")
    return text


def _joined(year: str, month: int, day: int, rest: str) -> str:
    date = f"{year}-{month:02}-{day:02}"
    return f"{date}T{clock(rest)}" if rest else date


def clock(text: str) -> str:
    """2:30 PM as 14:30, 9:30 as 09:30."""
    half = _HALF_DAY.fullmatch(text.strip())
    if half:
        hour = int(half[1]) % 12 + (12 if half[3] in "Pp" else 0)
        return f"{hour:02}{half[2]}"
    return f"0{text.strip()}" if text.strip()[1:2] == ":" else text.strip()
