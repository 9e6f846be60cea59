"""What the pages of kept documents say."""

import re

import numpy as np
import pytest

from tests.backtest.kept import (
    crossed_of,
    curve_of,
    figures_of,
    fill_at,
    grown,
    run_of,
    sweep_of,
    trades_at,
    walk_of,
)
from tools.backtest.other_pasts.document import Wish, monte_carlo
from tools.backtest.report import page
from tools.backtest.report.cost_steps import cost_steps
from tools.backtest.report.figures import histogram
from tools.backtest.report.frame import policy, sheet
from tools.backtest.report.regimes import by_day, stretches
from tools.backtest.report.shapes import Run, shaped
from tools.domain.errors import StateError


def section(text, title):
    found = re.search(rf"<section><h2>{title}</h2>(.*?)</section>", text, re.S)
    assert found is not None, title
    return re.sub(r"<[^>]+>", " ", found.group(1))


def test_nothing_but_the_page_s_own_style_sheet_is_let_in():
    text = page(run_of(grown(30)))
    assert f'content="{policy()}"' in text
    assert "'unsafe" not in policy()
    assert "script" not in policy()
    assert f"<style>{sheet()}</style>" in text
    assert "style=" not in text


def test_every_chart_has_a_wide_and_a_narrow_form_and_lines_differ_without_colour():
    text = page(run_of(grown(300)))
    assert text.count('<svg class="wide"') == text.count('<svg class="narrow"') > 4
    assert len(set(re.findall(r"\.line\.\w+ \{[^}]*dasharray: ([^;]+);", sheet()))) >= 4


def test_monte_carlo_of_the_same_run_is_on_its_page():
    document = run_of(grown(60))
    text = page(document, monte_carlo(document, Wish(paths=100)))
    assert "5 % end below" in section(text, "Other pasts: returns in blocks")
    assert "Seed 0" in section(text, "How these were drawn")
    assert "Other pasts" not in page(document)


def test_a_bar_that_did_not_move_is_drawn_as_no_loss():
    found = histogram(np.array([100.0, 100.0, 101.0, 101.0, 99.0]))
    assert found is not None
    counts, edges = found
    assert edges[20] == 0
    assert (counts[:20].sum(), counts[20]) == (1, 2)


def test_costs_are_taken_from_and_put_on_the_run_s_own_fills():
    document = run_of([1000.0, 1000.0, 990.0, 990.0])
    fills = [fill_at(document, 1, quantity="2", price="50", commission="4")]
    costs = {"commission": "4", "slippage and impact": "6", "borrowing": "0"}
    run = shaped(Run, document | {"fills": fills, "costs": costs})
    steps = {step.times: step for step in cost_steps(run)}
    assert [steps[n].paid for n in (0, 1, 2, 4)] == [0, 10, 20, 40]
    assert [steps[n].total_return for n in (0, 1, 2, 4)] == pytest.approx([0, -0.01, -0.02, -0.04])
    assert steps[0].max_drawdown == 0


def test_borrowing_is_laid_on_the_days_short_and_ruin_is_the_whole_loss():
    document = run_of([100.0, 100.0, 80.0, 60.0])
    document["curve"] |= {"invested": [0, 0, 50, 50], "net": [0, 0, -50, -50]}
    run = shaped(Run, document | {"costs": {"borrowing": "-40"}})
    steps = {step.times: step for step in cost_steps(run)}
    assert steps[0].total_return == pytest.approx(0)
    assert (steps[4].total_return, steps[4].max_drawdown) == (-1, 1)


def test_a_stretch_of_market_is_told_by_what_was_known_the_day_before():
    market = np.concatenate([np.linspace(100, 200, 301), np.linspace(199, 50, 300)])
    moments = np.array("2010-01-01", "datetime64[D]") + np.arange(600)
    daily = by_day(moments, market, market, 252)
    found = {(one.kind, one.name): one for one in stretches(daily)}
    rising, falling = found["trend", "rising"], found["trend", "falling"]
    assert rising.bars + falling.bars == 600 - 199
    assert falling.total_return < 0
    assert falling.market_return == pytest.approx(falling.total_return)
    changed = market.copy()
    changed[-1] = 1_000.0  # the last close can't change which stretch its own day is in
    again = {(o.kind, o.name): o for o in stretches(by_day(moments, changed, changed, 252))}
    assert again["trend", "rising"].bars == rising.bars
    thirds = [found["volatility", name].bars for name in ("calm", "in between", "stormy")]
    assert sum(thirds) == 600 - 21
    assert {one.name for one in stretches(daily) if one.kind == "year"} == {"2010", "2011"}


def test_minutes_are_put_together_to_days():
    moments = np.array("2010-01-04T15:00", "datetime64[m]") + np.arange(3000)
    equity = 100.0 + np.arange(3001)
    daily = by_day(moments, equity, None, 252 * 1440)
    assert len(daily.days) == 3
    assert daily.equity.tolist() == [100.0, 640.0, 2080.0, 3100.0]


def test_a_leak_turns_the_page_red_and_says_why():
    verdict = {"trials": 9, "deflated_sharpe": 0.1, "red": True, "reasons": ["A leak at bar 7."]}
    text = page(run_of(grown(40), validation=verdict))
    assert 'class="red" role="alert"' in text
    assert "A leak at bar 7." in text
    assert "Not promoted. 9 tries are counted." in re.sub("<[^>]+>", "", text)


