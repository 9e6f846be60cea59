"""Numbers as people and spreadsheets write them: 1,234.5 or 1.234,5 or $1 234.5."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from enum import StrEnum

_GROUPED = re.compile(r"[+-]?\d{1,3}(?:,\d{3})+(\.\d*)?")
_POINTED = re.compile(r"[+-]?\d{1,3}(?:\.\d{3})+")
_DECIMAL_COMMA = re.compile(r"[+-]?(?:\d{1,3}(?:\.\d{3})+|\d+),\d*")
_AROUND = " \t\u00a0\u202f'’\"$€£¥₹"
_DROP = str.maketrans("", "", _AROUND)


class Style(StrEnum):
    """What a comma means in a file."""

    PLAIN = "no commas"
    THOUSANDS = "commas between thousands"
    DECIMAL = "a comma before the decimals"


class Ambiguous(ValueError):
    """Two meanings, and nothing in the file tells which; the text names a cell."""


def style(columns: Iterable[Sequence[str]]) -> Style:
    """Decided by all number cells of a file together; raises Ambiguous where nothing decides.

    ``1,234`` alone may be either, and so may ``1.234`` beside it. Two commas, or a point after one,
    or a point before other than three digits elsewhere in the file make commas thousands; other
    than three digits after a comma, or points between thousands before it, make them decimals.
    """
    seen: dict[str, str] = {}
    for column in columns:
        joined = "\n".join(column)
        if "," not in joined and "." not in joined:
            continue
        for cell in column:
            if "," in cell or "." in cell:
                seen.setdefault(_evidence(cell.translate(_DROP)), cell.strip())
        if "neither" in seen:
            raise Ambiguous(f"{seen['neither'][:30]!r} is no number")
    points = seen.get("thousands") or seen.get("point")
    if "decimal" in seen:
        if points:
            raise Ambiguous(f"{points} and {seen['decimal']} are written in two ways")
        return Style.DECIMAL
    if "thousands" in seen or ("comma" in seen and points):
        return Style.THOUSANDS
    if "comma" in seen:
        cell = seen["comma"].translate(_DROP)
        raise Ambiguous(f"{cell} may be {cell.replace(',', '')} or {cell.replace(',', '.')}")
    return Style.PLAIN


def _evidence(cell: str) -> str:
    """What a number with a comma or a point says of both; ``comma`` when it may be either."""
    if "," not in cell:
        if not _POINTED.fullmatch(cell):
            return "point"
        return "decimal" if cell.count(".") > 1 else "either"
    grouped, decimal = _GROUPED.fullmatch(cell), _DECIMAL_COMMA.fullmatch(cell)
    if grouped and (grouped[1] is not None or cell.count(",") > 1):
        return "thousands"
    if grouped:
        return "comma"
    return "decimal" if decimal else "neither"


def plain(column: Sequence[str], how: Style) -> list[str]:
    """The cells as Python and Decimal read them."""
    joined = "\n".join(column)
    odd = _AROUND + (",." if how is Style.DECIMAL else ",")
    if not any(character in joined for character in odd):
        return list(column)
    cells = [cell.translate(_DROP) for cell in column]
    if how is Style.THOUSANDS:
        return [cell.replace(",", "") for cell in cells]
    if how is Style.DECIMAL:
        return [cell.replace(".", "").replace(",", ".") for cell in cells]
    return cells
