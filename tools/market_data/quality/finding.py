"""What a check found, and what was done about it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt

Rows = npt.NDArray[np.intp]


class Kind(StrEnum):
    """What is wrong."""

    GAP = "gap"
    OUTSIDE_HOURS = "outside_hours"
    DUPLICATE = "duplicate"
    CONFLICT = "conflict"
    RESTATED = "restated"
    OUT_OF_ORDER = "out_of_order"
    NOT_A_NUMBER = "not_a_number"
    NOT_POSITIVE = "not_positive"
    OUT_OF_RANGE = "out_of_range"
    LARGE_MOVE = "large_move"
    OUTLIER = "outlier"
    SPLIT = "split"
    ZERO_VOLUME = "zero_volume"
    STALE = "stale"
    BAD_TICK = "bad_tick"
    CROSSED = "crossed"
    LOCKED = "locked"
    ONE_SIDED = "one_sided"
    FROM_THE_FUTURE = "from_the_future"
    FORMAT = "format"


class Severity(StrEnum):
    """A ``note`` takes nothing from the score, a warning a quarter of each row, an error all."""

    NOTE = "note"
    WARNING = "warning"
    ERROR = "error"


class Treatment(StrEnum):
    """``kept``: right as it is. ``flagged``: doubtful, in the clean view all the same.
    ``repaired``: put right without losing anything. ``removed``: in the raw data only.
    """

    KEPT = "kept"
    FLAGGED = "flagged"
    REPAIRED = "repaired"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True, eq=False)
class Finding:
    """``rows`` are all it concerns (of the raw columns, from 0); a gap's is the row after it.

    ``missing`` is how many rows a gap lacks; ``moment`` the first one's time, nanoseconds since
    1970 UTC; ``says`` a sentence for people without a full stop.
    """

    kind: Kind
    severity: Severity
    treatment: Treatment
    rows: Rows
    moment: int
    says: str
    missing: int = 0

    @property
    def row(self) -> int:
        """The first row that it concerns."""
        return int(self.rows[0]) if len(self.rows) else 0


def found(
    kind: Kind,
    severity: Severity,
    treatment: Treatment,
    rows: npt.NDArray[np.bool_] | Rows,
    times: npt.NDArray[np.int64],
    says: str,
) -> list[Finding]:
    """One finding for all ``rows`` (numbers, or a mask), or none where there are none."""
    numbers = np.flatnonzero(rows) if rows.dtype == np.bool_ else rows.astype(np.intp)
    if not len(numbers):
        return []
    return [Finding(kind, severity, treatment, numbers, int(times[numbers[0]]), says)]
