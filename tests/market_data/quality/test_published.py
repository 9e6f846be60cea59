"""Bars of a tape as they are published: of made trades, and of a real day."""

from __future__ import annotations

import csv
import gzip
import json
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from app.cli import run
from tools.domain.errors import InputError
from tools.domain.timeframe import DAILY, MINUTE
from tools.market_data.aggregation.conditions import Plan
from tools.market_data.aggregation.grid import Grid
from tools.market_data.columns import TickColumns, nanoseconds
from tools.market_data.hours import Hours
from tools.market_data.quality.published import published
from tools.market_data.reading.naming import named
from tools.market_data.reading.series import read_series

DATA = Path(__file__).parents[4] / "shared" / "data"
CLOSE = datetime(2013, 10, 7, 20, 0, tzinfo=UTC)
NIGHT = datetime(2013, 10, 8, 4, 0, tzinfo=UTC)


def tape(rows):
    """Seconds from the close, price and size."""
    seconds, price, size = (np.array(column) for column in zip(*rows, strict=True))
    time = nanoseconds(CLOSE) + seconds.astype(np.int64) * 10**9
    return TickColumns("IBM", "made", time.copy(), time, price.astype(float), size.astype(float))


def test_a_closing_print_after_the_close_is_the_days_close_and_a_form_t_trade_is_not():
    ticks = tape([(-60, 182.0, 100), (64, 182.01, 151_665), (600, 190.0, 300)])
    day = Grid(DAILY, "XNYS", Hours.EXTENDED)
    made, _ = published(ticks, day, ["@", "6", "T"], Plan.CTA, NIGHT)
    assert (made.bars.close[0], made.bars.high[0]) == (182.01, 182.01)
    assert made.bars.volume[0] == 100 + 151_665 + 300


def test_a_form_t_trade_makes_the_bars_of_the_hours_after_the_session():
    ticks = tape([(-60, 182.0, 100), (600, 190.0, 300)])
    made, _ = published(ticks, Grid(MINUTE, "XNYS", Hours.EXTENDED), ["@", "T"], Plan.CTA, NIGHT)
    assert made.bars.close.tolist() == [182, 190]


def test_an_odd_lot_of_a_tape_without_conditions_sets_no_price():
    made, _ = published(
        tape([(-60, 182.0, 100), (-59, 182.4, 99)]), Grid(MINUTE, "XNYS"), until=CLOSE
    )
    assert (made.bars.high[0], made.bars.volume[0]) == (182, 199)


def test_coins_have_no_odd_lots():
    made, _ = published(
        tape([(-60, 182.0, 0.5), (-59, 182.4, 0.1)]), Grid(MINUTE, "24/7"), until=CLOSE
    )
    assert made.bars.high[0] == 182.4


def test_conditions_without_a_plan_are_refused():
    with pytest.raises(InputError, match="say whose"):
        published(tape([(-60, 182.0, 100)]), Grid(MINUTE, "XNYS"), ["@"])


def test_a_bad_tick_is_in_no_bar():
    rows = [(-600 + n, 182.0, 100) for n in range(60)]
    rows[30] = (-570, 1_860_000.0, 100)
    made, checked = published(tape(rows), Grid(MINUTE, "XNYS"), until=CLOSE)
    assert made.bars.high.max() == 182
    assert len(checked.clean) == 59


# ------------------------------------------------------------------------------- the command


def test_a_file_of_trades_becomes_a_file_of_minutes_that_can_be_checked(
    tmp_path, capsys, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    lines = [f"2013-10-07T13:3{n // 30}:{n % 30:02}Z,{182 + n / 100},100,@" for n in range(60)]
    Path("IBM.trades.csv").write_text("\n".join(["time,price,size,conditions", *lines]) + "\n")
    asked = ["data", "aggregate", "IBM.trades.csv", "1m", "--output", "IBM_1m.csv", "--json"]
    assert run(asked) == 2
    assert "say whose" in capsys.readouterr().err
    assert run([*asked, "--plan", "cta"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert [bar["close"] for bar in document["bars"]] == [182.29, 182.59]
    assert document["counts"]["bars"] == 2
    assert run(["data", "validate", "IBM_1m.csv"]) == 0
    assert run([*asked, "--plan", "cta"]) == 2
    assert "is there already" in capsys.readouterr().err
    assert run(["data", "aggregate", "IBM_1m.csv", "5m"]) == 0
    assert "outside hours 0" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        (["nothing.trades.csv", "1m"], "There is no file"),
        (["notes.csv", "1m"], "holds neither trades nor bars"),
        (["IBM_2m.csv", "5m"], "can't be made from bars of 2m"),
        (["IBM_2m.csv", "soon"], "is no timeframe"),
        (["IBM_2m.csv", "4m", "--plan", "xyz"], "There is no plan"),
        (["IBM.quotes.csv", "4m"], "holds quotes"),
    ],
)
def test_what_can_not_be_made_gets_a_sentence(tmp_path, capsys, monkeypatch, asked, says):
    monkeypatch.chdir(tmp_path)
    bar = "time,open,high,low,close\n2013-10-07T13:30:00Z,1,1,1,1\n"
    Path("IBM_2m.csv").write_text(bar)
    Path("notes.csv").write_text(bar)
    Path("IBM.quotes.csv").write_text("time,bid,ask\n2013-10-07T13:30:00Z,1,1\n")
    assert run(["data", "aggregate", *asked]) == 2
    assert says in capsys.readouterr().err


# ------------------------------------------------------------------------------- a real day


def test_a_real_days_minutes_are_those_of_an_independent_count(tmp_path, strict_skip):
    """IBM on 2013-10-07: pandas makes the same minutes; the day is the published one's but for
    the auctions, whose prints nothing in the file tells from others.
    """
    source = DATA / "ibm_trades_20131007.csv.gz"
    if not source.exists():
        strict_skip(f"{source.name} is not beside the checkout")
    path = tmp_path / "IBM.trades.csv"
    path.write_bytes(gzip.decompress(source.read_bytes()))
    read = read_series(path, named(path))
    made, checked = published(read.columns, Grid(MINUTE, "XNYS"), until=NIGHT)
    assert checked.score == 100
    assert len(made.bars) == 390
    frame = pd.read_csv(path)
    frame.index = pd.to_datetime(frame["timestamp"], format="ISO8601", utc=True)
    frame = frame[(frame.index >= "2013-10-07T13:30Z") & (frame.index < "2013-10-07T20:00Z")]
    lots = frame[frame["size"] >= 100]["price"].resample("1min").ohlc()
    for name in ("open", "high", "low", "close"):
        assert (getattr(made.bars, name) == lots[name].to_numpy()).all()
    volume = frame["size"].resample("1min").sum().to_numpy()
    assert (made.bars.volume == volume).all()
    with gzip.open(DATA / "us_equity_daily.csv.gz", "rt", newline="") as file:
        (row,) = (r for r in csv.DictReader(file) if r["symbol"] == "IBM"
                  and r["timestamp"] == "2013-10-07")  # fmt: skip
    assert made.bars.low.min() == float(row["low"])
    assert made.bars.high.max() == pytest.approx(float(row["high"]), abs=0.011)
    assert made.bars.close[-1] == pytest.approx(float(row["close"]), abs=0.011)
    assert made.bars.volume.sum() > 0.96 * float(row["volume"])
