"""A walk forward chooses on the past alone, and is paid on the days after it alone."""

from __future__ import annotations

import json
from datetime import date
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.backtest.past import Changed, market, over, sessions
from tests.backtest.search.searched import BUYS, search, sized, walked
from tools.backtest.request import Request
from tools.backtest.search.folds import Walk, folds_of
from tools.backtest.search.joining import joined
from tools.backtest.search.outcome import Outcome
from tools.domain.errors import InputError

WALK = Walk(learn=80, judge=40, purge=5)
TWO = {"fast": "2,10", "slow": "20"}


def asked(**more):
    return search(grid=TWO, **more)


def test_folds_follow_one_another_and_learn_from_what_is_before():
    days = sessions(205)
    folds = folds_of(WALK, days)
    assert [days.index(one.judge[0]) for one in folds] == [80, 120, 160, 200]
    assert [days.index(one.judge[1]) for one in folds] == [119, 159, 199, 204]
    assert [days.index(one.learn[0]) for one in folds] == [0, 40, 80, 120]
    assert [days.index(one.learn[1]) for one in folds] == [74, 114, 154, 194]
    anchored = folds_of(Walk(80, 40, 5, anchored=True), days)
    assert {one.learn[0] for one in anchored} == {days[0]}


@given(st.integers(2, 400), st.integers(2, 90), st.integers(0, 90), st.integers(5, 300))
def test_no_fold_learns_from_a_day_that_it_is_judged_on_nor_from_the_purge(
    learn, judge, purge, count
):
    days = [date.fromordinal(700_000 + n) for n in range(count)]
    try:
        folds = folds_of(Walk(learn, judge, purge), days)
    except InputError:
        return
    for one in folds:
        assert one.learn[0] < one.learn[1]
        assert (one.judge[0] - one.learn[1]).days == purge + 1
        assert one.judge[0] < one.judge[1]
    for one, after in pairwise(folds):
        assert (after.judge[0] - one.judge[1]).days == 1


def test_each_fold_is_the_runs_that_one_would_play_by_hand(tmp_path):
    past = market(170)
    found = walked(tmp_path, past, asked(), WALK)
    assert len(found["folds"]) == 3
    for fold in found["folds"]:
        for stage, figures in (("learn", "learn_figures"), ("judge", "judge_figures")):
            start, end = map(date.fromisoformat, fold[stage])
            by_hand = over(past).run(
                Request("dual_moving_average", ("IBM",), start, end, params=fold["params"])
            )
            assert fold[figures] == by_hand.document["figures"]
        assert fold["run"] == by_hand.record.id
    json.dumps(found, allow_nan=False)


def test_the_chosen_had_the_most_of_the_metric_while_learning(tmp_path):
    past = market(170)
    found = walked(tmp_path, past, asked(metric="total_return"), WALK)
    for fold in found["folds"]:
        start, end = map(date.fromisoformat, fold["learn"])
        figures = [
            over(past)
            .run(Request("dual_moving_average", ("IBM",), start, end,
                         params={"fast": fast, "slow": 20}))
            .document["figures"]["total_return"]
            for fast in (2, 10)
        ]  # fmt: skip
        assert fold["params"]["fast"] == (2, 10)[figures.index(max(figures))]


def test_the_history_before_is_seen_and_nothing_is_ordered_in_it(tmp_path):
    body = f"if context.bars('IBM') >= 70:\n    {BUYS}"
    found = walked(tmp_path, market(170), search(sized(tmp_path, body), {"size": "1,2"}), WALK)
    # Bar 70 of the past lies before the first judged one, so each judged bar can buy at once.
    assert [fold["judge_figures"]["exposure"] > 0.8 for fold in found["folds"]] == [True] * 3
    curve = found["curve"]
    first = found["folds"][0]["judge"][0]
    assert curve["at"][1].startswith(first)
    assert curve["equity"][0] == curve["equity"][1] == found["record"]["cash"]


