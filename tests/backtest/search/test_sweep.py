"""A sweep is ordinary runs: none is made up, none is played twice, and one that fails is told."""

from __future__ import annotations

import json

import pytest

from tests.backtest.past import bars_of, market, over, walk
from tests.backtest.search.searched import BUYS, search, sized, swept
from tests.doubles import FakeMarket
from tools.backtest.request import Request
from tools.backtest.search.points import Points
from tools.backtest.search.task import Answer, Task
from tools.backtest.search.worker import Worker
from tools.backtest.search.workers.here import Here
from tools.domain.errors import ConfigError, DataUnavailable, InputError, StateError

GRID_POINT = {"fast": 2, "slow": 10}


class Counting:
    """Plays in this process and counts; ``stop`` ends it after so many, as Ctrl-C would."""

    described = "a test"

    def __init__(self, backtester, stop=None):
        self._here, self._stop, self.played = Here(backtester), stop, 0

    def answers(self, tasks):
        for answer in self._here.answers(tasks):
            yield answer
            self.played += 1
            if self.played == self._stop:
                raise KeyboardInterrupt

    def close(self):
        pass


def test_each_point_is_the_run_that_one_would_play_by_hand(tmp_path):
    past = market(70)
    found = swept(tmp_path, past, search())
    assert len(found["points"]) == 5
    assert found["left_out"] == 1
    for point in found["points"]:
        by_hand = over(past).run(Request("dual_moving_average", ("IBM",), params=point["params"]))
        assert point["run"] == by_hand.record.id
        assert point["figures"] == by_hand.document["figures"]


def test_the_best_has_the_most_of_the_metric(tmp_path):
    for metric in ("sharpe", "total_return"):
        found = swept(tmp_path, market(70), search(metric=metric))
        known = [one["figures"][metric] for one in found["points"]]
        best = max(value for value in known if value is not None)
        assert found["points"][found["best"]]["figures"][metric] == best


def test_the_document_is_json_and_says_what_was_searched(tmp_path):
    found = json.loads(json.dumps(swept(tmp_path, market(70), search()), allow_nan=False))
    assert found["kind"] == "sweep"
    assert found["record"]["grid"] == {"fast": [2, 5, 20], "slow": [10, 30]}
    assert found["record"]["symbols"] == ["IBM"]
    assert found["validation"]["trials"] == 5
    assert not found["validation"]["promoted"]
    assert found["engine"] == "desk"


def test_an_interrupted_sweep_goes_on_where_it_stopped(tmp_path):
    past = market(70)
    whole = swept(tmp_path / "other", past, search())
    first = Counting(over(past), stop=2)
    with pytest.raises(KeyboardInterrupt):
        swept(tmp_path, past, search(), first)
    second = Counting(over(past))
    assert swept(tmp_path, past, search(), second) == whole
    assert second.played == 3
    third = Counting(over(past))
    assert swept(tmp_path, past, search(), third) == whole
    assert third.played == 0


def test_other_bars_are_other_runs(tmp_path):
    one = swept(tmp_path, market(70), search())
    again = Counting(over(market(70, IBM=2)))
    other = swept(tmp_path, market(70, IBM=2), search(), again)
    assert again.played == 5
    assert one["id"] != other["id"]


