"""``tollgate backtest sweep | walk-forward``: what a person types, stops and begins again."""

from __future__ import annotations

import json

import pytest

from app.cli.main import run
from tests.backtest.search.searched import BUYS, sized

BARE = ["sweep", "breakout", "-s", "IBM", "--from", "2011-01-03", "--to", "2011-12-30",
        "--workers", "1"]  # fmt: skip
SWEEP = [*BARE, "-p", "entry=10,20", "-p", "exit=5"]
WALK = ["walk-forward", *SWEEP[1:], "--learn", "120", "--judge", "60"]


def said(capsys, *arguments):
    status = run(["backtest", *arguments])
    out = capsys.readouterr()
    return status, out.out, out.err


def test_a_sweep_is_told_kept_and_shown_again_with_its_best_as_a_whole_run(capsys):
    status, out, _ = said(capsys, *SWEEP)
    assert status == 0
    for word in ("SIMULATED", "entry=10", "deflated Sharpe", "Not promoted", "2 runs"):
        assert word in out
    run_id = out.split("tollgate backtest report ")[1].strip()
    assert said(capsys, "report", run_id)[0] == 0
    kept = out.split("Kept as ")[1].split(";")[0]
    document = json.loads(said(capsys, "report", kept, "--json")[1])
    assert document["points"][document["best"]]["run"] == run_id
    status, again, _ = said(capsys, "report", kept)
    assert status == 0
    assert again in out
    status, out, _ = said(capsys, "list", "--json")
    assert [one["id"] for one in json.loads(out)["runs"]] == [run_id]


def test_a_walk_is_told_beside_doing_little_and_shown_again(capsys, tmp_path):
    status, out, _ = said(capsys, *WALK)
    assert status == 0
    for word in ("SIMULATED", "buy and hold", "equal weight", "judged from", "trials", "folds"):
        assert word in out
    kept = out.split("Kept as ")[1].split(";")[0]
    assert said(capsys, "report", kept)[1] == out
    page = tmp_path / "walk.html"
    assert said(capsys, "report", kept, "--html", str(page))[0] == 0
    assert "Walk forward" in page.read_text()


def test_what_a_strategy_goes_by_besides_its_context_is_told_after_a_search(capsys, tmp_path):
    path = sized(tmp_path, f"import time\ntime.time()\n{BUYS}\nopen(__file__ + '.csv', 'a')")
    span = ("-s", "IBM", "--from", "2011-01-03", "--to", "2011-12-30", "--workers", "1")
    _, out, _ = said(capsys, "sweep", path, *span, "-p", "size=1,2")
    assert "it asks this computer's clock" in out
    assert "it writes the file mine.py.csv (first on the bar of 2011-01-03" in out
    _, out, _ = said(
        capsys, "walk-forward", path, *span, "-p", "size=1,2", "--learn", "120", "--judge", "60"
    )
    assert "it asks this computer's clock" in out


@pytest.mark.parametrize("workers", ["1", "2"])
def test_what_a_strategy_prints_is_not_in_the_document(capfd, tmp_path, workers):
    path = sized(tmp_path, f"print('bar')\n{BUYS}")
    arguments = ["-s", "IBM", "--from", "2012-11-01", "-p", "size=1,2", "--workers", workers]
    assert run(["backtest", "sweep", path, *arguments, "--json"]) == 0
    out, err = capfd.readouterr()
    assert json.loads(out)["points"]
    assert "bar" in err
    assert run(["backtest", "run", path, *arguments[:4], "--json"]) == 0
    assert json.loads(capfd.readouterr().out)["figures"]


def test_a_quick_scan_says_what_is_not_in_it_and_plays_the_best(capsys):
    status, out, err = said(capsys, *SWEEP, "--quick", "--best", "1", "--json")
    assert status == 0
    document = json.loads(out)
    assert document["engine"] == "compiled"
    assert [one["run"] is not None for one in document["points"]].count(True) == 1
    assert "no gate, venue, limit or lot" in document["findings"][0]["sentence"]
    assert not document["validation"]["promoted"]
    played = document["points"][document["best"]]
    assert played["desk"]["total_return"] == pytest.approx(
        played["figures"]["total_return"], abs=0.02
    )
    assert "kept as a whole run" in err


