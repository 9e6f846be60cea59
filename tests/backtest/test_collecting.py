"""How garbage is collected in a run ends with the run, or with the last of several."""

import gc

import pytest

from tests.backtest.past import market, over, written
from tools.backtest.collecting import SELDOM, sparing
from tools.backtest.request import Request
from tools.domain.errors import InputError


@pytest.fixture(autouse=True)
def as_before():
    before = gc.get_threshold(), gc.get_freeze_count()
    yield
    assert (gc.get_threshold(), gc.get_freeze_count()) == before


def test_it_lasts_as_long_as_anybody_needs_it():
    one, other = sparing(), sparing()
    usual = gc.get_threshold()
    with one:
        other.__enter__()
        assert gc.get_threshold() == (SELDOM, *usual[1:])
        assert gc.get_freeze_count() > 0
    assert gc.get_threshold()[0] == SELDOM
    other.__exit__(None, None, None)
    assert gc.get_threshold() == usual
    assert gc.get_freeze_count() == 0


def test_garbage_of_the_run_is_still_found():
    class Loop:
        def __init__(self):
            self.itself = self

    with sparing():
        gc.collect()
        for _ in range(10):
            Loop()
        assert gc.collect() >= 10


@pytest.mark.parametrize("body", ["context.order('IBM', 1)", "raise ValueError('mine')"])
def test_a_run_leaves_it_as_it_was(tmp_path, body):
    request = Request(written(tmp_path, body), ("IBM",))
    usual = gc.get_threshold()
    if "raise" in body:
        with pytest.raises(InputError, match="mine"):
            over(market(20)).run(request)
    else:
        over(market(20)).run(request)
    assert gc.get_threshold() == usual
