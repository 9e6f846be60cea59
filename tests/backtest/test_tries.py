"""A single run is judged by how many are kept of its kind, and says that others are unknown."""

from __future__ import annotations

import json

import pytest

from app.cli.main import run
from tests.backtest.kept import grown, run_of, sweep_of, walk_of
from tools.backtest.keeping import Runs
from tools.backtest.report import page
from tools.backtest.tries import judged, tried
from tools.domain.errors import InputError, StateError


def with_id(number, **more):
    document = run_of(grown(400, seed=number), grown(400, seed=99))
    record = document["record"] | {"params": {"lookback": number}} | more
    return document | {"id": f"{number:012x}", "record": record}


@pytest.fixture
def runs(tmp_path):
    runs = Runs(tmp_path)
    for number in (1, 2, 3):
        runs.put(with_id(number))
    return runs


def test_runs_of_the_same_strategy_on_the_same_symbols_are_tries(runs):
    runs.put(with_id(4, strategy="breakout"))
    runs.put(with_id(5, symbols=["IBM", "AAPL"]))
    found = tried(runs, with_id(1))
    assert found.count == 3
    assert len(found.ratios) == 3
    verdict = judged(runs, with_id(1))["validation"]
    assert verdict["trials"] == 3
    assert "3 runs are kept here" in verdict["note"]
    assert "not kept is unknown" in verdict["note"]


def test_a_changed_file_is_a_try_and_new_prices_or_another_version_are_none(runs):
    runs.put(with_id(1, source="changed") | {"id": "aa"})
    assert tried(runs, with_id(1)).count == 4
    runs.put(with_id(1, code="newer", data="other", file="elsewhere.py") | {"id": "ab"})
    assert tried(runs, with_id(1)).count == 4


def test_a_run_that_is_not_kept_itself_counts_too(runs):
    assert tried(runs, with_id(9)).count == 4


def test_every_point_of_a_search_counts_once(runs):
    points = sweep_of({(n, 50): 0.1 * n for n in range(10)})
    points["record"] = with_id(1)["record"] | {"grid": {}, "metric": "sharpe"}
    points["points"][0]["params"] = {"lookback": 1}  # it is kept as a run besides
    points["points"][1]["symbols"] = ["AAPL"]  # each was played alone
    runs.put(points)
    assert tried(runs, with_id(1)).count == 3 + 8
    walk = walk_of(grown(60), validation={"trials": 40})
    runs.put(walk)
    assert tried(runs, with_id(1)).count == 3 + 8 + 40


def test_more_tries_make_it_harder_and_fewer_than_are_kept_are_not_believed(runs):
    found = [judged(runs, with_id(1), count)["validation"] for count in (1, 3, 50, 5_000)]
    assert [one["trials"] for one in found] == [3, 3, 50, 5_000]
    deflated = [one["deflated_sharpe"] for one in found]
    assert deflated == sorted(deflated, reverse=True)
    assert deflated[3] < deflated[0]
    assert "more than the 1 that" in found[0]["note"]
    assert "the 50 that you told" in found[2]["note"]
    for wrong in (0, -5, 10**12):
        with pytest.raises(InputError, match="at least 1 try"):
            judged(runs, with_id(1), wrong)


def test_what_is_kept_stays_as_it_was_and_other_kinds_come_back_as_they_are(runs):
    kept = runs.get("000000000001")
    judged(runs, kept)
    assert "validation" not in kept
    walk = walk_of(grown(60))
    assert judged(runs, walk) == walk


def test_files_that_can_t_be_read_are_no_tries(runs, tmp_path):
    (tmp_path / "bad.json").write_text('{"record": {"strategy": "momentum"')
    (tmp_path / "odd.json").write_text('{"format": 1, "record": ["momentum"]}')
    strange = {"format": 1, "kind": "sweep", "id": "5", "points": [3, {"symbols": 5}],
               "record": {"strategy": "momentum"}}  # fmt: skip
    (tmp_path / "strange.json").write_text(json.dumps(strange))
    assert tried(runs, with_id(1)).count == 3


def test_a_run_that_was_edited_is_a_sentence(runs):
    document = with_id(1)
    document["curve"]["equity"][3] = "much"
    with pytest.raises(StateError, match="can't be shown"):
        judged(runs, document)


def test_a_run_without_a_benchmark_is_held_against_nothing_alone(runs):
    document = with_id(1)
    del document["curve"]["buy and hold"]
    assert judged(runs, document)["validation"]["benchmark"] is None


def test_the_page_has_the_verdict_and_what_it_counts(runs):
    text = page(judged(runs, with_id(1)))
    for words in ("3 tries are counted", "are kept here", "without buy and hold", "Not promoted"):
        assert words in text
    assert "overfitted" not in text


def test_the_terminal_says_it_and_takes_more_tries(capsys):
    command = ["backtest", "run", "breakout", "-s", "IBM", "--from", "2011-01-03",
               "--to", "2012-06-29"]  # fmt: skip
    assert run(command) == 0
    out = capsys.readouterr().out
    for words in ("1 run is kept here", "1 trial.", "Without what buy and hold", "Not promoted"):
        assert words in out
    assert run([*command, "-p", "entry=20", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["validation"]["trials"] == 2
    assert run(["backtest", "report", document["id"], "--tries", "30"]) == 0
    assert "30 trials." in capsys.readouterr().out
    assert run([*command, "--tries", "0"]) == 2
    assert "at least 1 try" in " ".join(capsys.readouterr().err.split())