def test_a_sharpe_ratio_that_only_leaks_have_is_red_by_itself():
    document = run_of(grown(300, drift=0.01, swing=0.01))
    assert "a leak until proven otherwise" in page(document)
    assert 'role="alert"' not in page(run_of(grown(300)))


def test_what_the_decider_could_have_known_is_on_the_page():
    who = {"name": "a model", "knowledge_ends": "2010-06-30", "share_before": 0.25, "note": ""}
    told = section(page(run_of(grown(30), decider=who)), "What the decider could have known")
    assert "ends on 2010-06-30" in told
    assert "25%" in told
    unknown = page(run_of(grown(30), decider={"name": "a model"}))
    assert "knowledge ends is unknown" in unknown


def test_a_sweep_is_a_map_of_its_two_parameters_and_a_table_of_points():
    points = {(f, s): f / s for f in (10, 20, 5) for s in (100, 200)}
    text = page(sweep_of(points, best=2))
    plain = section(text, "Sharpe by fast and slow")
    assert plain.split()[3:8] == ["100", "200", "5", "0.05", "0.03"]
    assert "Not promoted. 6 tries" in re.sub("<[^>]+>", "", text)
    assert "fast=20, slow=100" in section(text, "Points")


def test_a_sweep_of_one_point_or_of_none_is_still_a_page():
    for document in (
        sweep_of({(1, 2): None}),
        sweep_of({}, failed=[{"params": {}, "why": "Bad."}]),
    ):
        assert "Record" in page(document)


def test_what_could_not_run_is_told_with_its_reason():
    failed = [{"params": {"fast": 9}, "symbols": ["IBM"], "why": "fast must be less than slow."}]
    for document in (sweep_of({(1, 2): 0.1}, failed=failed), walk_of(grown(60), failed=failed)):
        assert "fast must be less than slow." in section(page(document), "1 could not run")


def test_a_walk_shows_its_folds_and_how_much_of_what_was_learnt_held():
    text = page(walk_of(grown(90)))
    folds = section(text, "3 folds")
    assert "was 2.00 where it was learnt and −0.50 where it was judged; 1 of 3" in folds
    assert text.count('class="edge"') == 2 * 2 * 2  # two charts, each wide and narrow


def test_a_cross_validation_draws_its_paths_and_says_that_nobody_could_have_traded_it():
    text = page(crossed_of(grown(90)))
    assert "it is validation, not trading" in text
    drawn = section(text, "Equity in USD")
    for name in ("path 2", "path 3", "the middle path", "buy and hold"):
        assert name in drawn
    assert "fast=10 2 100% 0.50 0.60" in " ".join(section(text, "What was chosen").split())
    assert "100% have a Sharpe ratio below" in section(text, "3 whole paths")
    assert text.count('class="edge"') == 2  # one chart, wide and narrow


def test_many_paths_are_a_fan():
    text = page(crossed_of(grown(90), 20))
    assert 'class="band far"' in text
    assert "Thin: the worst and the best" in text
    for odd in ({"fan": {"p5": [1.0]}}, {"middle": 99}, {"fan": {"p5": grown(90)}}):
        with pytest.raises(StateError, match="can't be shown"):
            page(crossed_of(grown(90), 20, **odd))


def test_a_verdict_is_told_against_nothing_and_against_holding():
    held = {"name": "buy and hold", "total_return": 0.31, "beta": 0.8, "sharpe": 0.25,
            "deflated_sharpe": 0.4, "luck": 0.3}  # fmt: skip
    verdict = {"trials": 2, "deflated_sharpe": 0.99, "overfitting": 0.1, "luck": 0.01,
               "benchmark": held, "reasons": ["It rides."]}  # fmt: skip
    told = section(page(walk_of(grown(90), validation=verdict)), r"May it be believed\?")
    for words in ("0.990", "without buy and hold", "0.400", "moved 0.80 times", "ratio is 0.25",
                  "earned +31.0%"):  # fmt: skip
        assert words in told


EDGES = {
    "two bars": [100.0, 100.0, 101.0],
    "all cash": [100.0] * 30,
    "everything lost": [100.0, 50.0, 0.0, 0.0, 0.0],
    "debts": [100.0, 50.0, -20.0, -30.0, 40.0],
    "tiny": [1e-9, 2e-9, 1e-9],
    "huge": [1e12, 1e15, 1e17],
}


@pytest.mark.parametrize("name", EDGES)
def test_odd_runs_have_a_page_without_nan(name):
    text = page(run_of(EDGES[name]))
    assert not re.search(
        r"\b(nan|inf)\b", re.sub(r"<style>.*?</style>", "", text, flags=re.S), re.I
    )


def test_prices_below_zero_are_drawn():
    document = run_of(grown(5)) | {"closes": {"IBM": [20.0, 5.0, -37.6, 3.0, 10.0]}}
    document["fills"] = [fill_at(document, 2, price="-37.63")]
    assert "−" in page(document) or "-37.63" in page(document)


def test_one_bar_is_no_run():
    with pytest.raises(StateError, match="can't be shown"):
        page(run_of([100.0, 101.0]) | {"curve": {"at": [""], "equity": [1.0]}})


def test_losing_months_have_a_sign_of_their_own():
    text = page(run_of([100.0, *np.linspace(100, 60, 60).tolist()]))
    assert "−" in section(text, "Months")


def test_many_trades_are_cut_and_said():
    document = run_of(grown(1_200))
    document["trades"] = trades_at(document, [1.0] * 500)
    assert "The last 400 of 500." in section(page(document), "Trades")
    assert figures_of(curve_of(grown(5))["equity"])["trades"] == 0
