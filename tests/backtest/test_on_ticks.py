"""Runs on quotes and on trades: what an order gets is what was offered when it came."""

from __future__ import annotations

import csv
import gzip
import json
from datetime import datetime
from decimal import Decimal

import numpy as np
import pytest

from app.cli import run as command
from tests.backtest.past import bars_of, walk, written
from tests.backtest.ticking import DATA, OPEN, Ticking, at, drawn, played, quotes, trades
from tools.backtest.ticks import On
from tools.domain.errors import DataUnavailable, InputError
from tools.domain.timeframe import Timeframe
from tools.market_data.aggregation.batch import aggregate
from tools.market_data.aggregation.grid import Grid
from tools.market_data.columns import TickColumns
from tools.streaming.recorder import Recorder

DAYS = bars_of("IBM", walk(38))
ONCE = "if context.bars('IBM') == {0}:\n    context.order('IBM', {1})"
MINUTE = Timeframe.parse("1m")


def market(quoted=(), traded=()):
    return Ticking({"IBM": DAYS}, quoted=quoted, traded=traded)


def fills(run):
    return [
        (datetime.fromisoformat(f["at"]), f["side"], float(f["quantity"]), float(f["price"]))
        for f in run["fills"]
    ]


STEADY = quotes([(n, 100.00, 100.04, 300, 200) for n in range(10)])


def test_a_market_order_pays_the_ask_that_stands_and_gets_no_more_than_is_offered(tmp_path):
    run = played(market([STEADY]), ONCE.format(3, 500), tmp_path)
    assert fills(run) == [(at(2), "buy", 200, 100.04)]
    moved = quotes([(0, 100, 100.04, 3, 200), (1, 100, 100.04, 3, 200), (2, 100, 100.05, 3, 250)])
    run = played(market([moved]), ONCE.format(1, 500), tmp_path)
    assert fills(run) == [(at(0), "buy", 200, 100.04), (at(2), "buy", 250, 100.05)]


def test_a_sale_gets_the_bid(tmp_path):
    run = played(market([STEADY]), ONCE.format(3, -250), tmp_path)
    assert fills(run) == [(at(2), "sell", 250, 100.00)]


def test_a_limit_trades_when_the_market_comes_to_it(tmp_path):
    rows = [(n, 100.00 - n / 100, 100.04 - n / 100, 300, 200) for n in range(10)]
    run = played(market([quotes(rows)]), ONCE.format(1, "100, limit=99.99"), tmp_path)
    [(when, _, quantity, price)] = fills(run)
    assert (when, quantity, price) == (at(5), 100, 99.99)


def test_an_order_under_way_meets_the_quote_that_stands_when_it_arrives(tmp_path):
    rows = [(n, 100.00 + n / 10, 100.04 + n / 10, 300, 200) for n in range(10)]
    run = played(market([quotes(rows)]), ONCE.format(3, 100), tmp_path, costs={"latency_s": 2.5})
    assert fills(run) == [(at(4.5), "buy", 100, 100.44)]


def test_junk_fills_and_marks_nothing(tmp_path):
    junk = (0, 1_860_000, 0, 1), (0.01, 1_860_000, 5, 5), (0, 0, 0, 0), (100.5, 99.5, 9, 9)
    rows = []
    for n in range(60):
        rows += [(n, 100.00, 100.04, 300, 200), (n + 0.5, *junk[n % 4])]
    body = "context.order('IBM', 100 if context.bars('IBM') % 2 else -100)\n"
    body += "context.order('IBM', -5, limit=150)"
    run = played(market([quotes(rows)]), body, tmp_path)
    assert {price for *_, price in fills(run)} == {100.00, 100.04}
    assert run["closes"]["IBM"] == [pytest.approx(100.02)] * len(run["closes"]["IBM"])
    [said] = [f["sentence"] for f in run["findings"] if f["kind"] == "junk"]
    assert said.startswith("60 of 120 quotes of IBM make no market")


def test_sides_told_one_at_a_time_make_one_quote(tmp_path):
    rows = [(0, 100.0, 0, 300, 0), (1, 0, 100.04, 0, 200), (2, 100.01, 0, 300, 0),
            (3, 0, 100.05, 0, 100), (4, 100.02, 0, 300, 0)]  # fmt: skip
    body = "q = context.quote('IBM')\nassert q.bid < q.ask\n" + ONCE.format(2, 50)
    assert fills(played(market([quotes(rows)]), body, tmp_path)) == [(at(2), "buy", 50, 100.04)]


