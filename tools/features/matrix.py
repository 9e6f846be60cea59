"""Features of many moments as one table: frozen, and able to say what it was made of."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import datetime

import numpy as np

from tools.domain.errors import InputError
from tools.features.aligned import as_known
from tools.indicators.arrays import Floats
from tools.market_data.columns import Times, moment_of, nanoseconds


@dataclass(frozen=True, slots=True)
class Lineage:
    """What a matrix was made of: two with the same ``version`` have the same values.

    ``asked`` are the names with their parameters, as JSON; ``data`` and ``code`` are SHA-256 of the
    inputs' values and of the program's files that compute; ``libraries`` those that they call.
    """

    symbol: str
    feed: str
    timeframe: str
    calendar: str
    asked: tuple[str, ...]
    rows: int
    first: str
    last: str
    data: str
    code: str
    libraries: tuple[str, ...]
    origins: tuple[str, ...] = ()

    @property
    def version(self) -> str:
        """Sixteen hexadecimal digits, of everything above."""
        text = json.dumps(asdict(self), sort_keys=True, ensure_ascii=True)
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def as_text(self) -> str:
        """JSON that ``read`` understands."""
        return json.dumps(asdict(self), sort_keys=True)

    @classmethod
    def read(cls, text: str) -> Lineage:
        """From ``as_text``; raises ValueError for anything else."""
        found = json.loads(text)
        if not isinstance(found, dict) or set(found) != {row.name for row in fields(cls)}:
            raise ValueError("no lineage")
        lists = {name: tuple(v) for name, v in found.items() if isinstance(v, list)}
        return cls(**{**found, **lists})


@dataclass(frozen=True, slots=True, eq=False)
class FeatureMatrix:
    """``values`` float64 of shape ``(n, k)``: a row for each moment, a column for each name.

    ``times`` are int64 nanoseconds UTC, ordered: when each row became known. A row depends on what
    was known by then and on nothing later. NaN where there is too little history, a gap, or no such
    value; never infinite. ``unavailable`` says of what was asked why it isn't there.
    """

    names: tuple[str, ...]
    times: Times
    values: Floats
    lineage: tuple[Lineage, ...]
    unavailable: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Raises InputError for a shape that does not fit, or moments that are not ordered."""
        if self.values.shape != (len(self.times), len(self.names)):
            raise InputError(
                f"A matrix of {len(self.times)} moments and {len(self.names)} features can't have "
                f"the shape {self.values.shape}."
            )
        if len(set(self.names)) < len(self.names):
            raise InputError("Each feature can be in a matrix only once.")
        if (np.diff(self.times) < 0).any():
            raise InputError("The rows of a matrix must be ordered by when they were known.")
        self.times.setflags(write=False)
        self.values.setflags(write=False)

    def __len__(self) -> int:
        """The number of rows."""
        return len(self.times)

    @property
    def version(self) -> str:
        """Of everything that it was made of, and of its columns."""
        text = " ".join((*(row.version for row in self.lineage), *self.names))
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def column(self, name: str) -> Floats:
        """One feature, shape ``(n,)``; InputError when it is not in here."""
        if name not in self.names:
            raise InputError(f"There is no {name[:40]!r} in this matrix.")
        return self.values[:, self.names.index(name)]

    def rows(self, start: int, stop: int) -> FeatureMatrix:
        """Rows ``start`` to ``stop`` without the last, as views."""
        return replace(self, times=self.times[start:stop], values=self.values[start:stop])

    def as_of(self, moment: datetime) -> FeatureMatrix:
        """What was known at ``moment`` (aware), that moment included."""
        return self.rows(0, int(np.searchsorted(self.times, nanoseconds(moment), side="right")))

    def latest(self) -> dict[str, float]:
        """The last row; NaN everywhere when there is none."""
        last = self.values[-1] if len(self) else np.full(len(self.names), np.nan)
        return {name: float(value) for name, value in zip(self.names, last, strict=True)}

    def moment(self, row: int) -> datetime:
        """When a row became known, aware UTC to the microsecond."""
        return moment_of(int(self.times[row]))


def side_by_side(
    matrices: Sequence[FeatureMatrix], times: Times | None = None, oldest: int | None = None
) -> FeatureMatrix:
    """Several symbols in one matrix, with columns such as ``IBM:rsi_14``.

    Each row has what was last known of each symbol then, but nothing older than ``oldest``
    nanoseconds. The rows are ``times``, or else every moment at which any of them became known.
    InputError for none, or for the same symbol twice.
    """
    if not matrices:
        raise InputError("There is no matrix to put side by side.")
    moments = np.unique(np.concatenate([m.times for m in matrices])) if times is None else times
    names: list[str] = []
    columns: list[Floats] = []
    missing: dict[str, str] = {}
    for matrix in matrices:
        symbol = "+".join(row.symbol for row in matrix.lineage)
        names += [f"{symbol}:{name}" for name in matrix.names]
        columns += [as_known(moments, matrix.times, v, oldest) for v in matrix.values.T]
        missing |= {f"{symbol}:{name}": why for name, why in matrix.unavailable.items()}
    values = np.column_stack(columns) if columns else np.empty((len(moments), 0))
    lineage = tuple(row for matrix in matrices for row in matrix.lineage)
    return FeatureMatrix(tuple(names), moments, values, lineage, missing)
