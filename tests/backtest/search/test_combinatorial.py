"""Every group is judged by points that were chosen without it, and each path is made of such."""

from __future__ import annotations

import json
from datetime import date
from itertools import combinations
from math import comb
from types import SimpleNamespace

import numpy as np
import pytest

from tests.backtest.kept import figures_of
from tests.backtest.past import Changed, market, over, sessions
from tests.backtest.search.searched import BUYS, crossed, search, sized
from tests.backtest.search.test_sweep import Counting
from tests.backtest.search.test_workers import processes
from tools.backtest.request import Request
from tools.backtest.search.choosing import choices
from tools.backtest.search.crossing import Crossing, crossing_of, groups_of
from tools.backtest.search.folds import days_of
from tools.backtest.search.judging import METRICS
from tools.backtest.validation.splits import combinatorial
from tools.domain.errors import InputError

FOUR = Crossing(4, 2, purge=3, embargo=2)
TWO = {"fast": "2,10", "slow": "20"}


def asked(**more):
    return search(grid=TWO, **more)


def days_learnt(crossing, days):
    """By the definition: neither judged, nor in the purge or the embargo of what is."""
    parts = np.array_split(np.arange(len(days)), crossing.groups)
    for way in combinations(range(crossing.groups), crossing.judged):
        free = set(range(len(days)))
        for group in way:
            first, last = parts[group][0], parts[group][-1]
            free -= set(range(first - crossing.purge, last + crossing.purge + crossing.embargo + 1))
        yield sorted(free)


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    return crossed(tmp_path_factory.mktemp("found"), market(170), asked(), FOUR)


def test_every_way_to_judge_and_every_path_is_there_and_the_document_is_json(found):
    assert [one["judged"] for one in found["combinations"]] == [
        list(way) for way in combinations(range(4), 2)
    ]
    assert len(found["paths"]) == comb(3, 1)
    assert sum(one["times"] for one in found["chosen"]) == 6
    assert found["record"]["combinatorial"] == {
        "groups": 4, "judged": 2, "purge": 3, "embargo": 2,
    }  # fmt: skip
    assert found["kind"] == "combinatorial"
    assert len(found["curve"]["equity"]) == 171
    assert found["validation"]["trials"] == 2
    assert "nobody could have traded it" in found["findings"][0]["sentence"]
    json.dumps(found, allow_nan=False)


def test_the_choice_and_the_judgement_are_those_of_the_runs_one_would_play_by_hand(found, tmp_path):
    past = market(170)
    days = sessions(170)
    parts = np.array_split(np.arange(170), 4)
    returns = np.zeros((170, 2))
    for part in parts:
        for place, fast in enumerate((2, 10)):
            request = Request(
                "dual_moving_average", ("IBM",), days[part[0]], days[part[-1]],
                params={"fast": fast, "slow": 20},
            )  # fmt: skip
            equity = np.array(over(past).run(request).document["curve"]["equity"])
            returns[part, place] = equity[1:] / equity[:-1] - 1
    for one, learn in zip(found["combinations"], days_learnt(FOUR, days), strict=True):
        assert one["learn_days"] == len(learn)
        learnt = returns[learn]
        swing = learnt.std(axis=0, ddof=1)
        ratios = learnt.mean(axis=0) / np.where(swing > 0, swing, np.nan) * 252**0.5
        best = int(np.nanargmax(ratios))
        assert one["params"]["fast"] == (2, 10)[best]
        assert one["learn_figures"]["sharpe"] == pytest.approx(ratios[best])
        judged = returns[np.concatenate([parts[g] for g in one["judged"]]), best]
        assert one["judge_figures"]["total_return"] == pytest.approx(np.prod(1 + judged) - 1)
    for path in found["paths"]:
        chosen = [found["combinations"][split]["params"]["fast"] for split in path["splits"]]
        assert all(g in found["combinations"][s]["judged"] for g, s in enumerate(path["splits"]))
        whole = np.concatenate(
            [returns[part, (2, 10).index(fast)] for part, fast in zip(parts, chosen, strict=True)]
        )
        assert path["equity"] == pytest.approx(100_000 * np.cumprod([1, *(1 + whole)]))
        assert path["figures"]["total_return"] == pytest.approx(np.prod(1 + whole) - 1)


