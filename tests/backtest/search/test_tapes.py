"""Prices are read once for all folds, and a tape that was cut is one that was read."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time
from decimal import Decimal

import pytest

from tests.backtest.past import bars_of, market, sessions, walk
from tests.backtest.search.searched import search, walked
from tests.doubles import FakeMarket
from tools.backtest.reading import read_tape
from tools.backtest.search.folds import Walk
from tools.backtest.search.tapes import Tapes
from tools.domain.errors import DataUnavailable, InputError
from tools.domain.timeframe import DAILY

DAYS = sessions(200)


@dataclass
class Counted(FakeMarket):
    asked: list = field(default_factory=list)

    def history(self, symbol, as_of):
        self.asked.append(symbol)
        return super().history(symbol, as_of)


def end_of(day):
    return datetime.combine(day, time.max, UTC)


def same(one, other):
    assert one.hash == other.hash
    assert one.latest() == other.latest()
    for symbol, series in one.series.items():
        assert list(series.bars) == list(other.series[symbol].bars)
        assert series.feed == other.series[symbol].feed
    assert list(one.series) == list(other.series)


def test_a_tape_that_was_cut_is_the_one_that_reading_gives():
    past = market(200, IBM=1, AAPL=2)
    past.bars["AAPL"] = past.bars["AAPL"][50:]
    tapes = Tapes()
    for count in (199, 60, 120, 61):
        until = end_of(DAYS[count])
        same(
            tapes(past, ("IBM", "AAPL", "ibm"), DAILY, until),
            read_tape(past, ("IBM", "AAPL", "ibm"), DAILY, until),
        )
    with pytest.raises(DataUnavailable, match="no prices of AAPL"):
        tapes(past, ("IBM", "AAPL"), DAILY, end_of(DAYS[20]))


def test_each_symbol_is_read_once_for_all_ends():
    past = Counted({"IBM": bars_of("IBM", walk(200))})
    tapes = Tapes()
    for count in range(50, 200, 10):
        tapes(past, ("IBM",), DAILY, end_of(DAYS[count]))
    assert past.asked == ["IBM"]


def test_a_bar_that_can_t_be_traded_at_is_told_by_who_sees_it_alone():
    bars = bars_of("IBM", walk(200))
    bars[150] = replace(bars[150], low=Decimal(-3))
    past, tapes = FakeMarket({"IBM": bars}), Tapes()
    same(tapes(past, ("IBM",), DAILY, end_of(DAYS[140])),
         read_tape(past, ("IBM",), DAILY, end_of(DAYS[140])))  # fmt: skip
    with pytest.raises(InputError, match="at or below zero"):
        tapes(past, ("IBM",), DAILY, end_of(DAYS[160]))


def test_adjusted_closes_that_end_somewhere_are_those_of_the_part():
    bars = bars_of("IBM", walk(200))
    bars = [replace(b, adjusted_close=b.close / 2) for b in bars[:100]] + [
        replace(b, adjusted_close=None) for b in bars[100:]
    ]
    past, tapes = FakeMarket({"IBM": bars}), Tapes()
    for count in (80, 150):
        until = end_of(DAYS[count])
        same(tapes(past, ("IBM",), DAILY, until), read_tape(past, ("IBM",), DAILY, until))


def test_a_walk_reads_its_prices_twice_whatever_its_folds(tmp_path):
    past = Counted({"IBM": bars_of("IBM", walk(200))})
    found = walked(tmp_path, past, search(grid={"fast": "2,10", "slow": "20"}), Walk(60, 20, 2))
    assert len(found["folds"]) == 7
    assert len(past.asked) == 2  # whoever asks, and the worker