@settings(max_examples=4, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(1, 169))
def test_what_comes_after_a_fold_changes_nothing_in_it(tmp_path, since):
    past = market(170)
    days = [bar.session.isoformat() for bar in past.bars["IBM"]]
    found = walked(tmp_path, past, asked(), WALK)
    other = walked(tmp_path, Changed(past, since).made("1.7"), asked(), WALK)
    over_before = [fold for fold in found["folds"] if fold["judge"][1] < days[since]]
    assert other["folds"][: len(over_before)] == over_before
    kept = sum(1 for at in found["curve"]["at"][1:] if at[:10] < days[since]) + 1
    chosen_before = [fold for fold in found["folds"] if fold["judge"][0] < days[since]]
    for one, same in zip(chosen_before, other["folds"], strict=False):
        assert (one["params"], one["learn_figures"]) == (same["params"], same["learn_figures"])
    for name in ("equity", "buy and hold", "equal weight"):
        assert other["curve"][name][:kept] == found["curve"][name][:kept]


def test_later_days_add_folds_and_leave_the_whole_ones_as_they_were(tmp_path):
    short = walked(tmp_path, market(160), asked(), WALK)
    longer = walked(tmp_path, market(210), asked(), WALK)
    assert longer["folds"][: len(short["folds"])] == short["folds"]
    assert longer["id"] != short["id"]


def test_folds_are_joined_to_one_account():
    def one(at, equity):
        equity = np.array(equity)
        return Outcome("", "", {}, np.array(at), equity, equity / 2, np.array([5.0]), 80.0, 252.0)

    first, second = one([1, 2], [100.0, 100.0, 110.0]), one([5, 6], [100.0, 100.0, 90.0])
    whole = joined([(first.at, first), (np.array([3, 4]), None), (second.at, second)], 100.0)
    assert whole.at.tolist() == [1, 2, 3, 4, 5, 6]
    assert whole.equity == pytest.approx([100, 100, 110, 110, 110, 110, 99])
    assert whole.profits == pytest.approx([5, 5.5])
    assert whole.traded == pytest.approx(80 + 88)


def test_an_account_that_lost_everything_stays_there():
    ruined = Outcome("", "", {}, np.array([1]), np.array([100.0, -3.0]), np.zeros(2), np.zeros(0),
                     0.0, 252.0)  # fmt: skip
    whole = joined([(np.array([1]), ruined), (np.array([2]), ruined)], 100.0)
    assert whole.equity.tolist() == [100.0, -3.0, -3.0]


def test_every_point_counts_as_a_trial(tmp_path):
    found = walked(tmp_path, market(260), asked(), WALK)
    assert found["validation"]["trials"] == 2
    assert 0 <= found["validation"]["deflated_sharpe"] <= 1
    assert set(found["benchmarks"]) == {"buy and hold", "equal weight"}
    assert len(found["curve"]["buy and hold"]) == len(found["curve"]["equity"])


def test_where_nothing_moved_nothing_is_chosen_and_the_fold_stays_in_cash(tmp_path):
    found = walked(tmp_path, market(130), search(sized(tmp_path, "pass"), {"size": "1,2"}), WALK)
    assert found["folds"][0]["params"] == {}
    assert set(found["curve"]["equity"]) == {found["record"]["cash"]}
    assert "stay in cash" in found["findings"][-1]["sentence"]


def test_a_point_that_fails_while_learning_is_never_chosen(tmp_path):
    body = f"if SIZE == 2:\n    1 / 0\n{BUYS}"
    found = walked(tmp_path, market(130), search(sized(tmp_path, body), {"size": "1,2"}), WALK)
    assert {fold["params"]["size"] for fold in found["folds"]} == {1}
    assert len(found["failed"]) == 2 * len(found["folds"])


@pytest.mark.parametrize(
    ("walk", "sentence"),
    [
        ((0, 40, 0), "at least 2"),
        ((80, 1, 5), "at least 2"),
        ((80, -3, 5), "at least 2"),
        ((80, 40, -1), "at least 2"),
        ((80, 40, 79), "at least 2"),
    ],
)
def test_lengths_that_can_t_be_walked_are_refused(walk, sentence):
    with pytest.raises(InputError, match=sentence):
        Walk(*walk)


def test_a_past_too_short_for_a_fold_is_a_sentence(tmp_path):
    with pytest.raises(InputError, match="There are 81 days with bars, too few"):
        walked(tmp_path, market(81), asked(), WALK)
    with pytest.raises(InputError, match="leave --each out"):
        walked(tmp_path, market(170), asked(each=True), WALK)
