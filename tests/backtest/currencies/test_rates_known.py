"""A rate is used when it is known: never sooner, never when it is too old, and never a guess."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.backtest.currencies.world import rates_of, world
from tests.backtest.past import ran, written
from tests.backtest.test_look_ahead import FAR
from tools.backtest.pairs import read_pairs
from tools.backtest.rates import Rates
from tools.backtest.series import from_bars
from tools.backtest.tape import Tape
from tools.domain.errors import InputError
from tools.domain.timeframe import DAILY
from tools.market_data.columns import nanoseconds
from tools.portfolio.marks import marks_at, rate

TRADES = "context.target('SAP', 0.4 if context.bars('SAP') % 7 < 4 else 0.1)"
SPY = """
from dataclasses import dataclass

from tests.backtest import test_look_ahead


@dataclass
class Spy:
    def on_bar(self, context):
        context.equity, context.rate("SAP")
        context.order("SAP", 1)
        test_look_ahead.reached(context)
"""


def changed(past, since: int, factor: float = 3.0):
    """Other rates for every one that is known after the bar ``since`` of SAP."""
    at = past.bars["SAP"][since].known_at
    pair = past.bars["EUR/USD"]
    before = [bar for bar in pair if bar.known_at <= at]
    other = [float(bar.close) * factor for bar in pair[len(before) :]]
    later = rates_of("EUR/USD", other, pair[len(before)].session)
    past.bars["EUR/USD"] = before + later
    return past


@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 10_000), since=st.integers(8, 30))
def test_a_later_rate_changes_nothing_before(tmp_path_factory, seed, since):
    path = written(tmp_path_factory.mktemp("own"), TRADES)
    first = ran(world(40, seed), path, ("IBM", "SAP"))
    other = ran(changed(world(40, seed), since), path, ("IBM", "SAP"))
    place = since + 2  # the moment itself is still the same; the curve begins one place before
    for name in first["curve"]:
        assert first["curve"][name][:place] == other["curve"][name][:place]
    assert first["curve"]["equity"] != other["curve"]["equity"]
    limit = first["curve"]["at"][since + 1]
    early = [[f for f in run["fills"] if f["at"] <= limit] for run in (first, other)]
    assert early[0] == early[1]
    assert early[0]


def test_no_later_rate_can_be_reached_from_the_context(tmp_path):
    past = world(30)
    known = past.bars["SAP"][25].known_at
    day = next(bar.session for bar in past.bars["EUR/USD"] if bar.known_at > known)
    kept = [bar for bar in past.bars["EUR/USD"] if bar.known_at <= known]
    past.bars["EUR/USD"] = kept + rates_of("EUR/USD", [FAR] * 20, day)
    path = tmp_path / "spy.py"
    path.write_text(SPY)
    with pytest.raises(Exception, match="AssertionError") as caught:
        ran(past, str(path), ("IBM", "SAP"))
    assert f"{past.bars['SAP'][26].session}" in str(caught.value)  # a bar after, and no sooner


def test_a_run_s_rates_are_those_that_the_desk_is_told():
    past = world(60, 3, EURUSD=1.2, EURGBP=0.8)
    past.money["SAP"] = "GBP"
    del past.bars["EUR/USD"][30:38], past.bars["EUR/GBP"][50:52]
    listed = past.instrument("SAP")
    series = [from_bars(listed, "fake", past.bars["SAP"])]
    pairs = read_pairs(past, [listed], "USD", past.latest())
    rates = Rates(Tape(series, DAILY, pairs=pairs), "USD", ["GBP"])
    told = 0
    for bar in past.bars["SAP"]:
        for at in (bar.event_time, bar.known_at):
            live = rate(marks_at(past, at), "GBP", "USD", at)
            if live is not None:
                told += 1
                assert rates.exact("GBP", at) == live
                assert rates.now(nanoseconds(at))["GBP"] == float(live)
    assert told > 80


def refused(past, **more) -> str:
    with pytest.raises(InputError) as caught:
        ran(past, "momentum", ("IBM", "SAP"), **more)
    return str(caught.value)


def test_a_currency_without_a_pair_is_refused_with_what_would_do():
    past = world(30)
    del past.bars["EUR/USD"]
    said = refused(past)
    assert said.startswith("SAP trades in EUR and the account is in USD, but no feed has usable")
    assert "EUR-USD.csv" in said
    assert "--currency" not in said  # nothing would be gained by it


def test_symbols_of_one_other_currency_can_have_their_own_account():
    past = world(30)
    del past.bars["EUR/USD"]
    with pytest.raises(InputError, match="--currency EUR"):
        ran(past, "momentum", ("SAP",), currency="USD")
    assert ran(past, "momentum", ("SAP",), currency="EUR")["record"]["currency"] == "EUR"


def test_a_pair_that_can_t_be_read_is_told_with_why():
    past = world(30)
    past.bars["EUR/USD"] = rates_of("EUR/USD", [0.0] * 40)
    assert "EUR/USD: EUR/USD, bar of 2010-01-04" in refused(past)


def test_a_rate_that_begins_after_the_run_is_refused_with_its_first_day():
    past = world(30)
    del past.bars["EUR/USD"][:20]
    begins = past.bars["EUR/USD"][0].known_at.date()
    said = refused(past)
    assert f"is known on {begins}" in said
    assert "--from" in said
    late = ran(past, "momentum", ("IBM", "SAP"), start=begins + timedelta(days=1))
    assert late["currencies"]["EUR"]["first_rate"] is not None


def test_rates_that_end_long_before_the_run_are_refused():
    past = world(80)
    del past.bars["EUR/USD"][30:]
    last = past.bars["EUR/USD"][-1].known_at.date()
    said = refused(past)
    assert f"tells nothing from {last} to" in said
    assert "--to" in said
    assert ran(past, "momentum", ("IBM", "SAP"), end=last + timedelta(days=5))


def test_an_old_rate_is_a_finding_and_the_desk_lets_no_order_through(tmp_path):
    past = world(60)
    del past.bars["EUR/USD"][25:40]
    path = written(tmp_path, "context.order('SAP', 10)")
    run = ran(past, path, ("IBM", "SAP"))
    [old] = [one for one in run["findings"] if one["kind"] == "old rate"]
    since = past.bars["EUR/USD"][24].known_at.date()
    assert old["at"] == str(since)
    assert "older than 7 days is none to the desk" in old["sentence"]
    assert run["orders"]["denied"] > 5
    days = [date.fromisoformat(one["at"][:10]) for one in run["refusals"]]
    assert all(since + timedelta(days=7) < day <= since + timedelta(days=22) for day in days)
    # What is held is counted all the same, at the last rate.
    assert len(set(run["curve"]["rate EUR"][20:26])) == 1
    assert None not in run["curve"]["equity"]


@pytest.mark.parametrize("odd", ["eur", "EURO", "E1R", "€"])
def test_a_currency_that_is_none_is_a_sentence(odd):
    assert "three capital letters" in refused(world(30), currency=odd)