def test_the_middle_path_is_what_is_shown_and_judged(found):
    ratios = [path["figures"]["sharpe"] or 0.0 for path in found["paths"]]
    assert sorted(ratios)[1] == ratios[found["middle"]]
    assert found["curve"]["equity"] == found["paths"][found["middle"]]["equity"]
    assert found["figures"] == found["paths"][found["middle"]]["figures"]
    spread = found["spread"]["sharpe"]
    assert (spread["least"], spread["p50"], spread["most"]) == pytest.approx(tuple(sorted(ratios)))


def test_days_that_are_judged_purged_or_embargoed_change_no_choice(found, tmp_path):
    days, learnt = sessions(170), list(days_learnt(FOUR, sessions(170)))
    # The last group alone is other: whoever judges it has not learnt from it, nor the purge before.
    other = crossed(tmp_path, Changed(market(170), 128).made("1.7"), asked(), FOUR)
    untouched = [
        n for n, one in enumerate(found["combinations"])
        if 3 in one["judged"] and max(learnt[n]) < 128
    ]  # fmt: skip
    assert untouched
    assert days[128].isoformat() == found["groups"][3][0]
    for n in untouched:
        mine, same = found["combinations"][n], other["combinations"][n]
        assert (mine["params"], mine["learn_figures"]) == (same["params"], same["learn_figures"])


def test_two_processes_give_what_one_gives_and_so_does_one_that_was_stopped(tmp_path):
    past, three = market(70), {"size": "1,2,3"}
    own = search(sized(tmp_path, BUYS), three)
    crossing = Crossing(3, 1, 2, 1)
    alone = crossed(tmp_path / "1", past, own, crossing)
    assert crossed(tmp_path / "2", past, own, crossing, processes()) == alone
    first = Counting(over(past), stop=4)
    with pytest.raises(KeyboardInterrupt):
        crossed(tmp_path / "3", past, own, crossing, first)
    second = Counting(over(past))
    assert crossed(tmp_path / "3", past, own, crossing, second) == alone
    assert second.played == 9 - 4


def test_other_groups_of_the_same_days_are_another_document(found, tmp_path):
    other = crossed(tmp_path, market(170), asked(), Crossing(4, 1, 3, 2))
    assert other["id"] != found["id"]
    assert len(other["paths"]) == 1


def test_a_point_that_fails_is_not_chosen_where_it_failed_and_is_told(tmp_path):
    body = f"if SIZE == 2 and context.bars('IBM') < 40:\n    1 / 0\n{BUYS}"
    past, crossing = market(120), Crossing(3, 1, 2, 1)
    found = crossed(tmp_path, past, search(sized(tmp_path, body), {"size": "1,2"}), crossing)
    [failed] = found["failed"]
    assert failed["params"] == {"size": 2}
    assert failed["from"] == found["groups"][0][0]
    # Only who judges the first group has not learnt from it.
    assert [one["params"]["size"] for one in found["combinations"]][1:] == [1, 1]


def test_where_nothing_moves_all_stays_in_cash_and_nothing_is_promoted(tmp_path):
    found = crossed(tmp_path, market(90), search(sized(tmp_path, "pass"), {"size": "1,2"}),
                    Crossing(3, 1))  # fmt: skip
    assert {one["params"].get("size") for one in found["combinations"]} == {None}
    assert set(found["curve"]["equity"]) == {100_000.0}
    assert not found["validation"]["promoted"]
    assert any("nothing could be chosen" in one["sentence"] for one in found["findings"])


def test_a_group_without_bars_to_warm_up_on_is_told(tmp_path):
    grid = {"fast": "2", "slow": "20,60"}
    found = crossed(tmp_path, market(170), search(grid=grid), FOUR)
    assert "1 of 2 points held nothing in the first group" in found["findings"][-1]["sentence"]
    start = sessions(170)[70]
    later = crossed(tmp_path, market(170), search(grid=grid, start=start), FOUR)
    assert not any("warm up" in one["sentence"] for one in later["findings"])


