"""Dividends that a file tells: cash on the ex date, for holders, shorts and benchmarks alike."""

import pytest

from app.cli import run as command
from tests.backtest.past import D, bars_of, written
from tests.backtest.pricefiles import days, ran
from tools.market_data.feeds import files
from tools.market_data.reading.tables import read_table

BARS = bars_of("IBM", [100.0] * 30)
PAID = {BARS[10].session: D("1.50"), BARS[20].session: D("0.25")}
ONCE = "if context.bars('IBM') == {0}:\n    context.order('IBM', {1})"


@pytest.fixture
def play(tmp_path, monkeypatch, capsys):
    def one(body, dividends, *args):
        folder = tmp_path / f"prices{len(list(tmp_path.iterdir()))}"
        folder.mkdir()
        days(folder, BARS, dividends=dividends)
        path = written(tmp_path, body)
        return ran(monkeypatch, capsys, folder, path, "-s", "IBM", *args)

    return one


@pytest.mark.parametrize(("held", "cash"), [(100, "175"), (-100, "-175")])
def test_the_difference_to_a_run_without_is_the_dividends(play, held, cash):
    paid, none = (play(ONCE.format(3, held), one) for one in (PAID, None))
    assert paid["costs"]["dividends"] == cash
    assert paid["fills"] == none["fills"]
    ends = [run["curve"]["equity"][-1] for run in (paid, none)]
    assert ends[0] - ends[1] == pytest.approx(float(cash), abs=1e-6)
    earned = [float(run["trades"][0]["profit"]) for run in (paid, none)]
    assert earned[0] - earned[1] == pytest.approx(float(cash))


def test_who_buys_on_the_ex_date_gets_nothing_and_who_held_before_does(play):
    at = [bar.session for bar in BARS].index(BARS[10].session)
    late = play(ONCE.format(at, 100), {BARS[10].session: D("1.50")})
    early = play(ONCE.format(at - 1, 100), {BARS[10].session: D("1.50")})
    assert [one["fills"][0]["at"][:10] for one in (late, early)] == [
        str(BARS[10].session),
        str(BARS[9].session),
    ]
    assert (late["costs"]["dividends"], early["costs"]["dividends"]) == ("0", "150")


def test_the_cash_is_there_on_the_ex_date_and_not_before(play):
    body = (
        ONCE.format(3, 100)
        + """
have = context.cash + 100 * 100 * (context.position('IBM') > 0)
if context.bars('IBM') == 10:
    assert have < 100_000, have
if context.bars('IBM') == 11:
    assert 100_140 < have < 100_150, have"""
    )
    assert play(body, PAID)["costs"]["dividends"] == "175"


def test_the_benchmarks_get_them_as_well(play):
    told = [play("pass", one)["benchmarks"] for one in (PAID, None)]
    for name in ("buy and hold", "equal weight"):
        more = told[0][name]["total_return"] - told[1][name]["total_return"]
        assert more == pytest.approx(0.0175, abs=1e-4)


def test_a_dividend_of_no_number_is_told_with_its_row(tmp_path, monkeypatch, capsys):
    folder = tmp_path / "prices"
    folder.mkdir()
    days(folder, BARS, dividends={BARS[4].session: "much"})
    monkeypatch.setenv("TOLLGATE_DATA", str(folder))
    monkeypatch.setenv("TOLLGATE_FEED", "files")
    assert command(["backtest", "run", "momentum", "-s", "IBM"]) != 0
    assert "IBM.csv" in capsys.readouterr().err


def test_a_file_of_dividends_is_read_again_when_it_has_changed_and_only_then(tmp_path, monkeypatch):
    read = []
    monkeypatch.setattr(files, "read_table", lambda path: read.append(path) or read_table(path))
    feed = files.FilesFeed(tmp_path)
    for dividends, sums in ((PAID, 1.75), ({BARS[10].session: D(3)}, 3.0)):
        days(tmp_path, BARS, dividends=dividends)
        for _ in range(3):
            assert sum(float(one.amount) for one in feed.dividends("IBM")) == sums
    assert len(read) == 2


def test_yahoo_s_dividends_are_told_as_they_were_paid():
    import pandas as pd

    from tools.market_data.feeds.yahoo_frame import dividends_of
    from tools.market_data.symbols import listing

    index = pd.to_datetime(["2014-02-06", "2014-06-09", "2014-08-07"]).tz_localize(
        "America/New_York"
    )
    frame = pd.DataFrame(
        {"Dividends": [0.435714, 0.0, 0.47], "Stock Splits": [0.0, 7.0, 0.0]}, index=index
    )
    found = dividends_of(frame, listing("AAPL", "Apple", "NMS"))
    assert [(str(one.ex.date()), float(one.amount)) for one in found] == [
        ("2014-02-06", pytest.approx(3.05, abs=1e-4)),
        ("2014-08-07", 0.47),
    ]
