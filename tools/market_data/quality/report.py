"""A validation as one JSON document and as lines for people."""

from __future__ import annotations

from collections import Counter
from typing import Any

from tools.market_data.columns import BarColumns, Columns, moment_of
from tools.market_data.quality.finding import Finding
from tools.market_data.quality.score import FORMULA, USABLE
from tools.market_data.quality.validation import Series, Validation

LISTED = 100
"""Rows that are named of one finding; all are counted."""


def document(validation: Validation[Series], calendar: str) -> dict[str, Any]:
    """``rows`` count from 0 in the order of ``known``; times are UTC."""
    raw: Columns = validation.raw
    times = raw.start if isinstance(raw, BarColumns) else raw.known
    return {
        "symbol": raw.symbol,
        "source": raw.source,
        "timeframe": str(raw.timeframe) if isinstance(raw, BarColumns) else None,
        "calendar": calendar,
        "rows": len(raw),
        "clean_rows": len(validation.clean),
        "first": moment_of(int(times.min())).isoformat() if len(raw) else None,
        "last": moment_of(int(times.max())).isoformat() if len(raw) else None,
        "score": round(validation.score, 3),
        "usable": validation.usable,
        "usable_from": USABLE,
        "formula": FORMULA,
        "counts": dict(_counts(validation)),
        "findings": [_finding(finding) for finding in validation.findings],
    }


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "kind": finding.kind,
        "severity": finding.severity,
        "treatment": finding.treatment,
        "moment": moment_of(finding.moment).isoformat(),
        "says": finding.says,
        "count": finding.missing or len(finding.rows),
        "missing": finding.missing,
        "rows": finding.rows[:LISTED].tolist(),
    }


def _counts(validation: Validation[Series]) -> Counter[str]:
    """Rows of each kind; of gaps, the rows that are missing."""
    counts: Counter[str] = Counter()
    for finding in validation.findings:
        counts[finding.kind] += finding.missing or len(finding.rows)
    return counts
