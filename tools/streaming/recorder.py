"""Writes a live stream to Parquet, a part at a time, in the form that ``reading`` reads back."""

from __future__ import annotations

import os
import threading
from collections import defaultdict
from datetime import date
from pathlib import Path

import numpy as np

from tools.domain.errors import StateError
from tools.market_data.columns import nanoseconds
from tools.streaming.recording import FIGURES, Kind, figures_of, kind_of
from tools.streaming.source import Datum

ROWS = 20_000
COLUMNS = tuple(dict.fromkeys(name for kind in Kind for name in FIGURES[kind]))


class Recorder:
    """``hear`` from any thread. A folder a day (UTC, by when it was known), parts numbered in it.

    A part is written when it is full and when the recorder is closed, first under another name, so
    that a crash loses at most the rows of one part and never leaves half a file. A folder that has
    parts already is added to.
    """

    def __init__(self, folder: Path, rows: int = ROWS) -> None:
        """Raises StateError when the folder can't be made."""
        self._folder, self._most = folder.expanduser(), rows
        self._lock = threading.Lock()
        self._days: dict[date, list[Datum]] = defaultdict(list)
        self.written = 0
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise self._failed(error) from None

    def hear(self, datum: Datum) -> None:
        """Keep one; StateError when a full part can't be written, and its rows are then kept."""
        with self._lock:
            kept = self._days[datum.known_at.date()]
            kept.append(datum)
            if len(kept) >= self._most:
                self._write(datum.known_at.date())

    def close(self) -> None:
        """Write what is left; may go on hearing afterwards."""
        with self._lock:
            for day in sorted(self._days):
                self._write(day)

    def _write(self, day: date) -> None:
        import pyarrow as pa
        import pyarrow.parquet as pq

        data = self._days[day]
        if not data:
            return
        moment = pa.timestamp("ns", tz="UTC")
        figures = {name: np.full(len(data), np.nan) for name in COLUMNS}
        for row, datum in enumerate(data):
            for name, value in zip(FIGURES[kind_of(datum)], figures_of(datum), strict=True):
                figures[name][row] = value
        table = pa.table(
            {
                "kind": pa.array([int(kind_of(datum)) for datum in data], pa.uint8()),
                "symbol": pa.array([datum.symbol for datum in data]).dictionary_encode(),
                "timestamp": pa.array([nanoseconds(d.event_time) for d in data], moment),
                "known": pa.array([nanoseconds(d.known_at) for d in data], moment),
                **{name: pa.array(values) for name, values in figures.items()},
            }
        )
        folder = self._folder / day.isoformat()
        try:
            folder.mkdir(exist_ok=True)
            number = 1 + max(
                (int(p.stem[5:]) for p in folder.glob("part-??????.parquet")), default=0
            )
            path = folder / f"part-{number:06}.parquet"
            draft = path.with_suffix(f".{os.getpid()}.draft")
            pq.write_table(table, draft, compression="zstd")
            draft.replace(path)
        except OSError as error:
            raise self._failed(error) from None
        self.written += len(data)
        self._days[day] = []

    def _failed(self, error: OSError) -> StateError:
        return StateError(
            f"The recording in {self._folder} can't be written ({error.strerror or error}). Make "
            "room or make the folder writable."
        )