def test_a_market_order_on_trades_waits_for_the_next_trade_and_a_part_of_it(tmp_path):
    traded = trades([(n, 100 + n / 10, 400) for n in range(10)])
    run = played(market(traded=[traded]), ONCE.format(3, 100), tmp_path, On.TRADES,
                 costs={"slippage_bps": 0.0, "impact": 0.0})  # fmt: skip
    assert fills(run) == [(at(3), "buy", 40, 100.3), (at(4), "buy", 40, 100.4),
                          (at(5), "buy", 20, 100.5)]  # fmt: skip


def test_the_strategy_is_called_at_each_moment_once_or_at_bars_made_of_them(tmp_path):
    quoted = drawn(2000)
    body = "import builtins\nbuiltins.seen = getattr(builtins, 'seen', []) + [\n"
    body += "    (context.now, context.close('IBM'))]"
    import builtins

    played(market([quoted]), body, tmp_path)
    each, builtins.seen = builtins.seen, []
    assert len(each) == len(np.unique(quoted.known))
    played(market([quoted]), body, tmp_path, timeframe=MINUTE)
    bars, builtins.seen = builtins.seen, []
    middle = (quoted.bid + quoted.ask) / 2
    told = TickColumns("IBM", "made", quoted.known, quoted.time, middle, middle)
    made = aggregate(told, Grid(MINUTE, "XNYS")).bars
    assert [close for _, close in bars] == made.close.tolist()


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("latency", [0.0, 1.2])
def test_a_moment_that_reaches_no_order_needs_no_visit_to_the_desk(
    tmp_path, monkeypatch, seed, latency
):
    from tools.backtest.reach import Reach

    body = """
price, n = context.close('IBM'), context.bars('IBM')
if n % 40 == 0:
    context.order('IBM', 100, limit=round(price - 0.05, 2))
if n % 40 == 20:
    context.order('IBM', -100, limit=round(price + 0.04, 2), time='gtc')
if n % 90 == 5:
    context.order('IBM', 70, stop=round(price + 0.1, 2))
if n % 90 == 50:
    context.order('IBM', -30, trail=0.07)
if n % 70 == 3:
    context.order('IBM', 20, limit=round(price - 0.03, 2), time='ioc')
if n % 50 == 7 and context.orders:
    context.cancel(context.orders[0].id)
"""
    past = market([drawn(400, seed)])
    path = written(tmp_path, body)
    costs = {"latency_s": latency}
    seldom = played(past, path, tmp_path, costs=costs)
    monkeypatch.setattr(Reach, "met", lambda *_: True)
    always = played(past, path, tmp_path, costs=costs)
    assert len(seldom["fills"]) > 5
    assert seldom == always


@pytest.mark.parametrize("on", [On.QUOTES, On.TRADES])
def test_what_comes_later_changes_nothing_before_it(tmp_path, on):
    quoted = drawn(400, 3)
    traded = trades(list(zip((quoted.time - quoted.time[0]) / 1e9, quoted.bid, quoted.bid_size,
                             strict=True)))  # fmt: skip
    body = "if context.bars('IBM') % 12 == 0:\n"
    body += "    context.order('IBM', int(context.closes('IBM', 20).sum() * 100) % 7 * 10 - 30)"
    path = written(tmp_path, body)
    whole = played(market([quoted], [traded]), path, tmp_path, on)
    half = market([quoted.rows(0, 200)], [traded.rows(0, 200)])
    part = played(half, path, tmp_path, on)
    limit = part["fills"][-1]["at"]
    assert part["fills"]
    assert [f for f in whole["fills"] if f["at"] < limit] == [
        f for f in part["fills"] if f["at"] < limit
    ]


def test_without_a_volume_of_any_day_the_gate_would_refuse_all_so_the_run_is(tmp_path):
    bare = Ticking({}, quoted=[STEADY])
    with pytest.raises(InputError, match="quotes of IBM tell no volume"):
        played(bare, ONCE.format(3, 100), tmp_path)
    both = Ticking({}, quoted=[STEADY], traded=[trades([(n, 100.0, 50_000) for n in range(9)])])
    assert fills(played(both, ONCE.format(3, 100), tmp_path))


def test_no_ticks_and_ticks_that_are_all_junk_are_told(tmp_path):
    with pytest.raises(DataUnavailable, match=r"no sound quotes of IBM .* IBM.quotes.csv"):
        played(market(), ONCE.format(3, 100), tmp_path)
    with pytest.raises(DataUnavailable, match="no sound trades of IBM"):
        junk = trades([(n, -1.0, 5) for n in range(9)])
        played(market(traded=[junk]), ONCE.format(3, 100), tmp_path, On.TRADES)
    with pytest.raises(InputError, match="needs a timeframe"):
        played(market(), ONCE.format(3, 100), tmp_path, On.BARS)


