"""Whoever plays it, a search comes out the same; a worker that dies costs one run played again."""

from __future__ import annotations

import os
import signal

import pytest

from tests.backtest.past import market, over
from tests.backtest.search.searched import (
    BUYS,
    hands,
    open_on,
    search,
    sized,
    swept,
    walked,
)
from tools.assembly import open_workers
from tools.backtest.search.folds import Walk
from tools.backtest.search.sweeping import sweep
from tools.backtest.search.workers.cluster import Cluster
from tools.backtest.search.workers.here import Here
from tools.backtest.search.workers.processes import Processes
from tools.domain.errors import ConfigError
from tools.settings import Settings

BARS = 70
SIZES = {"size": "1,2,3"}


def processes(said=None, count=2, opener=open_on, settings=BARS):
    return Processes(opener, settings, count, (said if said is not None else []).append)


def no_worker(_):
    raise ConfigError("there is no feed here")


def test_two_processes_give_what_one_gives(tmp_path):
    past, own, walk = market(BARS), search(sized(tmp_path, BUYS), SIZES), Walk(40, 25, 5)
    alone = walked(tmp_path / "1", past, own, walk)
    assert walked(tmp_path / "2", past, own, walk, processes()) == alone


def test_a_run_whose_worker_dies_is_played_once_more_and_fails_then(tmp_path):
    mark = tmp_path / "died"
    body = (
        "import os, pathlib\n"
        f"mark = pathlib.Path({str(mark)!r})\n"
        "if SIZE == 2 and not mark.exists():\n"
        "    mark.touch()\n"
        "    os.kill(os.getpid(), 9)\n"
        "if SIZE == 3:\n"
        f"    os._exit(7)\n{BUYS}"
    )
    said = []
    own = search(sized(tmp_path, body), SIZES)
    found = swept(tmp_path / "2", market(BARS), own, processes(said, count=1))
    assert mark.exists()
    assert [one["params"]["size"] for one in found["points"]] == [1, 2]
    [failed] = found["failed"]
    assert failed["params"] == {"size": 3}
    assert "Two workers died" in failed["why"]
    assert "status 7" in failed["why"]
    assert [("size=2" in one, "SIGKILL" in one) for one in said] == [(True, True), (False, False)]


def test_a_worker_that_can_t_begin_ends_the_search_and_leaves_nobody(tmp_path):
    workers = processes(count=1, opener=no_worker)
    with pytest.raises(ConfigError, match="can't begin: there is no feed here"):
        swept(tmp_path, market(BARS), search(), workers)
    assert not workers._all


def test_workers_are_given_no_key_but_those_of_prices(tmp_path):
    keys = {"openai_api_key": "k1", "database_url": "k2", "polygon_api_key": "k3"}
    mine = Settings(home=tmp_path, ray=None, **keys)
    pool = open_workers(mine, 2, pytest.fail)
    assert isinstance(pool, Processes)
    theirs = pool._settings
    assert (theirs.openai_api_key, theirs.database_url) == (None, None)
    assert theirs.polygon_api_key == mine.polygon_api_key
    assert (theirs.home, theirs.feed) == (mine.home, mine.feed)
    assert isinstance(open_workers(mine, 1, pytest.fail), Here)
    assert isinstance(open_workers(Settings(home=tmp_path, ray="local"), 1, pytest.fail), Cluster)


def test_an_interrupted_search_leaves_no_process_and_keeps_what_was_done(tmp_path):
    past, pool = market(BARS), processes(count=1)
    pids = []

    def told(done, kept, whole):
        pids.extend(one.process.pid for one in pool._all)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        sweep(over(past), search(), hands(tmp_path, over(past), pool, told))
    assert len(list((tmp_path / "points").iterdir())) == 1
    [pid] = set(pids)
    with pytest.raises(ProcessLookupError):
        os.kill(pid, signal.SIG_DFL)


def test_two_searches_at_once_share_what_they_do(tmp_path):
    past = market(BARS)
    alone = swept(tmp_path / "alone", past, search())

    def other_first(done, kept, whole):
        if done == 1:
            assert swept(tmp_path, past, search()) == alone

    last = []
    watched = hands(tmp_path, over(past), told=lambda *n: (other_first(*n), last.append(n)))
    assert sweep(over(past), search(), watched) == alone
    assert last[-1] == (5, 4, 5)
