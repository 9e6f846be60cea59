"""A series' score from 0 to 100."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tools.market_data.quality.finding import Finding, Severity

WEIGHT = {Severity.NOTE: 0.0, Severity.WARNING: 0.25, Severity.ERROR: 1.0}
USABLE = 90.0
FORMULA = (
    "100 x (1 - faults / (rows + missing)): each row counts once, by the worst that was found of "
    "it: an error 1, a warning 1/4, a note 0; a missing row counts like a row"
)


def score(rows: int, findings: Sequence[Finding]) -> float:
    """``FORMULA``; 0 without rows."""
    worst = np.zeros(rows)
    missing = faults = 0.0
    for finding in findings:
        weight = WEIGHT[finding.severity]
        if finding.missing:
            missing += finding.missing
            faults += weight * finding.missing
        else:
            worst[finding.rows] = np.maximum(worst[finding.rows], weight)
    if not rows:
        return 0.0
    return 100.0 * (1.0 - (float(worst.sum()) + faults) / (rows + missing))
