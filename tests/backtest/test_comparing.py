"""Kept runs side by side."""

import json

import numpy as np
import pytest

from tests.backtest.kept import grown, run_of
from tools.backtest.comparing.comparison import compare
from tools.backtest.comparing.luck import by_luck
from tools.backtest.report import page
from tools.domain.errors import InputError


def run(letter, equity, **record):
    document = run_of(equity, id=letter * 12)
    return document | {"record": document["record"] | record}


def test_what_the_runs_stand_on_is_told_only_where_it_differs():
    one, other = run("a", grown()), run("b", grown(seed=4), data="e", costs={"impact": 1.0})
    found = compare([one, other])
    assert [row["what"] for row in found["differences"]] == ["prices (hash)", "costs"]
    assert found["differences"][1]["values"] == ["none", "impact=1.0"]


def test_a_run_beside_a_copy_differs_by_nothing_and_correlates_wholly():
    found = compare([run("a", grown()), run("b", grown())])
    assert found["correlation"][0][1] == pytest.approx(1)
    (pair,) = found["luck"]
    assert (pair["difference"], pair["probability"]) == (pytest.approx(0), 1)


def test_a_much_better_run_is_hardly_luck_and_noise_often_is():
    noise = np.random.default_rng(1).normal(0, 0.01, (1_000, 2))
    better = noise + np.array([0.002, 0.0])
    (luck,) = by_luck(noise, 10, 252, 0)
    (skill,) = by_luck(better, 10, 252, 0)
    assert luck[3] > 0.1
    assert skill[3] < 0.01
    assert skill[2] == pytest.approx(np.diff(-better.mean(0) / better.std(0, ddof=1))[0] * 252**0.5)


def test_of_worthless_pairs_about_one_in_twenty_looks_better_than_luck():
    lots = np.random.default_rng(7)
    found = [next(by_luck(lots.normal(size=(250, 2)), 1, 252, n, 400))[3] for n in range(200)]
    assert 0.01 <= np.mean(np.array(found) <= 0.05) <= 0.11


def test_only_days_that_all_have_are_set_beside_each_other():
    longer, shorter = grown(300), grown(200, seed=9)
    found = compare([run("a", longer), run("b", shorter)])
    assert found["days"] == 199
    assert any("different days" in one["sentence"] for one in found["findings"])
    assert found["joined"]["A total_return"] == pytest.approx(longer[200] / longer[1] - 1)


def test_the_same_seed_gives_the_same_document_as_plain_json():
    runs = [run(letter, grown(seed=n)) for n, letter in enumerate("abc")]
    found = compare(runs, seed=5)
    assert json.loads(json.dumps(found, allow_nan=False)) == found == compare(runs, seed=5)
    text = page(found)
    for part in ("don't share", "Equity from 1", "Correlation", "chance of it by luck"):
        assert part.replace("'", "&#x27;") in text


def test_runs_without_days_in_common_or_with_nothing_left_are_still_compared():
    broke = grown(60)
    broke[40:] = [-5.0] * (len(broke) - 40)
    for other in (run("b", broke), run("b", grown(5))):
        found = compare([run("a", grown(60)), other])
        assert found["days"] == 0
        assert "too few days in common" in page(found)


@pytest.mark.parametrize(
    ("kept", "sentence"),
    [
        ([run("a", grown(40))], "2 to 12 runs"),
        ([run("a", grown(40))] * 2, "named twice"),
        ([run("a", grown(40)), {"kind": "sweep"}], "Only runs can be compared"),
    ],
)
def test_what_can_not_be_compared_is_a_sentence(kept, sentence):
    with pytest.raises(InputError, match=sentence):
        compare(kept)
