"""What a file holds, by its name: IBM.csv, IBM_1m.csv, IBM.trades.csv, IBM.quotes.parquet."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from tools.domain.errors import InputError
from tools.domain.timeframe import DAILY, Timeframe
from tools.market_data.symbols import canonical

SUFFIXES = (".csv", ".parquet")


class Content(StrEnum):
    """What a file's rows are."""

    BARS = "bars"
    TRADES = "trades"
    QUOTES = "quotes"


@dataclass(frozen=True, slots=True)
class Named:
    """``timeframe`` is that of bars, None of trades and quotes."""

    symbol: str
    content: Content
    timeframe: Timeframe | None


def named(path: Path) -> Named | None:
    """None for a file whose name says none of it. ``BTC-USD_1h.csv`` holds hours of BTC/USD."""
    if path.suffix.lower() not in SUFFIXES:
        return None
    stem = path.stem
    try:
        for content in (Content.TRADES, Content.QUOTES):
            if stem.lower().endswith(f".{content}"):
                return Named(canonical(stem[: -len(content) - 1]), content, None)
        symbol, line, frame = stem.rpartition("_")
        if line:
            return Named(canonical(symbol), Content.BARS, Timeframe.parse(frame))
        return Named(canonical(stem), Content.BARS, DAILY)
    except InputError:
        return None
