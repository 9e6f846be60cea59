"""What currencies were worth at each moment of a run, by the very function that the desk asks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from decimal import Decimal

import numpy as np

from tools.backtest.actions import KnownActions
from tools.backtest.finding import Finding
from tools.backtest.tape import Tape
from tools.domain.actions import Dividend
from tools.domain.errors import InputError
from tools.market_data.columns import Floats, Times, moment_of, nanoseconds
from tools.portfolio.costing import ONE
from tools.portfolio.marks import RATE_KEPT, marks_at, rate, spelled, ways

LONGEST = timedelta(days=31)
"""A run with an older rate than this is refused: its equity would be a guess."""

STALE_NS = (RATE_KEPT // timedelta(microseconds=1) + 1) * 1000


class Rates:
    """The rates of ``currencies`` into the account's, as they were known at each moment.

    A rate holds until the next one is known. The desk takes one that is older than ``RATE_KEPT``
    for none and lets no order through; here the last one still counts what is held, and
    ``findings`` tells it.
    """

    def __init__(self, tape: Tape, into: str, currencies: Iterable[str]) -> None:
        """``tape`` has the pairs, hidden or played."""
        self.into = into
        self.currencies = tuple(sorted({*currencies} - {into}))
        self._tape = tape
        self.pairs: Mapping[str, tuple[str, ...]] = {
            one: _pairs(tape, one, into) for one in self.currencies
        }
        played = {*tape.pairs, *tape.series}
        names = {name for names in self.pairs.values() for name in names} & played
        known = [(tape.pairs.get(name) or tape.series[name]).known for name in sorted(names)]
        changed = np.concatenate([np.zeros(0, np.int64), *known])
        # Between two of these moments no rate changes.
        self._edges: Times = np.unique(np.concatenate([changed, changed + STALE_NS]))
        self._told: dict[tuple[str, int], Decimal | None] = {}
        self._now: tuple[int, Mapping[str, float]] = (-1, {})

    def exact(self, currency: str, at: datetime) -> Decimal:
        """The last rate known at ``at`` (aware UTC); InputError before the first."""
        if currency == self.into:
            return ONE
        found = self._last(currency, self._place(nanoseconds(at)))
        if found is None:
            raise InputError(self._unknown(currency, at))
        return found

    def now(self, at: int) -> Mapping[str, float]:
        """Every currency's at a moment (nanoseconds), the same object until one changes."""
        place = self._place(at)
        if self._now[0] != place or not self._now[1]:
            when = moment_of(at)
            both = {one: float(self.exact(one, when)) for one in (self.into, *self.currencies)}
            self._now = place, both
        return self._now[1]

    def column(self, currency: str, moments: Times) -> Floats:
        """The last rate known at each moment, shape ``(n,)``."""
        if currency == self.into:
            return np.ones(len(moments))
        places, back = np.unique(self._edges.searchsorted(moments, "right"), return_inverse=True)
        found = [self._last(currency, int(place) - 1) for place in places]
        values = np.array([np.nan if one is None else float(one) for one in found])
        column: Floats = values[back]
        return column

    def check(self, moments: Times) -> None:
        """InputError where a run over these moments lacks a rate, or has none for too long."""
        first = moment_of(int(moments[0]))
        for currency in self.currencies:
            if self._last(currency, self._place(int(moments[0]))) is None:
                raise InputError(self._unknown(currency, first))
            for since, until in self._holes(currency, moments):
                if until - since > LONGEST:
                    raise InputError(
                        f"{self._named(currency)} tells nothing from {since:%Y-%m-%d} to "
                        f"{until:%Y-%m-%d}, so nobody knows what {currency} was worth then. Fill "
                        "its file in, or end the run before with --to or begin it after with "
                        "--from."
                    )

    def findings(self, moments: Times) -> Iterator[Finding]:
        """Where each rate is from, and where it was too old for the desk."""
        for currency in self.currencies:
            yield Finding(
                "currency",
                "",
                "",
                f"{currency} is counted in {self.into} by the daily closes of "
                f"{self._named(currency)}, as they were known. Nothing is exchanged: what is "
                f"bought in {currency} is owed in {currency}, as the desk books it, without "
                "interest.",
            )
            for since, until in self._holes(currency, moments):
                yield Finding(
                    "old rate",
                    f"{since:%Y-%m-%d}",
                    "",
                    f"{self._named(currency)} tells nothing from {since:%Y-%m-%d} to "
                    f"{until:%Y-%m-%d}. A rate older than {RATE_KEPT.days} days is none to the "
                    f"desk: orders in {currency}, and all orders while any is held, are refused "
                    "then. The account is counted at the last one.",
                )

    def _holes(self, currency: str, moments: Times) -> Iterator[tuple[datetime, datetime]]:
        """From the last rate to the last moment without a fresh one, for each stretch of these."""
        places = self._edges.searchsorted(moments, "right") - 1
        fresh = {p: self._fresh(currency, p) is not None for p in set(places.tolist())}
        flags = np.array([not fresh[place] for place in places.tolist()])
        edges = np.flatnonzero(np.diff(np.concatenate([[False], flags, [False]])))
        for begun, end in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
            place = int(places[begun])
            while place > 0 and self._fresh(currency, place - 1) is None:
                place -= 1
            since = moment_of(int(self._edges[place]) - STALE_NS)
            yield since, moment_of(int(moments[end - 1]))

    def _place(self, at: int) -> int:
        return int(self._edges.searchsorted(at, "right")) - 1

    def _last(self, currency: str, place: int) -> Decimal | None:
        """The newest that was ever fresh up to there."""
        while place >= 0:
            found = self._fresh(currency, place)
            if found is not None:
                return found
            place -= 1
        return None

    def _fresh(self, currency: str, place: int) -> Decimal | None:
        """What the desk is told between an edge and the next."""
        if place < 0:
            return None
        key = currency, place
        if key not in self._told:
            at = moment_of(int(self._edges[place]))
            self._told[key] = rate(marks_at(self._tape, at), currency, self.into, at)
        return self._told[key]

    def _named(self, currency: str) -> str:
        return " and ".join(self.pairs[currency]) or f"{currency}/{self.into}"

    def _unknown(self, currency: str, at: datetime) -> str:
        if not self.pairs.get(currency):
            return (
                f"Something is paid in {currency}, and no feed has daily bars of "
                f"{currency}/{self.into}: put a file {currency}-{self.into}.csv into the folder "
                "of TOLLGATE_DATA."
            )
        first = next(
            (f" on {moment_of(int(self._edges[place])):%Y-%m-%d}"
             for place in range(len(self._edges)) if self._fresh(currency, place) is not None),
            "",
        )  # fmt: skip
        return (
            f"The first rate of {currency}, by {self._named(currency)}, is known{first}, and the "
            f"run begins on {at:%Y-%m-%d}, before it. Begin it after that day with --from, or put "
            "older rates into the pair's file."
        )


def rates_of(tape: Tape, into: str, actions: KnownActions) -> Rates | None:
    """Of every currency that the run can come to hold; None where that is the account's alone."""
    listed = {one.listed.currency for one in tape.series.values()}
    paid = {
        action.currency
        for symbol in tape.series
        for action in actions.of(symbol)
        if isinstance(action, Dividend)
    }
    return Rates(tape, into, listed | paid) if (listed | paid) - {into} else None


def _pairs(tape: Tape, currency: str, into: str) -> tuple[str, ...]:
    """The symbols of the first way that the tape has whole; empty without one."""
    for way in ways(currency, into):
        names = [
            next((s for s, _ in spelled(*step) if s in tape.series or s in tape.pairs), "")
            for step in way
        ]
        if all(names):
            return tuple(names)
    return ()
