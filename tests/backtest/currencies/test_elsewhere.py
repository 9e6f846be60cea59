"""Searches, other pasts, reports, the tool and the desk of today in several currencies."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import numpy as np
import pytest

from app.cli import run as command
from tests.app.agents_past import played
from tests.backtest.currencies.world import rates_of, world
from tests.backtest.past import START, bars_of, over, ran, walk, written
from tests.backtest.pricefiles import days
from tests.backtest.pricefiles import ran as ran_by_hand
from tests.backtest.search.searched import hands, search, sized, swept, walked
from tests.doubles import FakeClock
from tools.assembly import assemble
from tools.backtest.benchmarks import HOLD
from tools.backtest.now import propose_now
from tools.backtest.other_pasts.near import again
from tools.backtest.other_pasts.redrawn import Redrawn, drawn_days
from tools.backtest.pairs import currency_of
from tools.backtest.report.cost_steps import cost_steps
from tools.backtest.report.page import page
from tools.backtest.report.shapes import Run, shaped
from tools.backtest.search.folds import Walk
from tools.backtest.search.quick import quick_sweep
from tools.backtest.series import CLOSE
from tools.catalog.backtests import BacktestTools
from tools.clock import SimulatedClock
from tools.domain.errors import InputError
from tools.settings import load_settings

D = Decimal
BUYS = "context.target('SAP', 0.02 * SIZE if context.bars('SAP') % 9 < 5 else 0)"
BOTH = ("IBM", "SAP")


@pytest.fixture
def strategy(tmp_path):
    return sized(tmp_path, BUYS)


def test_each_point_of_a_sweep_is_the_run_in_the_account_s_currency(tmp_path, strategy):
    past = world(80)
    asked = search(strategy, {"size": "10,20"}, BOTH, currency="EUR")
    found = swept(tmp_path, past, asked)
    assert found["record"]["currency"] == "EUR"
    for point in found["points"]:
        alone = ran(past, strategy, BOTH, params=point["params"], currency="EUR")
        assert point["run"] == alone["id"]
        assert point["figures"] == alone["figures"]


def test_a_walk_forward_is_beside_what_doing_little_gave_in_its_currency(tmp_path, strategy):
    past = world(90)
    asked = search(strategy, {"size": "10,20"}, BOTH, currency="EUR")
    found = walked(tmp_path, past, asked, Walk(40, 40, 5))
    assert found["record"]["currency"] == "EUR"
    fold = found["folds"][0]
    first, last = map(date.fromisoformat, fold["judge"])
    asked = {"start": first, "end": last, "params": fold["params"], "currency": "EUR"}
    alone = ran(past, strategy, BOTH, **asked)
    size = len(alone["curve"]["at"])
    assert found["curve"]["equity"][:size] == pytest.approx(alone["curve"]["equity"])
    assert found["curve"][HOLD][:size] == pytest.approx(alone["curve"][HOLD])


def test_the_compiled_engine_steps_aside(tmp_path):
    past = world(80)
    backtester = over(past)
    asked = search("dual_moving_average", symbols=("SAP",), currency="USD")
    with pytest.raises(InputError, match="The compiled engine has no rates: SAP trades in EUR"):
        quick_sweep(backtester, asked, 2, hands(tmp_path, backtester))
    own = search("dual_moving_average", symbols=("SAP",), currency="EUR")
    assert quick_sweep(backtester, own, 2, hands(tmp_path, backtester))["points"]


def test_a_kept_run_is_played_again_in_its_currency(strategy):
    past = world(60)
    first = ran(past, strategy, BOTH, currency="EUR")
    assert over(past).run(again(first["record"])).document == first


def test_redrawn_rates_move_on_the_same_drawn_days_as_prices(strategy):
    past = world(60)
    tester = over(past)
    record = tester.run(again(ran(past, strategy, BOTH)["record"])).record
    tape = tester.read(past, BOTH, again(record.plain()).timeframe, past.latest(), "USD")
    read = Redrawn(tester, past.bars["IBM"][0].known_at, tape.hash, 5.0, 3, 1)
    drawn = read(past, BOTH, tape.timeframe, past.latest(), "USD")
    places = np.searchsorted(tape.pairs["EUR/USD"].known, tape.series["IBM"].known, "right") - 1
    days = drawn_days(len(places) - 1, 5.0, 3, 1)
    was = tape.pairs["EUR/USD"].values[places, CLOSE]
    rate = drawn.pairs["EUR/USD"].values[:, CLOSE]
    assert rate[1:] / rate[:-1] == pytest.approx(was[days + 1] / was[days], rel=1e-8)
    assert len(set(days.tolist())) > 20
    assert replace(tester, read=read).run(again(record.plain())).document["fills"]


def test_the_page_tells_each_currency_and_adds_costs_up_in_one(strategy):
    run = ran(world(60), strategy, BOTH)
    drawn = page(run)
    assert ">Currencies</h2>" in drawn
    assert "EUR/USD" in drawn
    once = next(step for step in cost_steps(shaped(Run, run)) if step.times == 1)
    paid = D(run["costs"]["commission"]) + D(run["costs"]["slippage and impact"])
    assert once.paid == pytest.approx(float(paid - D(run["costs"]["borrowing"])), abs=0.05)


def test_the_tool_takes_a_currency_and_tells_what_rates_did():
    past = world(60)
    tools = BacktestTools(FakeClock(past.latest()), lambda: over(past))
    answer = tools.run_backtest("dual_moving_average", list(BOTH), currency="eur",
                                params={"fast": "3", "slow": "10"})  # fmt: skip
    assert answer["currency"] == "EUR"
    assert set(answer["currencies"]) == {"EUR", "USD"}


def test_without_a_currency_it_is_the_symbols_own_or_dollars():
    past = world(5)
    ibm, sap = past.instrument("IBM"), past.instrument("SAP")
    assert currency_of([sap, sap], "") == "EUR"
    assert currency_of([sap, ibm], "") == "USD"
    assert currency_of([ibm], "CHF") == "CHF"


@pytest.fixture
def folder(tmp_path):
    data = tmp_path / "data"
    data.mkdir()
    days(data, bars_of("IBM", walk(60)))
    begun = START - timedelta(days=14)
    days(data, rates_of("EUR/USD", walk(90, 7, 1.2), begun), "EUR-USD")
    days(data, rates_of("EUR/GBP", walk(90, 8, 0.8), begun), "EUR-GBP")
    return data


def test_the_command_reads_rates_from_files(monkeypatch, capsys, folder, tmp_path):
    path = written(tmp_path, "for s in context.fresh: context.target(s, 0.3)")
    run = ran_by_hand(monkeypatch, capsys, folder, path, "-s", "IBM", "--currency", "gbp")
    assert run["record"]["currency"] == "GBP"
    assert sorted(run["currencies"]["USD"]["pairs"]) == ["EUR/GBP", "EUR/USD"]
    assert command(["backtest", "report", run["id"]]) == 0
    assert "Currencies at the end" in capsys.readouterr().out
    assert command(["backtest", "run", path, "-s", "IBM", "--currency", "CHF"]) == 2
    assert "USD-CHF.csv" in capsys.readouterr().err


def test_the_agents_keep_an_account_in_another_currency():
    run = played(world(30), "Buy 10 IBM.", every="10", currency="EUR")
    assert run["record"]["currency"] == "EUR"
    assert run["fills"]
    assert {fill["currency"] for fill in run["fills"]} == {"USD"}
    assert run["currencies"]["USD"]["cash"] < 0


def test_the_desk_of_today_is_asked_for_the_sizes_of_the_past(monkeypatch, folder, tmp_path):
    monkeypatch.setenv("TOLLGATE_DATA", str(folder))
    monkeypatch.setenv("TOLLGATE_FEED", "files")
    path = written(tmp_path, "context.target('EUR/GBP', 0.1)")
    at = rates_of("EUR/GBP", [1.0] * 30)[-1].known_at
    house = assemble(load_settings(), now=SimulatedClock(at).now)
    [record], _ = propose_now(house.desk, path, ["EUR/GBP"], {})
    mark = {s: house.desk.market.history(s, at).bars[-1].close for s in ("EUR/GBP", "EUR/USD")}
    worth = record.order.quantity * mark["EUR/USD"]
    assert float(worth) == pytest.approx(0.1 * float(house.desk.proposals.snapshot().cash), abs=2)


def test_the_desk_of_today_without_a_rate_is_a_sentence(monkeypatch, folder, tmp_path):
    monkeypatch.setenv("TOLLGATE_DATA", str(folder))
    monkeypatch.setenv("TOLLGATE_FEED", "files")
    (folder / "EUR-USD.csv").unlink()
    path = written(tmp_path, "context.target('EUR/GBP', 0.1)")
    at = rates_of("EUR/GBP", [1.0] * 30)[-1].known_at
    house = assemble(load_settings(), now=SimulatedClock(at).now)
    with pytest.raises(InputError, match="no rate of GBP of the last 7 days"):
        propose_now(house.desk, path, ["EUR/GBP"], {})
