"""From the name that a person wrote to an indicator, its window and its output."""

from __future__ import annotations

import difflib
from collections.abc import Mapping

from tools.domain.errors import InputError
from tools.indicators.row import Indicator


def named(
    name: str, rows: Mapping[str, Indicator]
) -> tuple[Indicator, dict[str, float], str | None]:
    """The row, the parameters that the name implies, and the one output that it asks for.

    Raises InputError, with near matches and what is known, when no row answers to the name.
    """
    text = name.strip().lower()
    if text in rows:
        return rows[text], {}, None
    for row in rows.values():
        if not row.windows and text in row.outputs:
            return row, {}, text
    stem, _, digits = text.rpartition("_")
    for row in rows.values():
        if row.windows and digits.isdecimal() and f"{stem}_{{window}}" in row.outputs:
            window = int(digits[:9])
            return row, {"window": window}, f"{stem}_{window}"
    raise InputError(_unknown(name, text, rows))


def _unknown(name: str, text: str, rows: Mapping[str, Indicator]) -> str:
    keys = {key for row in rows.values() for key in row.keys()}  # noqa: SIM118
    near = difflib.get_close_matches(text, sorted({*rows, *keys}), n=3)
    hint = f" Did you mean {' or '.join(near)}?" if near else ""
    plain = sorted(row.name for row in rows.values() if row.family != "candles")
    return (
        f"There is no indicator {name[:40]!r}.{hint} Known: {', '.join(plain)}; and "
        f"{len(rows) - len(plain)} candlestick patterns, such as candle_doji."
    )
