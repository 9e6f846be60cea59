"""The user's own data: a folder with SYMBOL.csv or .parquet, SYMBOL_1m, .trades and .quotes."""

from __future__ import annotations

import os
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from tools.domain.actions import Dividend
from tools.domain.errors import DataUnavailable, InputError
from tools.domain.instrument import Instrument
from tools.domain.market import Bar
from tools.domain.timeframe import DAILY, Timeframe
from tools.market_data.reading.daily import bars as bars_of
from tools.market_data.reading.daily import read_dividends
from tools.market_data.reading.naming import Content, Named, named
from tools.market_data.reading.tables import read_table
from tools.market_data.symbols import listing
from tools.ports import Clock

if TYPE_CHECKING:  # arrays are loaded when first asked for
    from tools.market_data.columns import BarColumns, QuoteColumns, TickColumns, Times
    from tools.market_data.reading.series import Read

Stamp = tuple[int, int]
SHORTEST = timedelta(microseconds=1)


class FilesFeed:
    """Reads a file when its symbol is first asked for, and again when the file has changed.

    ``BTC-USD.csv`` holds daily bars of BTC/USD, ``IBM_5m.csv`` shorter ones, ``IBM.trades.csv`` and
    ``IBM.quotes.csv`` what their names say, each raw: ``quality`` checks it. Everything is a US
    dollar equity on New York's calendar except pairs, which are crypto or forex, and India's
    ``.NS`` and ``.BO``. A broken file raises DataUnavailable for its symbol alone.
    """

    name = "files"
    live = False

    def __init__(self, folder: Path, clock: Clock | None = None) -> None:
        """``folder`` may be missing or empty; it is looked at anew for each question.

        ``clock.wall()`` tells which bars can't have happened yet.
        """
        self._folder = folder
        self._clock = clock
        self._parsed: dict[Path, tuple[Stamp, tuple[Bar, ...]]] = {}
        self._paid: dict[Path, tuple[Stamp, tuple[Dividend, ...]]] = {}
        self._series: dict[Path, tuple[Stamp, Read]] = {}

    def symbols(self) -> tuple[str, ...]:
        """One for each file of daily bars."""
        return tuple(sorted(one.symbol for one in self._listed() if one.timeframe == DAILY))

    def instrument(self, symbol: str) -> Instrument | None:
        """The listing that the symbol's shape implies; the file itself is not opened."""
        there = any(one.symbol == symbol for one in self._listed())
        return listing(symbol, symbol, "FILE") if there else None

    def bars(self, symbol: str) -> tuple[Bar, ...] | None:
        """The file's bars; DataUnavailable when it is broken or there are two for the symbol."""
        found = self._path(Named(symbol, Content.BARS, DAILY))
        if found is None:
            return None
        path, stamp = found
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

    def dividends(self, symbol: str) -> tuple[Dividend, ...] | None:
        """As in DividendsFeed: of the column ``dividends`` of the file of daily bars."""
        found = self._path(Named(symbol, Content.BARS, DAILY))
        if found is None:
            return None
        path, stamp = found
        cached = self._paid.get(path)
        if cached is None or cached[0] != stamp:
            cached = stamp, read_dividends(read_table(path), listing(symbol, symbol, "FILE"))
            self._paid[path] = cached
        return cached[1]

    def label(self, symbol: str) -> str:
        """file:IBM.csv."""
        paths = self._listed().get(Named(symbol, Content.BARS, DAILY))
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

    @property
    def timeframes(self) -> tuple[Timeframe, ...]:
        """Of the shorter bars that there is any file of, shortest first."""
        found = {one.timeframe for one in self._listed() if one.timeframe is not None}
        return tuple(sorted((f for f in found if f.intraday), key=lambda frame: frame.length))

    def range(
        self, symbol: str, timeframe: Timeframe, start: datetime, end: datetime
    ) -> BarColumns | None:
        """As in IntradayFeed; InputError for a timeframe that there is no file of at all.

        DataUnavailable when the file is broken.
        """
        from tools.market_data.columns import BarColumns

        if timeframe not in self.timeframes:
            raise InputError(
                f"There is no file of bars of {timeframe} here, such as {symbol}_{timeframe}.csv."
            )
        found = self._read(Named(symbol, Content.BARS, timeframe))
        if not isinstance(found, BarColumns):
            return None
        first, _ = _between(found.start, start, end)
        _, last = _between(found.known, start, end + SHORTEST)
        return found.rows(first, max(first, last))

    def trades(self, symbol: str, start: datetime, end: datetime) -> TickColumns | None:
        """As in TradesFeed; DataUnavailable when the file is broken."""
        from tools.market_data.columns import TickColumns

        found = self._read(Named(symbol, Content.TRADES, None))
        if not isinstance(found, TickColumns):
            return None
        return found.rows(*_between(found.time, start, end))

    def quotes(self, symbol: str, start: datetime, end: datetime) -> QuoteColumns | None:
        """As in QuotesFeed; DataUnavailable when the file is broken."""
        from tools.market_data.columns import QuoteColumns

        found = self._read(Named(symbol, Content.QUOTES, None))
        if not isinstance(found, QuoteColumns):
            return None
        return found.rows(*_between(found.time, start, end))

    def _read(self, name: Named) -> BarColumns | TickColumns | QuoteColumns | None:
        from tools.market_data.columns import nanoseconds
        from tools.market_data.reading.series import read_series

        if name.timeframe is not None and not name.timeframe.intraday:
            return None
        found = self._path(name)
        if found is None:
            return None
        path, stamp = found
        cached = self._series.get(path)
        if cached is None or cached[0] != stamp:
            cached = stamp, read_series(path, name)
            self._series[path] = cached
        columns = cached[1].columns
        if self._clock is not None and columns.known[-1] > nanoseconds(self._clock.wall()):
            raise DataUnavailable(
                f"{path.name}: its last row has not happened yet. Correct that row's time."
            )
        return columns

    def _path(self, name: Named) -> tuple[Path, Stamp] | None:
        """The file and how it stands; DataUnavailable when there are two."""
        paths = self._listed().get(name)
        if paths is None:
            return None
        if len(paths) > 1:
            raise DataUnavailable(
                f"There are several files for {name.symbol}: "
                f"{', '.join(sorted(path.name for path in paths))}. Keep one."
            )
        try:
            status = paths[0].stat()
        except OSError:
            return None  # deleted a moment ago
        return paths[0], (status.st_mtime_ns, status.st_size)

    def _listed(self) -> dict[Named, list[Path]]:
        """What the files hold by their names; other names are passed over."""
        found: dict[Named, list[Path]] = {}
        try:
            entries = sorted(entry.name for entry in os.scandir(self._folder) if entry.is_file())
        except OSError:
            return found
        for entry in entries:
            path = self._folder / entry
            name = named(path)
            if name is not None:
                found.setdefault(name, []).append(path)
        return found


def _between(times: Times, start: datetime, end: datetime) -> tuple[int, int]:
    """The rows from ``start`` until before ``end``."""
    from tools.market_data.columns import nanoseconds

    first, last = times.searchsorted([nanoseconds(start), nanoseconds(end)])
    return int(first), max(int(first), int(last))
