"""The market of a run as its agents are shown it: up to the clock, and no further."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.past.known import KnownMarket
from tests.backtest.past import bars_of, market, walk
from tests.doubles import FakeMarket
from tools.backtest.reading import read_tape
from tools.clock import SimulatedClock
from tools.domain.errors import DataUnavailable, InputError
from tools.domain.timeframe import DAILY
from tools.market_data.bars import BarData

PAST = FakeMarket(market(40).bars | {"NEW": bars_of("NEW", walk(5), start=date(2010, 2, 16))})
BARS = PAST.bars["IBM"]


def at(moment):
    tape = read_tape(PAST, ("IBM", "NEW"), DAILY, PAST.latest())
    return KnownMarket(tape, SimulatedClock(moment))


@given(st.integers(0, 39), st.integers(-5, 5))
def test_it_shows_what_the_desks_own_market_shows_as_of_then(bar, hours):
    moment = BARS[bar].known_at + timedelta(hours=hours)
    if moment < BARS[0].known_at:
        with pytest.raises(DataUnavailable, match="yet"):
            at(moment).history("IBM", moment)
        return
    seen, whole = at(moment).history("IBM", moment), PAST.history("IBM", moment)
    assert (seen.bars, seen.now, seen.feed) == (whole.bars, whole.now, whole.feed)
    assert at(moment).quote("ibm", moment).known_at == whole.bars[-1].known_at
    assert at(moment).latest() <= moment


def test_whatever_is_later_is_refused_and_what_is_earlier_is_cut():
    seen, later = at(BARS[20].known_at), BARS[20].known_at + timedelta(seconds=1)
    for ask in (seen.history, seen.quote):
        with pytest.raises(InputError, match="has come to 2010-02-02 21:00"):
            ask("IBM", later)
    with pytest.raises(InputError, match="nothing later"):
        seen.bars_after("IBM", BARS[0].event_time, later)
    assert len(seen.history("IBM", BARS[7].known_at).bars) == 8
    assert len(seen.history("IBM", BARS[20].known_at).bars) == 21
    assert len(seen.bars_after("IBM", BARS[5].event_time, BARS[9].known_at)) == 5


def test_a_symbol_is_told_of_from_its_first_bar_on():
    before = at(BARS[20].known_at)
    assert [one.symbol for one in before.instruments()] == ["IBM"]
    for ask in (before.instrument, lambda s: before.history(s, before.latest())):
        with pytest.raises(DataUnavailable, match="no prices of NEW yet"):
            ask("NEW")
    after = at(BARS[-1].known_at)
    assert [one.symbol for one in after.instruments()] == ["IBM", "NEW"]


def test_a_symbol_that_is_not_of_the_run_is_unknown():
    with pytest.raises(DataUnavailable, match="This run is about IBM, NEW"):
        at(BARS[20].known_at).history("MSFT", BARS[20].known_at)


def test_bars_within_a_day_are_not_offered():
    assert not isinstance(at(BARS[20].known_at), BarData)
