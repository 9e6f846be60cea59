"""The same record gives the same result to the last bit; anything else is another record."""

import json
import os
import random
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.backtest.past import market, over, ran, written
from tools.backtest.costs import Costs
from tools.backtest.keeping import Runs
from tools.backtest.loading import BUILT_IN, find
from tools.backtest.request import Request
from tools.backtest.seeded import seeded
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


DRAWS = """
import random
import numpy as np
for _ in range(random.randrange(3)):
    np.random.random()
context.target("IBM", random.choice([-0.3, 0.0, 0.4]) * float(np.random.random()))
"""


def test_runs_at_once_in_one_process_are_what_they_are_alone(tmp_path):
    path, past = written(tmp_path, DRAWS), market(80)
    alone = [ran(past, path, seed=n)["hash"] for n in range(4)]
    assert len(set(alone)) == 4
    state = random.getstate()
    with ThreadPoolExecutor(4) as threads:
        together = list(threads.map(lambda n: ran(past, path, seed=n)["hash"], range(4)))
    assert together == alone
    assert random.getstate() == state


def test_a_run_that_must_wait_for_another_says_so(tmp_path, caplog):
    path, past = written(tmp_path, DRAWS), market(20)
    alone = ran(past, path)["hash"]
    with ThreadPoolExecutor(1) as threads:
        with seeded("mine.py", 0):
            other = threads.submit(ran, past, path)
            while "waits for another to end" not in caplog.text:
                assert not other.done()
        assert other.result()["hash"] == alone


def test_what_comes_with_tollgate_never_waits_for_it_draws_nothing():
    for name in BUILT_IN:
        text = Path(find(name).file).read_text()
        assert not re.search(r"random|secrets|uuid|default_rng", text), name
    with ThreadPoolExecutor(1) as threads, seeded("mine.py", 0):
        assert threads.submit(ran, market(20), "momentum").result()["id"]


AT_FIRST = """
from dataclasses import dataclass, field
import random

SHARE = random.choice([0.1, 0.2, 0.3, 0.4])

@dataclass(frozen=True)
class Mine:
    size: float = field(default_factory=random.random)
    def on_bar(self, context):
        context.target("IBM", SHARE * self.size)
"""


def test_what_is_drawn_before_the_first_bar_follows_from_the_seed_too(tmp_path):
    path = tmp_path / "mine.py"
    path.write_text(AT_FIRST)
    one, other = (ran(market(20), str(path), seed=3) for _ in range(2))
    assert one == other
    assert one["hash"] != ran(market(20), str(path), seed=4)["hash"]


@pytest.mark.parametrize(
    ("calls", "says"),
    [
        ("import numpy as np\nnp.random.default_rng().random()", "draws luck that no seed decides"),
        ("from numpy.random import default_rng as lots\nlots()", "draws luck that no seed decides"),
        ("import secrets\nsecrets.randbelow(4)", "draws luck that no seed decides"),
        ("import random\nrandom.SystemRandom().random()", "draws luck that no seed decides"),
        ("import time\ntime.time()", "asks this computer's clock"),
        ("from datetime import datetime\ndatetime.now()", "use context.now"),
    ],
)
def test_what_no_seed_decides_is_told_with_its_line(tmp_path, calls, says):
    run = ran(market(10), written(tmp_path, calls))
    (found,) = run["reached"]
    assert says in found["sentence"]
    assert "line " in found["sentence"]


@pytest.mark.parametrize(
    "calls",
    ["import random\nrandom.random()", "import numpy as np\nnp.random.default_rng(4).random()",
     "import random\nrandom.Random(7).random()", "context.now", "secrets = 1"],
)  # fmt: skip
def test_what_a_seed_decides_is_not_told(tmp_path, calls):
    assert ran(market(10), written(tmp_path, calls))["reached"] == []


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