def test_a_day_that_the_desk_recorded_can_be_played(tmp_path):
    from tools.domain.market import Quote

    folder = tmp_path / "recorded"
    recorder = Recorder(folder)
    for n in range(10):
        recorder.hear(Quote("IBM", Decimal("100.00"), Decimal("100.04"), at(n), at(n), "made",
                             False, Decimal(300), Decimal(200)))  # fmt: skip
    recorder.close()
    run = played(market(), ONCE.format(3, 100), tmp_path, recording=folder)
    assert fills(run) == [(at(2), "buy", 100, 100.04)]
    assert run["record"]["feeds"] == {"IBM": "recording:recorded"}
    assert run["record"]["on"] == "quotes"
    assert run["record"]["timeframe"] == "each"


def test_sessions_so_far_are_what_the_desk_reckons_with(tmp_path):
    """A day's volume, not that of the last quote, is what the gate holds an order to."""
    run = played(market([STEADY]), ONCE.format(3, 100), tmp_path)
    assert not run["refusals"]
    run = played(market([STEADY]), ONCE.format(3, 20_000_000), tmp_path, cash=1e10)
    [(code, said)] = [r for r in run["refusals"][0]["reasons"] if r[0] == "G15"]
    assert code == "G15"
    assert "average day's 9,500,000" in said, said


@pytest.fixture
def ibm(tmp_path, strict_skip, monkeypatch):
    """The first half hour of IBM's trades and quotes of 2013-10-07, and its days."""
    folder = tmp_path / "prices"
    folder.mkdir()
    for name, source in (("IBM", "us_equity_daily"), ("IBM.quotes", "ibm_quotes_20131007"),
                         ("IBM.trades", "ibm_trades_20131007")):  # fmt: skip
        path = DATA / f"{source}.csv.gz"
        if not path.exists():
            strict_skip(f"{path.name} is not beside the checkout")
        with gzip.open(path, "rt", newline="") as file, (folder / f"{name}.csv").open("w") as out:
            header, *lines = csv.reader(file)
            last = "2013-10-07T14:00" if "." in name else "2013-10-05"
            kept = [one for one in lines if one[0] == "IBM" and one[1] < last]
            csv.writer(out).writerows([header[1:], *(one[1:] for one in kept)])
    monkeypatch.setenv("TOLLGATE_DATA", str(folder))
    monkeypatch.setenv("TOLLGATE_FEED", "files")
    return folder


def test_a_real_morning_is_filled_by_quotes_that_were_there(ibm, tmp_path, capsys):
    body = "if context.bars('IBM') % 200 == 0 and context.now.hour * 60 + context.now.minute > 811:"
    body += "\n    context.order('IBM', 100 if context.bars('IBM') % 400 else -100, time='ioc')"
    path = written(tmp_path, body)
    assert command(["backtest", "run", path, "-s", "IBM", "--on", "quotes", "--json"]) == 0
    run = json.loads(capsys.readouterr().out)
    best, offered = {"bid": None, "ask": None}, {}
    with (ibm / "IBM.quotes.csv").open() as file:
        for row in csv.DictReader(file):
            for side in best:
                if float(row[side]) > 0:
                    best[side] = (float(row[side]), float(row[f"{side}_size"]))
            offered[datetime.fromisoformat(row["timestamp"])] = dict(best)
    assert len(run["fills"]) > 10
    for when, side, quantity, price in fills(run):
        touch = offered[when]["ask" if side == "buy" else "bid"]
        assert price == touch[0]
        assert quantity <= touch[1]


def test_a_real_morning_on_trades_by_the_minute(ibm, capsys):
    args = ["backtest", "run", "dual_moving_average", "-s", "IBM", "--on", "trades"]
    args += ["--timeframe", "1m", "-p", "fast=2", "-p", "slow=6", "-p", "band=0", "--json"]
    assert command(args) == 0
    run = json.loads(capsys.readouterr().out)
    assert run["record"]["bars"] == 29
    with (ibm / "IBM.trades.csv").open() as file:
        printed = {row["price"] for row in csv.DictReader(file)}
    assert run["fills"]
    low, high = (float(edge(printed, key=float)) for edge in (min, max))
    assert all(low * 0.999 <= price <= high * 1.001 for *_, price in fills(run))
    assert OPEN.tzinfo is not None


def test_what_is_no_kind_of_run_is_told(capsys):
    assert command(["backtest", "run", "momentum", "-s", "IBM", "--on", "news"]) != 0
    assert "A run is on bars, quotes, trades, was 'news'" in capsys.readouterr().err
    args = ["backtest", "run", "momentum", "-s", "IBM", "--recording", "/nowhere"]
    assert command(args) != 0
    assert "say --on quotes" in capsys.readouterr().err
    assert command([*args, "--on", "quotes"]) != 0
    assert "There is no file or folder /nowhere" in capsys.readouterr().err
