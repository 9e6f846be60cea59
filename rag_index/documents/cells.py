"""Tidies the cells of a table as filings set them: signs in columns of their own, empty columns."""

from __future__ import annotations

from collections.abc import Sequence

_BEFORE = frozenset({"$", "€", "£", "¥", "(", "$(", "€(", "£("})
_AFTER = frozenset({")", "%", ")%", "x", "bps"})


def tidy_rows(rows: Sequence[Sequence[str]]) -> list[list[str]]:
    """Join currency and per cent signs to their figures; drop empty rows and empty columns.

    Neighbouring columns of which never more than one is filled are one column, but for the first,
    which names the rows. A cell that is empty between filled ones stays, as a dash.
    """
    joined = [_join_signs(row) for row in rows]
    width = max((len(row) for row in joined), default=0)
    square = [row + [""] * (width - len(row)) for row in joined]
    columns = [column for column in zip(*square, strict=True) if any(column)]
    merged = columns[:1]
    for number, column in enumerate(columns[1:], 1):
        apart = any(a and b for a, b in zip(merged[-1], column, strict=True))
        if number == 1 or apart:
            merged.append(column)
        else:
            merged[-1] = tuple(a or b for a, b in zip(merged[-1], column, strict=True))
    kept = [list(row) for row in zip(*merged, strict=True) if any(row)]
    return [[cell or "–" for cell in _cut_tail(row)] for row in kept]


def _join_signs(row: Sequence[str]) -> list[str]:
    cells = list(row)
    for i, cell in enumerate(cells):
        if cell in _BEFORE:
            after = next((j for j in range(i + 1, len(cells)) if cells[j]), None)
            if after is not None and after <= i + 2:
                cells[after], cells[i] = cell + cells[after], ""
        elif cell in _AFTER:
            before = next((j for j in range(i - 1, -1, -1) if cells[j]), None)
            if before is not None and before >= i - 2:
                cells[before], cells[i] = cells[before] + cell, ""
    return cells


def _cut_tail(row: list[str]) -> list[str]:
    end = len(row)
    while end > 1 and not row[end - 1]:
        end -= 1
    return row[:end]
