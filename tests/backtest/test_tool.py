"""The tool run_backtest and the question that it answers."""

import pytest

from agents.request import Kind, parse
from tests.backtest.past import market, over, written
from tests.doubles import FakeClock
from tools.backtest.keeping import Runs
from tools.catalog.backtests import BacktestTools
from tools.domain.errors import InputError

KNOWN = {"IBM": "International Business Machines Corp.", "AAPL": "Apple Inc."}
SHORT = {"lookback": "20", "skip": "1"}


@pytest.fixture
def tools():
    past = market(200)
    return BacktestTools(FakeClock(past.latest()), lambda: over(past))


def test_the_answer_is_short_and_has_the_benchmarks_beside_it(tools):
    answer = tools.run_backtest("momentum", ["IBM"], params=SHORT)
    assert answer["simulated"] is True
    assert set(answer["benchmarks"]) == {"buy_and_hold", "equal_weight"}
    assert answer["bars"] == 200
    assert len(str(answer)) < 4000


def test_the_run_is_kept_and_the_answer_says_where_its_report_opens(tmp_path):
    past = market(200)
    tools = BacktestTools(FakeClock(past.latest()), lambda: over(past), tmp_path / "backtests")
    answer = tools.run_backtest("momentum", ["IBM"], params=SHORT)
    assert answer["report"].startswith(f"/backtests/{answer['id']} on the desk's own page")
    assert Runs(tmp_path / "backtests").get(answer["id"])["hash"]


def test_where_nothing_can_be_kept_the_figures_are_told_all_the_same(tmp_path):
    (tmp_path / "backtests").write_text("a file in the way")
    past = market(200)
    tools = BacktestTools(FakeClock(past.latest()), lambda: over(past), tmp_path / "backtests")
    answer = tools.run_backtest("momentum", ["IBM"], params=SHORT)
    assert answer["figures"]
    assert answer["report"].startswith("not kept: the run can't be kept")


def test_nothing_known_later_than_as_of_is_played(tools):
    bars = market(200).bars["IBM"]
    before_the_close = (bars[100].known_at).replace(minute=0, hour=16).isoformat()
    answer = tools.run_backtest("momentum", ["IBM"], as_of=before_the_close, params=SHORT)
    assert answer["to"] == str(bars[99].session)


def test_a_model_can_not_have_a_file_run(tools, tmp_path):
    path = written(tmp_path, "raise SystemExit")
    for name in (path, "../mine.py", "mine"):
        with pytest.raises(InputError, match="There is no strategy"):
            tools.run_backtest(name, ["IBM"])


def test_odd_arguments_are_told(tools):
    with pytest.raises(InputError, match="start takes a date"):
        tools.run_backtest("momentum", ["IBM"], start="soon")
    with pytest.raises(InputError, match="at least one symbol"):
        tools.run_backtest("momentum", [])


@pytest.mark.parametrize(
    ("question", "strategy", "symbols"),
    [
        ("backtest momentum on IBM", "momentum", ["IBM"]),
        ("Back-test a golden cross on Apple", "dual_moving_average", ["AAPL"]),
        ("backtest pairs on IBM and AAPL from 2005-01-03", "pairs", ["IBM", "AAPL"]),
        ("How would mean reversion have done on IBM? Backtest it", "mean_reversion", ["IBM"]),
    ],
)
def test_a_question_names_the_strategy_and_the_symbols(question, strategy, symbols):
    request = parse(question, KNOWN)
    assert (request.kind, request.strategy) == (Kind.BACKTEST, strategy)
    assert [request.symbol, *request.others] == symbols
    assert request.start == ("2005-01-03" if "2005" in question else None)


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("What is backtest overfitting?", Kind.KNOWLEDGE),
        ("Why can a momentum backtest mislead?", Kind.KNOWLEDGE),
        ("Is there momentum in IBM?", Kind.ANALYSE),
    ],
)
def test_other_questions_stay_what_they_were(question, kind):
    assert parse(question, KNOWN).kind is kind


def test_a_date_without_a_place_is_refused():
    with pytest.raises(InputError, match="2005-01-03 has no clear place"):
        parse("backtest momentum on IBM 2005-01-03", KNOWN)
