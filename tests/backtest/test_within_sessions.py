"""Runs on bars shorter than a day: sessions, their hours, and days that are cut short or turn."""

from __future__ import annotations

from datetime import UTC, datetime, time
from itertools import pairwise

import pytest

from tests.backtest.past import bars_of, walk, written
from tests.backtest.pricefiles import days, minutes, ran, real

FLAT = [100.0] * 60


@pytest.fixture
def folder(tmp_path):
    """IBM's days of early 2010, so that the gate knows an average day."""
    made = tmp_path / "prices"
    made.mkdir()
    days(made, bars_of("IBM", walk(38)))
    return made


@pytest.fixture
def play(folder, tmp_path, monkeypatch, capsys):
    def one(body, *args, symbol="IBM"):
        path = body if body.endswith(".py") else written(tmp_path, body)
        return ran(monkeypatch, capsys, folder, path, "-s", symbol, "--timeframe", "1m", *args)

    return one


def when(run):
    return [fill["at"][:16] for fill in run["fills"]]


NOW = "if context.now.strftime('%m-%d %H:%M') in {0}:\n    context.order('IBM', {1})"


def test_a_market_order_decided_before_the_session_waits_for_it_also_when_the_clocks_change(
    folder, play
):
    """New York opens at 14:30 UTC on Friday 12 March 2010 and at 13:30 on Monday the 15th."""
    for day, first in (("12", "13:50"), ("15", "12:50")):
        minutes(folder, f"2010-03-{day}T{first}:00+00:00", FLAT)
    run = play(NOW.format(["03-12 14:00", "03-15 13:00"], 10))
    assert when(run) == ["2010-03-12T14:30", "2010-03-15T13:30"]


def test_an_order_for_extended_hours_trades_in_them(folder, play):
    falling = [100 - n / 20 for n in range(60)]
    minutes(folder, "2010-03-12T13:50:00+00:00", falling)
    limit = "10, limit=99.5, extended_hours={0}"
    assert when(play(NOW.format(["03-12 14:00"], limit.format(True)))) == ["2010-03-12T14:01"]
    assert when(play(NOW.format(["03-12 14:00"], limit.format(False)))) == ["2010-03-12T14:30"]


@pytest.mark.parametrize(
    ("first", "decided", "ends"),
    [
        ("2010-11-24T20:30:00+00:00", "11-24 20:40", "21:00"),
        # The day after Thanksgiving closes at 13:00 in New York.
        ("2010-11-26T17:30:00+00:00", "11-26 17:40", "18:00"),
    ],
)
def test_an_order_for_the_day_ends_with_its_session_also_on_a_half_day(
    folder, play, first, decided, ends
):
    minutes(folder, first, FLAT)
    body = (
        NOW.format([decided], "10, limit=90")
        + f"""
if context.orders and context.now.strftime('%H:%M') > {ends!r}:
    raise RuntimeError(str(context.orders))
if context.now.strftime('%H:%M') == '{ends[:3]}00' and context.bars('IBM') > 5:
    assert not context.orders"""
    )
    run = play(body)
    assert run["orders"] == {"expired": 1}


def test_an_order_for_the_day_that_comes_after_the_close_is_for_the_next_session(folder, play):
    minutes(folder, "2010-03-11T20:30:00+00:00", FLAT)
    minutes(folder, "2010-03-12T14:30:00+00:00", FLAT)
    run = play(NOW.format(["03-11 21:10"], "10, limit=100.5"))
    assert when(run) == ["2010-03-12T14:30"]


def test_the_gate_holds_an_order_to_a_part_of_a_day_not_of_a_minute(folder, play):
    minutes(folder, "2010-03-01T14:30:00+00:00", FLAT, volume=200)
    assert when(play(NOW.format(["03-01 14:40"], 15))) == ["2010-03-01T14:40"]
    run = play(NOW.format(["03-01 14:40"], 600_000), "--cash", "1e9")
    [said] = [said for code, said in run["refusals"][0]["reasons"] if code == "G15"]
    assert "an average day's 9,500,1" in said


def test_a_bar_that_reaches_no_order_needs_no_visit_to_the_desk(
    folder, play, tmp_path, monkeypatch
):
    from tools.backtest.reach import Reach

    closes = [round(price, 2) for price in walk(240, 5)]
    for day in ("01", "02", "03"):
        minutes(folder, f"2010-03-{day}T18:00:00+00:00", closes)
    path = written(
        tmp_path,
        """
price, n = context.close('IBM'), context.bars('IBM')
if n % 60 == 0:
    context.order('IBM', 100, limit=round(price * 0.99, 2))
if n % 60 == 20:
    context.order('IBM', -100, limit=round(price * 1.01, 2), time='gtc')
if n % 60 == 40 and context.orders:
    context.cancel(context.orders[0].id)
if n % 90 == 50:
    context.target('IBM', -0.2)
if n % 90 == 70:
    context.order('IBM', 30, stop=round(price * 1.004, 2))
""",
    )
    seldom = play(path)
    monkeypatch.setattr(Reach, "met", lambda *_: True)
    always = play(path)
    assert len(seldom["fills"]) > 5
    assert float(seldom["costs"]["borrowing"]) < 0
    assert seldom == always


