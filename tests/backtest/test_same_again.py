"""The same record gives the same result to the last bit; anything else is another record."""

import json
import os
import random
import subprocess
import sys
from pathlib import Path

import pytest

from tests.backtest.past import market, over, ran, written
from tools.backtest.costs import Costs
from tools.backtest.keeping import Runs
from tools.backtest.request import Request
from tools.domain.errors import NotFound, StateError

BODY = """
import random
context.target("IBM", random.choice([-0.3, 0.0, 0.4]))
"""
AGAIN = """
import json, sys
from tests.backtest.past import market, ran
run = ran(market(80), sys.argv[1], seed=7)
print(json.dumps([run["id"], run["hash"], run["ledger"]]))
"""


def test_a_run_can_be_had_again_bit_by_bit(tmp_path):
    path = written(tmp_path, BODY)
    one, other = (ran(market(120), path, seed=7) for _ in range(2))
    assert one == other
    assert one["fills"]


def test_it_is_the_same_in_another_process_with_other_hashes(tmp_path):
    path = written(tmp_path, BODY)

    def elsewhere(seed):
        return subprocess.run(
            [sys.executable, "-c", AGAIN, path],
            capture_output=True,
            text=True,
            check=True,
            cwd=Path(__file__).resolve().parents[2],
            env={**os.environ, "PYTHONHASHSEED": seed},
        ).stdout

    assert elsewhere("1") == elsewhere("4711")


def test_a_run_leaves_the_program_s_own_random_numbers_alone(tmp_path):
    before = random.getstate()
    ran(market(80), written(tmp_path, BODY), seed=7)
    assert random.getstate() == before


@pytest.mark.parametrize(
    "other",
    [
        {"seed": 8},
        {"cash": 90_000.0},
        {"params": {"size": 11}},
        {"costs": Costs(slippage_bps=3)},
        {"limits": "active"},
    ],
)
def test_whatever_decides_the_result_is_in_the_record(tmp_path, other):
    path = written(tmp_path, BODY)
    one, changed = ran(market(120), path, seed=7), ran(market(120), path, **{"seed": 7} | other)
    assert one["id"] != changed["id"]


def test_a_file_written_twice_in_a_moment_runs_as_it_is_now(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    sizes = []
    for size in (10, 20):
        path = Path(written(tmp_path, f"context.target('IBM', 0.{size})"))
        os.utime(path, (1e9, 1e9))
        sizes.append(float(ran(market(10), str(path))["fills"][0]["quantity"]))
    assert sizes[1] > 1.5 * sizes[0]
    assert not (tmp_path / "__pycache__").exists()


def test_other_prices_and_another_strategy_are_another_record(tmp_path):
    past, path = market(120), written(tmp_path, BODY)
    one = ran(past, path)
    assert one["id"] != ran(market(120, IBM=9), path)["id"]
    assert one["id"] != ran(past, written(tmp_path, BODY + "\n# another word"))["id"]


def test_where_the_file_lies_changes_nothing(tmp_path):
    (tmp_path / "elsewhere").mkdir()
    runs = [
        ran(market(60), written(folder, "pass")) for folder in (tmp_path, tmp_path / "elsewhere")
    ]
    assert runs[0]["hash"] == runs[1]["hash"]


def test_a_run_is_kept_whole_and_found_by_the_start_of_its_id(tmp_path):
    result = over(market(30)).run(Request(written(tmp_path, "pass"), ("IBM",)))
    runs = Runs(tmp_path / "runs")
    runs.keep(result)
    runs.keep(result)
    assert runs.get(result.record.id[:6]) == json.loads(json.dumps(result.document))
    assert [one["id"] for one in runs.all()] == [result.record.id]
    with pytest.raises(NotFound, match="no run"):
        runs.get("ffff00000000")
    with pytest.raises(NotFound):
        runs.get("../../etc")


def test_a_torn_file_is_told_and_hides_no_other(tmp_path):
    result = over(market(30)).run(Request(written(tmp_path, "pass"), ("IBM",)))
    runs = Runs(tmp_path / "runs")
    runs.keep(result)
    (tmp_path / "runs" / "abcabcabcabc.json").write_text("{")
    assert [one["id"] for one in runs.all()] == [result.record.id]
    with pytest.raises(StateError, match="Run it again"):
        runs.get("abc")


@pytest.mark.parametrize("figure", ["sharpe", "total_return"])
def test_a_kept_run_that_was_edited_is_told_and_not_shown(tmp_path, figure):
    result = over(market(30)).run(Request(written(tmp_path, "pass"), ("IBM",)))
    runs = Runs(tmp_path / "runs")
    path = runs.keep(result)
    document = json.loads(path.read_text())
    document["figures"][figure] = 9.9
    path.write_text(json.dumps(document))
    with pytest.raises(StateError, match="was changed since it was kept"):
        runs.get(result.record.id)
    assert list(runs.all()) == []


def test_other_spaces_in_a_kept_run_change_nothing(tmp_path):
    result = over(market(30)).run(Request(written(tmp_path, "pass"), ("IBM",)))
    runs = Runs(tmp_path / "runs")
    path = runs.keep(result)
    path.write_text(json.dumps(json.loads(path.read_text()), indent=2))
    assert runs.get(result.record.id)["hash"] == result.hash


def test_a_run_that_comes_out_otherwise_than_before_is_noticed(tmp_path):
    """What a strategy goes by and no seed or hash can hold: luck of its own, a clock, a file."""
    path = written(tmp_path, "import os\ncontext.order('IBM', 1 + int.from_bytes(os.urandom(3)))")
    first, second = (over(market(30)).run(Request(path, ("IBM",))) for _ in range(2))
    runs = Runs(tmp_path / "runs")
    assert runs.otherwise(first) == ""
    runs.keep(first)
    assert runs.otherwise(first) == ""
    assert first.record.id == second.record.id
    assert runs.otherwise(second) == first.hash
