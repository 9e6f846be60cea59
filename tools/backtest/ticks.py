"""The trades or quotes of one symbol on a tape: what orders meet one by one."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from math import isnan

import numpy as np

from tools.domain.errors import InputError
from tools.domain.instrument import Instrument
from tools.domain.market import Quote, Tick
from tools.market_data.columns import (
    Floats,
    QuoteColumns,
    TickColumns,
    Times,
    moment_of,
    nanoseconds,
)
from tools.streaming.recording import exact


class On(StrEnum):
    """What a run is played on: what its orders meet."""

    BARS = "bars"
    QUOTES = "quotes"
    TRADES = "trades"

    @classmethod
    def parse(cls, text: str) -> On:
        """The one of this name; InputError for another."""
        try:
            return cls(text.strip().lower())
        except ValueError:
            there = ", ".join(cls)
            raise InputError(f"A run is on {there}, was {text.strip()[:20]!r}.") from None


@dataclass(frozen=True, slots=True, eq=False)
class Ticks:
    """Sound rows only, ordered by when each was ``known``; there is at least one.

    ``volume`` is what was traded by each row: the size of a trade, and of quotes the trades since
    the row before where a feed tells them, else zero.
    """

    listed: Instrument
    feed: str
    columns: TickColumns | QuoteColumns
    volume: Floats
    left_out: Mapping[str, int] = field(default_factory=dict)

    @property
    def known(self) -> Times:
        """When each row was known, int64 nanoseconds since 1970 UTC."""
        return self.columns.known

    @property
    def price(self) -> Floats:
        """The price of each trade, or the middle of each quote."""
        if isinstance(self.columns, TickColumns):
            return self.columns.price
        middle: Floats = (self.columns.bid + self.columns.ask) / 2
        return middle

    def count(self, moment: datetime) -> int:
        """How many rows are known at ``moment`` (aware)."""
        return int(np.searchsorted(self.known, nanoseconds(moment), side="right"))

    def events(self, after: datetime, until: datetime) -> Sequence[Quote | Tick]:
        """What was first known after ``after`` and by ``until``, oldest first."""
        return [self.row(n) for n in range(self.count(after), self.count(until))]

    def standing(self, at: datetime) -> Quote | None:
        """The last quote known at ``at``, of the same day (UTC); None of trades."""
        count = self.count(at)
        if isinstance(self.columns, TickColumns) or not count:
            return None
        found = self.row(count - 1)
        same = isinstance(found, Quote) and found.known_at.date() == at.date()
        return found if same and isinstance(found, Quote) else None

    def row(self, number: int) -> Quote | Tick:
        """One row, its numbers by their shortest decimals."""
        rows, symbol = self.columns, self.listed.symbol
        at, known = moment_of(rows.time[number]), moment_of(rows.known[number])
        if isinstance(rows, TickColumns):
            return Tick(symbol, exact(rows.price[number]), exact(rows.size[number]), at, known)
        sizes = (float(rows.bid_size[number]), float(rows.ask_size[number]))
        told = [None if isnan(size) else exact(size) for size in sizes]
        prices = exact(rows.bid[number]), exact(rows.ask[number])
        return Quote(symbol, *prices, at, known, self.feed, False, *told)

    def fingerprint(self) -> str:
        """SHA-256 over every row."""
        digest = hashlib.sha256(repr(self.listed).encode())
        rows = self.columns
        names = ("price", "size") if isinstance(rows, TickColumns) else (
            "bid", "ask", "bid_size", "ask_size",
        )  # fmt: skip
        for name in ("time", "known", *names):
            digest.update(np.ascontiguousarray(getattr(rows, name)).tobytes())
        digest.update(np.ascontiguousarray(self.volume).tobytes())
        return digest.hexdigest()