ORDERS = """
n, price = context.bars({0!r}), context.close({0!r})
if n % 17 == 0:
    context.order({0!r}, {1}, time='gtc')
elif n % 17 == 5:
    context.order({0!r}, {1}, limit=round(price * 0.9995, 2))
elif n % 17 == 10:
    context.order({0!r}, -2 * {1} if n % 34 == 10 else -{1})
"""


@pytest.mark.parametrize(
    ("source", "symbol", "span", "lot", "opens", "closes"),
    [
        ("us_equity_minute", "SPY", ("2013-10-07T13", "2013-10-07T17"), 10, time(13, 30), time(20)),
        ("india_equity_minute", "YESBANK.NS", ("2019-07-09", "2019-07-10"), 10,
         time(3, 45), time(10)),
    ],
)  # fmt: skip
def test_real_minutes_are_traded_in_the_hours_of_their_exchange(
    tmp_path, strict_skip, monkeypatch, capsys, source, symbol, span, lot, opens, closes
):
    folder = tmp_path / "real"
    folder.mkdir()
    real(folder, strict_skip, source, symbol, "_1m", span)
    path = written(tmp_path, ORDERS.format(symbol, lot))
    args = (path, "-s", symbol, "--timeframe", "1m", "--cost", "slippage_bps=0", "--cost")
    run = ran(monkeypatch, capsys, folder, *args, "impact=0")
    assert len(run["fills"]) > 20
    with (folder / f"{symbol}_1m.csv").open() as file:
        rows = [line.strip().split(",") for line in file][1:]
    bars = {row[0][:16]: [float(price) for price in row[1:5]] for row in rows}
    for fill in run["fills"]:
        at = datetime.fromisoformat(fill["at"])
        assert opens <= at.time() <= closes
        assert at.tzinfo == UTC
        opened = bars.get(fill["at"][:16])
        before = bars.get(f"{at.replace(minute=(at.minute - 1) % 60):%Y-%m-%dT%H:%M}")
        reached = [one for one in (opened, before) if one is not None]
        assert any(low <= float(fill["price"]) <= high for _, high, low, _ in reached)


def test_a_real_split_changes_neither_the_equity_nor_what_an_average_is_of(
    tmp_path, strict_skip, monkeypatch, capsys
):
    """Apple's seven for one of 9 June 2014, whose new price is traded from four in the morning."""
    folder = tmp_path / "real"
    folder.mkdir()
    real(folder, strict_skip, "us_equity_minute", "AAPL", "_1m", ("2014-06-06T19:30", "2014-06-10"))
    real(folder, strict_skip, "us_equity_daily", "AAPL", "", ("2014-01-01", "2014-07-01"))
    body = """
closes = context.closes('AAPL', 40)
assert abs(closes / closes.mean() - 1).max() < 0.02, closes
if context.bars('AAPL') == 5:
    context.order('AAPL', 20)
if context.bars('AAPL') == 20:
    context.order('AAPL', -20, stop=round(context.close('AAPL') * 0.98, 2), time='gtc')
"""
    run = ran(
        monkeypatch, capsys, folder, written(tmp_path, body), "-s", "AAPL", "--timeframe", "1m"
    )
    equity = run["curve"]["equity"]
    moved = [abs(after - before) for before, after in pairwise(equity)]
    assert max(moved) < 20 * 645 * 0.01
    assert run["orders"] == {"filled": 1, "canceled": 1}
    assert any(f["kind"] == "split" for f in run["findings"])


def test_over_a_real_gap_the_collar_ends_an_order_whose_price_is_gone(
    tmp_path, strict_skip, monkeypatch, capsys
):
    folder = tmp_path / "real"
    folder.mkdir()
    span = ("2017-09-04T23:00", "2017-12-17T02:00")
    real(folder, strict_skip, "crypto_minute", "BTC/USD", "_1m", span)
    body = "if context.bars('BTC/USD') == 60:\n    context.order('BTC/USD', 0.1, time='gtc')"
    run = ran(
        monkeypatch, capsys, folder, written(tmp_path, body), "-s", "BTC/USD", "--timeframe", "1m"
    )
    assert run["orders"] == {"expired": 1}
    [hole] = [f for f in run["findings"] if f["kind"] == "hole"]
    assert "103 sessions from 2017-09-05 to 2017-12-16" in hole["sentence"]
    assert run["bars_a_year"] < 2000
