"""All checks of a series, its clean view and its score."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, Generic, TypeVar

import numpy as np

from tools.market_data.columns import BarColumns, Columns, Floats, QuoteColumns, TickColumns
from tools.market_data.quality import bars as of_bars
from tools.market_data.quality import ticks as of_ticks
from tools.market_data.quality.finding import Finding, Treatment
from tools.market_data.quality.gaps import gaps, unexpected
from tools.market_data.quality.moves import moves
from tools.market_data.quality.score import USABLE, score

Series = TypeVar("Series", bound=Columns)


@dataclass(frozen=True, slots=True, eq=False)
class Validation(Generic[Series]):
    """``raw`` is what came, ``clean`` the same without the rows that a finding removed."""

    raw: Series
    clean: Series
    findings: tuple[Finding, ...]
    score: float

    @property
    def usable(self) -> bool:
        """Whether something is left and the score is at least 90."""
        return len(self.clean) > 0 and self.score >= USABLE


def validate_bars(
    bars: BarColumns,
    calendar: str,
    adjusted: Floats | None = None,
    notes: Sequence[Finding] = (),
    *,
    negative: bool | None = None,
) -> Validation[BarColumns]:
    """``adjusted`` closes, where there are any, tell which splits are known. ``notes`` are what was
    found before there were columns. ``negative`` as in ``bars.shape``; by the symbol when left out.
    """
    below = _negative(bars.symbol, negative)
    findings = [*notes, *of_bars.shape(bars, negative=below), *of_bars.repeats(bars)]
    findings += [*gaps(bars, calendar), *unexpected(bars, calendar), *of_bars.stale(bars)]
    findings += of_bars.wicks(bars)
    fine = _kept(len(bars), findings) & (np.fmin(bars.low, bars.open) > 0)
    order = np.flatnonzero(fine)
    order = order[np.argsort(bars.start[order], kind="stable")]
    last = np.append(np.diff(bars.start[order]) != 0, np.ones(min(1, len(order)), bool))
    order = order[last]
    # By start, the last version of each; which is no order of ``known``, so it is made one.
    ordered = _take(replace(bars, known=bars.start), order)
    for finding in moves(ordered, None if adjusted is None else adjusted[order]):
        findings.append(replace(finding, rows=order[finding.rows]))
    return _done(bars, findings)


def validate_trades(
    ticks: TickColumns, notes: Sequence[Finding] = (), *, negative: bool | None = None
) -> Validation[TickColumns]:
    """As ``validate_bars``."""
    below = _negative(ticks.symbol, negative)
    return _done(ticks, [*notes, *of_ticks.trades(ticks, negative=below)])


def validate_quotes(
    quoted: QuoteColumns, notes: Sequence[Finding] = ()
) -> Validation[QuoteColumns]:
    """As ``validate_bars``."""
    return _done(quoted, [*notes, *of_ticks.quotes(quoted)])


def validate(columns: Columns, calendar: str) -> Validation[Any]:
    """Bars, trades or quotes, by what they are."""
    if isinstance(columns, BarColumns):
        return validate_bars(columns, calendar)
    if isinstance(columns, QuoteColumns):
        return validate_quotes(columns)
    if isinstance(columns, TickColumns):
        return validate_trades(columns)
    raise TypeError(f"{type(columns).__name__} are no prices")


def _negative(symbol: str, said: bool | None) -> bool:
    """Whether prices below zero happen: of futures, Yahoo's CL=F, they have."""
    return symbol.endswith("=F") if said is None else said


def _kept(rows: int, findings: Sequence[Finding]) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    keep = np.ones(rows, bool)
    for finding in findings:
        if finding.treatment is Treatment.REMOVED:
            keep[finding.rows] = False
    return keep


def _done(raw: Series, findings: Sequence[Finding]) -> Validation[Series]:
    clean = _take(raw, np.flatnonzero(_kept(len(raw), findings)))
    ordered = tuple(sorted(findings, key=lambda one: (one.moment, one.row)))
    return Validation(raw, clean, ordered, score(len(raw), findings))


def _take(columns: Series, rows: np.ndarray[tuple[int], np.dtype[np.intp]]) -> Series:
    cut: dict[str, Any] = {
        row.name: column[rows]
        for row in fields(columns)
        if isinstance(column := getattr(columns, row.name), np.ndarray)
    }
    return replace(columns, **cut)
