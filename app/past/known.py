"""The market as the agents of a run are shown it: the run's own bars, up to its clock."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from datetime import datetime

from tools.backtest.tape import Tape
from tools.domain.errors import DataUnavailable, InputError
from tools.domain.instrument import Instrument
from tools.domain.market import AsOf, Bar, Quote
from tools.market_data.columns import nanoseconds
from tools.market_data.symbols import canonical
from tools.ports import Clock


class KnownMarket:
    """Implements ``MarketData`` over a tape, and refuses whatever is later than ``clock``.

    Only what is on the tape can be asked about, so its hash is that of all that was seen. Whoever
    asks as of a later moment gets InputError, however the question came here.
    """

    def __init__(self, tape: Tape, clock: Clock) -> None:
        """``clock`` is the run's."""
        self._tape, self._clock = tape, clock
        self._last: dict[str, AsOf] = {}

    def instruments(self) -> tuple[Instrument, ...]:
        """The run's symbols that have a bar by now."""
        now = self._clock.now()
        return tuple(one for one in self._tape.instruments() if self._count(one.symbol, now))

    def instrument(self, symbol: str) -> Instrument:
        """The listing; DataUnavailable for one that has no bar yet or is not of this run."""
        listed = self._tape.instrument(canonical(symbol))
        self._some(listed.symbol, self._clock.now())
        return listed

    def history(self, symbol: str, as_of: datetime) -> AsOf:
        """Every daily bar known at ``as_of``, oldest first."""
        name = self._tape.instrument(canonical(symbol)).symbol
        count = self._some(name, self._not_later(as_of))
        kept = self._last.get(name)
        if kept is None or len(kept.bars) != count or kept.now != as_of:
            one = self._tape.series[name]
            kept = self._last[name] = AsOf(name, as_of, tuple(one.bars[:count]), one.feed)
        return kept

    def quote(self, symbol: str, as_of: datetime) -> Quote:
        """The quote that the desk and the venue see as well."""
        name = self._tape.instrument(canonical(symbol)).symbol
        self._some(name, self._not_later(as_of))
        return self._tape.quote(name, as_of)

    def bars_after(self, symbol: str, moment: datetime, until: datetime) -> Sequence[Bar]:
        """Bars that opened at or after ``moment`` and were known by ``until``."""
        return self._tape.bars_after(canonical(symbol), moment, self._not_later(until))

    def latest(self) -> datetime:
        """The run's moment: nothing later is known."""
        return min(self._tape.latest(), self._clock.now())

    def _not_later(self, moment: datetime) -> datetime:
        now = self._clock.now()
        if moment > now:
            raise InputError(
                f"this run has come to {now:%Y-%m-%d %H:%M} UTC: nothing later can be asked about, "
                f"was {moment:%Y-%m-%d %H:%M}"
            )
        return moment

    def _some(self, symbol: str, moment: datetime) -> int:
        count = self._count(symbol, moment)
        if not count:
            raise DataUnavailable(f"There are no prices of {symbol} yet on {moment:%Y-%m-%d}.")
        return count

    def _count(self, symbol: str, moment: datetime) -> int:
        return bisect_right(self._tape.series[symbol].known, nanoseconds(moment))
