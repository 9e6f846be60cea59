"""Look-ahead can't be written: what is not known yet is in nothing that a strategy is given."""

from __future__ import annotations

from types import BuiltinFunctionType, FunctionType, ModuleType

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.backtest.past import Changed, market, ran
from tools.backtest.loading import BUILT_IN

FAR = 1234.56

SPY = """
from dataclasses import dataclass

from tests.backtest import test_look_ahead


@dataclass
class Spy:
    def on_bar(self, context):
        context.closes("IBM", 10)
        context.order("IBM", 1)
        test_look_ahead.reached(context)
"""


def reached(context) -> None:
    """Every number that can be reached from the context, by any attribute, item or array."""
    seen, todo = set(), [context]
    while todo:
        thing = todo.pop()
        if id(thing) in seen or isinstance(thing, (ModuleType, FunctionType, BuiltinFunctionType)):
            continue
        seen.add(id(thing))
        if isinstance(thing, float):
            assert abs(thing - FAR) > 1
        elif isinstance(thing, np.ndarray):
            assert not (np.abs(thing - FAR) < 1).any()
            todo.append(thing.base)
        elif isinstance(thing, dict):
            todo += [*thing, *thing.values()]
        elif isinstance(thing, (list, tuple, set, frozenset)):
            todo += list(thing)
        elif not isinstance(thing, (str, bytes, int, type(None), type)):
            names = [n for n in dir(thing) if not (n.startswith("__") and n != "__self__")]
            todo += [getattr(thing, name, None) for name in names]


def test_no_figure_of_a_later_bar_can_be_reached_from_the_context(tmp_path):
    past = market(30)
    last = past.bars["IBM"].pop()
    shape = {name: type(last.close)(str(FAR)) for name in ("open", "high", "low", "close")}
    past.bars["IBM"].append(type(last)(
        last.symbol, last.session, last.event_time, last.known_at, *shape.values(), last.volume,
    ))  # fmt: skip
    path = tmp_path / "spy.py"
    path.write_text(SPY)
    with pytest.raises(Exception, match="2010-02-16") as caught:  # on the last bar, and no sooner
        ran(past, str(path))
    assert "AssertionError" in str(caught.value)


@pytest.mark.parametrize("name", BUILT_IN)
def test_a_strategy_does_the_same_whatever_comes_later(name):
    past = market(320, IBM=3, MSFT=4)
    since = 280
    short = {
        "momentum": {"lookback": 40, "skip": 2},
        "dual_moving_average": {"fast": 5, "slow": 30, "band": 0.0},
        "breakout": {"entry": 15, "exit": 5},
        "pairs": {"window": 60, "tested": False, "entry": 1.0},
    }.get(name, {})
    at = past.bars["IBM"][since].known_at.isoformat()
    runs = [
        ran(one, name, ("IBM", "MSFT"), params=short) for one in (past, Changed(past, since).made())
    ]
    before = [[f for f in run["fills"] if f["at"] < past.bars["IBM"][since].event_time.isoformat()]
              for run in runs]  # fmt: skip
    assert before[0] == before[1]
    assert before[0], "it never traded, so it proves nothing"
    places = [run["curve"]["at"].index(at) for run in runs]
    curves = [run["curve"]["equity"][:place] for run, place in zip(runs, places, strict=True)]
    assert curves[0] == curves[1]


@settings(max_examples=10)
@given(seed=st.integers(0, 10_000), since=st.integers(40, 75))
def test_what_was_shown_is_what_was_known(tmp_path_factory, seed, since):
    """The windows that a strategy sees are those of the bars up to its own."""
    from tests.backtest.past import written

    past = market(80, IBM=seed)
    folder = tmp_path_factory.mktemp("own")
    body = "context.order('IBM', int(context.closes('IBM', 20).sum()) % 7 - 3)"
    path = written(folder, body)
    runs = [ran(one, path) for one in (past, Changed(past, since).made("0.7"))]
    limit = past.bars["IBM"][since].event_time.isoformat()
    first, second = ([f for f in run["fills"] if f["at"] < limit] for run in runs)
    assert first == second