def test_a_stopped_search_says_how_to_go_on(capsys, tmp_path):
    path = sized(tmp_path, f"if SIZE == 2:\n    raise KeyboardInterrupt\n{BUYS}")
    status, _, err = said(capsys, "sweep", path, "-s", "IBM", "--to", "2000-06-01",
                          "-p", "size=1,2,3", "--workers", "1")  # fmt: skip
    assert status == 130
    assert "1 of 3 backtests are kept; the same command goes on there." in err


@pytest.mark.parametrize(
    ("arguments", "status", "sentence"),
    [
        (["-p", "entry=5000"], 2, "from 2 to 1000"),
        (["-p", "entry=1:2"], 2, "from:to:step"),
        (["-p", "entry"], 2, "takes name=value"),
        (["-p", "entry=5", "-p", "entry=6"], 2, "--param names entry twice"),
        (["--timeframe", "1w"], 2, "a day or shorter, not 1w"),
        (["--seed", "-1"], 2, "The seed must be"),
        (["-p", "entry=2:1000:1", "-p", "exit=1:1000:1"], 2, "999,000 backtests"),
        (["--metric", "luck"], 2, "A search goes by"),
        (["--workers", "0"], 2, "1 to 1000 workers"),
        (["--cost", "luck=1"], 2, "There is no cost"),
        (["--quick", "--timeframe", "5m"], 2, "daily bars"),
        (["--quick", "-s", "AAPL"], 2, "say --each"),
        (["--quick", "--metric", "calmar"], 2, "quick scan goes by"),
        (["--quick", "--best", "0"], 2, "At least one"),
        (["--cash", "nan"], 2, "The cash must be"),
    ],
)
def test_bad_input_is_a_sentence_and_a_status(capsys, arguments, status, sentence):
    ended, out, err = said(capsys, *BARE, *arguments)
    assert ended == status
    assert sentence in " ".join(err.split())
    assert not out
    assert "Traceback" not in err


def test_a_strategy_without_a_twin_has_no_quick_scan(capsys):
    ended, _, err = said(
        capsys, "sweep", "pairs", "-s", "IBM", "-p", "window=60,90", "--quick", "--workers", "1"
    )
    assert ended == 2
    assert "no compiled twin" in err


def test_a_past_without_folds_is_a_sentence(capsys):
    ended, _, err = said(capsys, *WALK[:-4], "--learn", "5000")
    assert ended == 2
    assert "too few to learn from 5000" in " ".join(err.split())


CROSS = ["walk-forward", *SWEEP[1:], "--combinatorial", "4,2", "--purge", "2", "--embargo", "1"]


def test_a_cross_validation_is_told_kept_listed_and_shown_again(capsys, tmp_path):
    status, out, _ = said(capsys, *CROSS)
    assert status == 0
    for word in ("SIMULATED", "6 combinations, 3 whole paths", "middle path", "buy and hold",
                 "What was chosen", "nobody could have traded it", "Not promoted"):  # fmt: skip
        assert word in out
    kept = out.split("Kept as ")[1].split(";")[0]
    assert said(capsys, "report", kept)[1] == out
    page = tmp_path / "crossed.html"
    assert said(capsys, "report", kept, "--html", str(page))[0] == 0
    assert "Cross-validation" in page.read_text()
    others = json.loads(said(capsys, "list", "--json")[1])["others"]
    assert [(one["id"], one["kind"]) for one in others] == [(kept, "combinatorial")]
    assert others[0]["figures"]["sharpe"] is not None
    status, _, err = said(capsys, "compare", kept, kept)
    assert status == 2
    assert "Only runs can be compared" in err


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--combinatorial", "4"], "such as 6,2"),
        (["--combinatorial", "4,4"], "At least 2 groups"),
        (["--combinatorial", "30,9"], "more than 1,000 combinations"),
        (["--combinatorial", "20,2"], "fewer than 20 days each"),
        (["--learn", "100"], "of a walk forward"),
        (["--anchored"], "of a walk forward"),
        (["--embargo", "-1"], "0 days or more"),
    ],
)
def test_bad_groups_are_a_sentence_and_a_status(capsys, arguments, sentence):
    status, out, err = said(capsys, *CROSS, *arguments)
    assert status == 2
    assert sentence in " ".join(err.split())
    assert not out


def test_an_embargo_without_groups_is_a_sentence(capsys):
    status, _, err = said(capsys, *WALK, "--embargo", "3")
    assert status == 2
    assert "goes with --combinatorial" in err
