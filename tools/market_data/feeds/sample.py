"""Real daily prices inside the installed package bokeh_sampledata: no network, no key.

AAPL, IBM and MSFT from 2000-03-01, GOOG from 2004-08-19, FB from 2012-05-18, all to 2013-03-01;
raw OHLCV as traded and adjusted closes (public domain, Quandl WIKI).
"""

from __future__ import annotations

import gzip
import importlib.util
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from pathlib import Path

from tools.domain.errors import DataUnavailable
from tools.domain.instrument import AssetClass, Instrument
from tools.domain.market import Bar
from tools.market_data.sessions import xnys

COMPANIES = {
    "AAPL": ("Apple Inc.", "XNAS"),
    "FB": ("Facebook Inc.", "XNAS"),
    "GOOG": ("Google Inc.", "XNAS"),
    "IBM": ("International Business Machines Corp.", "XNYS"),
    "MSFT": ("Microsoft Corp.", "XNAS"),
}
LAST_SESSION = date(2013, 3, 1)
HEADER = b"Ticker,Date,Open,High,Low,Close,Volume,Adj Close"


def _file() -> Path:
    """Where the data lies; found without importing the package's modules, which parse it all."""
    spec = importlib.util.find_spec("bokeh_sampledata")
    if spec is None or spec.origin is None:
        raise DataUnavailable(
            "The sample prices are missing: install the package bokeh_sampledata."
        )
    return Path(spec.origin).with_name("_data") / "stocks.csv.gz"


@lru_cache(maxsize=1)
def _lines_by_symbol() -> dict[str, list[bytes]]:
    """The package's lines, unparsed, by ticker: 12,154 rows in about 10 ms."""
    try:
        header, *lines = gzip.decompress(_file().read_bytes()).splitlines()
    except (OSError, EOFError, ValueError) as error:
        raise DataUnavailable(
            f"The sample prices cannot be read ({error}): reinstall the package bokeh_sampledata."
        ) from None
    if header != HEADER:
        raise DataUnavailable(
            "The sample prices have other columns than expected: install the pinned version of "
            "bokeh_sampledata."
        )
    found: dict[str, list[bytes]] = {}
    for line in lines:
        found.setdefault(line.partition(b",")[0].decode(), []).append(line)
    return found


def _bar(line: bytes) -> Bar:
    """One line as a Bar; every Decimal comes from the text in the file."""
    symbol, day, opened, high, low, close, volume, adjusted = line.decode().split(",")
    session = date.fromisoformat(day)
    opens, closes = xnys(session)
    return Bar(
        symbol,
        session,
        opens,
        closes,
        Decimal(opened),
        Decimal(high),
        Decimal(low),
        Decimal(close),
        Decimal(volume),
        Decimal(adjusted),
    )


@lru_cache(maxsize=len(COMPANIES))
def _bars(symbol: str) -> tuple[Bar, ...]:
    return tuple(_bar(line) for line in _lines_by_symbol()[symbol])


class SampleFeed:
    """The default feed; each symbol is parsed when it is first asked for, once per process."""

    name = "sample"
    live = False

    def symbols(self) -> tuple[str, ...]:
        """The five companies, without touching the disk."""
        return tuple(sorted(COMPANIES))

    def instrument(self, symbol: str) -> Instrument | None:
        """The company's listing, None for every other symbol."""
        if symbol not in COMPANIES:
            return None
        name, venue = COMPANIES[symbol]
        return Instrument(symbol, name, venue, AssetClass.EQUITY, "USD")

    def bars(self, symbol: str) -> tuple[Bar, ...] | None:
        """All bars, None for every other symbol; DataUnavailable when the package is broken."""
        return _bars(symbol) if symbol in COMPANIES else None

    def label(self, symbol: str) -> str:
        """The same for every symbol."""
        return self.name

    def latest(self) -> datetime | None:
        """The close of the last session in the data: 2013-03-01 21:00 UTC."""
        return xnys(LAST_SESSION)[1]

    def notice(self) -> str:
        """Nothing: it is always there."""
        return ""
