"""The user's own daily bars: a folder with SYMBOL.csv or SYMBOL.parquet."""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path

from tools.domain.errors import DataUnavailable, InputError
from tools.domain.instrument import Instrument
from tools.domain.market import Bar
from tools.market_data.feeds.rows import bars as bars_of
from tools.market_data.feeds.tables import read_table
from tools.market_data.symbols import canonical, listing
from tools.ports import Clock

SUFFIXES = (".csv", ".parquet")


class FilesFeed:
    """Reads a file when its symbol is first asked for, and again when the file has changed.

    ``BTC-USD.csv`` holds BTC/USD. Everything is a US dollar equity on New York's calendar except
    pairs, which are crypto or forex. A broken file raises DataUnavailable for its symbol alone.
    """

    name = "files"
    live = False

    def __init__(self, folder: Path, clock: Clock | None = None) -> None:
        """``folder`` may be missing or empty; it is looked at anew for each question.

        ``clock.wall()`` tells which bars can't have happened yet.
        """
        self._folder = folder
        self._clock = clock
        self._parsed: dict[Path, tuple[tuple[int, int], tuple[Bar, ...]]] = {}

    def symbols(self) -> tuple[str, ...]:
        """One for each file whose name is a symbol."""
        return tuple(sorted(self._listed()))

    def instrument(self, symbol: str) -> Instrument | None:
        """The listing that the symbol's shape implies; the file itself is not opened."""
        return listing(symbol, symbol, "FILE") if symbol in self._listed() else None

    def bars(self, symbol: str) -> tuple[Bar, ...] | None:
        """The file's bars; DataUnavailable when it is broken or there are two for the symbol."""
        paths = self._listed().get(symbol)
        if paths is None:
            return None
        if len(paths) > 1:
            raise DataUnavailable(
                f"There are several files for {symbol}: "
                f"{', '.join(sorted(path.name for path in paths))}. Keep one."
            )
        path = paths[0]
        try:
            status = path.stat()
        except OSError:
            return None  # deleted a moment ago
        stamp = status.st_mtime_ns, status.st_size
        cached = self._parsed.get(path)
        if cached is None or cached[0] != stamp:
            cached = stamp, bars_of(read_table(path), listing(symbol, symbol, "FILE"))
            self._parsed[path] = cached
        last = cached[1][-1].session
        if self._clock is not None and last > self._clock.wall().date():
            # One mistyped year would move the whole desk's clock there.
            raise DataUnavailable(
                f"{path.name}: the session {last} has not happened yet. Correct that row's date."
            )
        return cached[1]

    def label(self, symbol: str) -> str:
        """file:IBM.csv."""
        paths = self._listed().get(symbol)
        return f"file:{paths[0].name}" if paths else self.name

    def latest(self) -> datetime | None:
        """The last close in any readable file; reads them all."""
        moments = []
        for symbol in self.symbols():
            try:
                found = self.bars(symbol)
            except DataUnavailable:
                continue
            if found:
                moments.append(found[-1].known_at)
        return max(moments, default=None)

    def notice(self) -> str:
        """Nothing: a missing file is no failure."""
        return ""

    def _listed(self) -> dict[str, list[Path]]:
        """Symbol to files; names that are no symbol are passed over."""
        found: dict[str, list[Path]] = {}
        try:
            entries = sorted(entry.name for entry in os.scandir(self._folder) if entry.is_file())
        except OSError:
            return found
        for name in entries:
            path = self._folder / name
            if path.suffix.lower() in SUFFIXES:
                try:
                    found.setdefault(canonical(path.stem), []).append(path)
                except InputError:
                    continue
        return found