def test_a_torn_run_is_played_again(tmp_path):
    past = market(70)
    whole = swept(tmp_path, past, search())
    for place, path in enumerate(sorted((tmp_path / "points").iterdir())):
        data = path.read_bytes()
        path.write_bytes((b"", b"{", data[: len(data) // 2], data[:-1], data)[place])
    again = Counting(over(past))
    assert swept(tmp_path, past, search(), again) == whole
    assert again.played == 4


def test_a_point_that_fails_is_told_and_the_rest_goes_on(tmp_path):
    body = "if SIZE == 3:\n    1 / 0\n" + BUYS
    asked = search(sized(tmp_path, body), {"size": "1:4:1"})
    found = swept(tmp_path, market(40), asked)
    assert [one["params"]["size"] for one in found["points"]] == [1, 2, 4]
    [failed] = found["failed"]
    assert failed["params"] == {"size": 3}
    assert "mine.py, line 12: ZeroDivisionError" in failed["why"]
    assert found["validation"]["trials"] == 4


def test_a_sweep_in_which_every_run_fails_is_still_told(tmp_path):
    found = swept(
        tmp_path, market(40), search(sized(tmp_path, "raise SystemExit"), {"size": "1,2"})
    )
    assert found["best"] is None
    assert not found["points"]
    assert len(found["failed"]) == 2


def test_each_symbol_is_played_alone(tmp_path):
    past = market(70, IBM=1, AAPL=2)
    found = swept(tmp_path, past, search(symbols=("AAPL", "IBM"), each=True))
    assert [one["symbols"] for one in found["points"]] == [["AAPL"]] * 5 + [["IBM"]] * 5
    together = swept(tmp_path, past, search(symbols=("AAPL", "IBM")))
    assert {tuple(one["symbols"]) for one in together["points"]} == {("AAPL", "IBM")}
    assert found["id"] != together["id"]


def test_a_symbol_that_nobody_has_is_told_and_the_others_are_played(tmp_path):
    found = swept(tmp_path, market(70), search(symbols=("ZZZZ", "IBM"), each=True))
    assert len(found["points"]) == len(found["failed"]) == 5
    assert "No feed has prices of ZZZZ" in found["failed"][0]["why"]
    with pytest.raises(DataUnavailable):
        swept(tmp_path, market(70), search(symbols=("ZZZZ", "IBM")))


def test_symbols_with_other_days_are_judged_side_by_side(tmp_path):
    past = FakeMarket(
        {"IBM": bars_of("IBM", walk(130)), "AAPL": bars_of("AAPL", walk(150, 2))[20:]}
    )
    found = swept(tmp_path, past, search(symbols=("AAPL", "IBM"), each=True))
    assert found["validation"]["deflated_sharpe"] is not None


@pytest.mark.parametrize(
    ("past", "sentence"),
    [
        (FakeMarket({"IBM": bars_of("IBM", [10.0])}), "at least two"),
        (FakeMarket({"IBM": bars_of("IBM", [10.0, -1.0, 3.0])}), "at or below zero"),
    ],
)
def test_bars_that_can_t_be_played_are_told_before_anything_is(tmp_path, past, sentence):
    with pytest.raises(InputError, match=sentence):
        swept(tmp_path, past, search())
    assert not (tmp_path / "points").exists()


def test_constant_prices_have_no_best(tmp_path):
    found = swept(tmp_path, FakeMarket({"IBM": bars_of("IBM", [10.0] * 130)}), search())
    assert found["best"] is None
    assert found["validation"]["deflated_sharpe"] is None
    assert not found["validation"]["promoted"]


def test_a_hole_in_the_bars_is_no_end(tmp_path):
    bars = bars_of("IBM", walk(90))
    found = swept(tmp_path, FakeMarket({"IBM": bars[:40] + bars[60:]}), search())
    assert len(found["points"]) == 5


def test_one_thing_alone_is_no_sweep(tmp_path):
    with pytest.raises(InputError, match="tries several things"):
        swept(tmp_path, market(40), search(grid={}))


def test_a_metric_that_is_none_is_refused():
    with pytest.raises(InputError, match="not 'luck'"):
        search(metric="luck")


def test_a_worker_that_saw_other_bars_ends_the_search(tmp_path):
    with pytest.raises(ConfigError, match="saw other bars of IBM"):
        swept(tmp_path, market(70), search(), Counting(over(market(70, IBM=2))))


def test_a_worker_without_the_bars_ends_the_search(tmp_path):
    with pytest.raises(ConfigError, match="can't play the run: No feed"):
        swept(tmp_path, market(70), search(), Counting(over(market(70, AAPL=2))))


def test_bars_that_come_while_it_is_played_change_nothing(tmp_path):
    whole = swept(tmp_path / "other", market(70), search())
    later = Counting(over(FakeMarket({"IBM": bars_of("IBM", walk(90))})))
    longer = FakeMarket({"IBM": bars_of("IBM", walk(70))})
    assert walk(90)[:70] == walk(70)
    assert swept(tmp_path, longer, search(), later) == whole


def test_a_strategy_s_file_changed_on_the_way_is_played_as_it_was(tmp_path):
    path = sized(tmp_path, BUYS)

    class Changing(Counting):
        def answers(self, tasks):
            for answer in super().answers(tasks):
                sized(tmp_path, "pass")
                yield answer

    past = market(40)
    found = swept(tmp_path, past, search(path, {"size": "1,2"}), Changing(over(past)))
    assert [one["figures"]["exposure"] > 0 for one in found["points"]] == [True, True]


def test_a_folder_that_can_t_be_used_is_a_sentence(tmp_path):
    (tmp_path / "points").write_text("in the way")
    with pytest.raises(StateError, match="can't be used"):
        swept(tmp_path, market(40), search())


def test_what_is_kept_comes_back_to_the_last_bit(tmp_path):
    past = market(80)
    one = over(past).record(Request("breakout", ("IBM",), params={"entry": 5, "exit": 3}))
    request = Request("breakout", ("IBM",), params={"entry": 5, "exit": 3})
    answer = Worker(over(past)).play(Task(0, request, one))
    assert isinstance(answer, Answer)
    points = Points(tmp_path)
    points.keep(answer.outcome)
    back = points.get(one.id)
    for name in ("at", "equity", "invested", "profits"):
        assert (getattr(back, name) == getattr(answer.outcome, name)).all()

    assert (back.figures, back.traded, back.result) == (
        dict(answer.outcome.figures), answer.outcome.traded, answer.outcome.result,
    )  # fmt: skip


def test_the_best_is_held_against_holding_its_own_symbols(tmp_path):
    past = market(200, IBM=1, AAPL=2)
    together = swept(tmp_path, past, search(symbols=("IBM", "AAPL")))
    run = over(past).run(
        Request("dual_moving_average", ("IBM", "AAPL"), params=together["points"][0]["params"])
    )
    held = together["validation"]["benchmark"]
    assert held["name"] == "buy and hold"
    assert held["total_return"] == pytest.approx(
        run.document["benchmarks"]["buy and hold"]["total_return"]
    )
    each = swept(tmp_path, past, search(symbols=("IBM", "AAPL"), each=True))
    ratios = [one["figures"]["sharpe"] or -9.0 for one in each["points"]]
    [symbol] = each["points"][ratios.index(max(ratios))]["symbols"]
    alone = over(past).run(Request("dual_moving_average", (symbol,), params=GRID_POINT))
    assert each["validation"]["benchmark"]["total_return"] == pytest.approx(
        alone.document["benchmarks"]["buy and hold"]["total_return"]
    )