def test_many_paths_keep_three_and_their_fan(tmp_path):
    own = search(sized(tmp_path, BUYS), {"size": "1,2"})
    found = crossed(tmp_path, market(170), own, Crossing(8, 3, 1, 0))
    assert len(found["paths"]) == comb(7, 2) == 21
    assert sum(path["equity"] is not None for path in found["paths"]) == 3
    fan = np.array([found["fan"][name] for name in ("p5", "p25", "p50", "p75", "p95")])
    assert (np.diff(fan, axis=0) >= 0).all()
    assert fan.shape == (5, 171)


def test_minutes_are_grouped_by_their_days():
    at = [np.datetime64(f"{day}T15:0{minute}", "ns") for day in sessions(60) for minute in range(3)]
    fake = SimpleNamespace(known=np.array(at).astype(np.int64))
    tape = SimpleNamespace(series={"IBM": fake})
    moments, days = days_of(tape, 0, 2**62)
    groups = groups_of(Crossing(3, 1, 1, 1), days, moments)
    assert [(one.start, one.stop) for one in groups.bars] == [(0, 60), (60, 120), (120, 180)]
    assert groups.splits[0].judge.tolist() == list(range(60))
    assert groups.splits[0].learn.tolist() == list(range(3 * 22, 180))


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("6", "such as 6,2"),
        ("6,2,1", "such as 6,2"),
        ("six,2", "such as 6,2"),
        ("6,-2", "such as 6,2"),
        ("", "such as 6,2"),
        ("1,1", "At least 2 groups"),
        ("6,6", "At least 2 groups"),
        ("6,0", "At least 2 groups"),
        ("20,10", "more than 1,000 combinations"),
        ("999999999999,2", "more than 1,000 combinations"),
        ("5000,4999", "more than 1,000 combinations"),
    ],
)
def test_groups_that_can_t_be_meant_are_a_sentence(text, sentence):
    with pytest.raises(InputError, match=sentence):
        crossing_of(text, 5, 5)


def test_groups_too_short_or_with_nothing_left_to_learn_from_are_a_sentence(tmp_path):
    with pytest.raises(InputError, match="fewer than 20 days each"):
        crossed(tmp_path, market(70), asked(), Crossing(4, 1))
    with pytest.raises(InputError, match="leave 9 days to learn from"):
        crossed(tmp_path, market(70), asked(), Crossing(2, 1, purge=26, embargo=0))
    with pytest.raises(InputError, match="leave nothing to learn from"):
        crossed(tmp_path, market(70), asked(), Crossing(2, 1, purge=90))
    with pytest.raises(InputError, match="Purge and embargo are 0 days or more"):
        Crossing(4, 1, purge=-1)
    with pytest.raises(InputError, match="leave --each out"):
        crossed(tmp_path, market(70), asked(each=True), FOUR)


def test_the_last_day_said_is_the_last_day_seen(tmp_path):
    end = date(2010, 7, 1)
    found = crossed(tmp_path, market(170), asked(end=end), FOUR)
    assert found["groups"][-1][1] == end.isoformat()
    longer = crossed(tmp_path, market(125), asked(end=end), FOUR)
    assert longer == found


@pytest.mark.parametrize("metric", METRICS)
def test_every_metric_chooses_what_has_the_most_of_it(tmp_path, metric):
    returns = np.random.default_rng(3).normal(0.0002, 0.01, (120, 5))
    splits = combinatorial(120, 4, 2, purge=2)
    for one in choices(returns, splits, metric, 252.0):
        equity = np.cumprod(np.vstack([np.ones(5), 1 + returns[one.split.learn]]), axis=0)
        known = [figures_of(column)[metric] for column in equity.T]
        assert one.learnt == pytest.approx(known)
        assert one.point == int(np.argmax(known))
