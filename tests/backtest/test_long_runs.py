"""What an order costs doesn't grow with the orders before it: counted, never timed."""

from collections import Counter

import pytest

from tests.backtest.past import market, ran, written
from tools.execution.layers import Layers
from tools.portfolio.accounting import Books

# Each bar buys or sells, and every third one leaves an order that waits for its price.
BODY = """
n = len(context.closes("IBM", 5000))
context.order("IBM", 10 if n % 2 else -9)
if not n % 3:
    context.order("IBM", 5, limit=context.closes("IBM", 1)[-1] * 0.97, time="gtc")
"""
SHORT, LONG = 40, 160


@pytest.fixture
def work(tmp_path, monkeypatch):
    """How often a fill was booked and a whole list of orders laid together in a run."""
    counts = Counter()

    def counted(kind, name):
        plain = getattr(kind, name)

        def call(self, *args):
            counts[name] += 1
            return plain(self, *args)

        monkeypatch.setattr(kind, name, call)

    counted(Books, "_fill")
    counted(Layers, "_together")
    path = written(tmp_path, BODY)

    def played(bars):
        counts.clear()
        run = ran(market(bars), path)
        return len(run["fills"]), counts["_fill"], counts["_together"]

    return played


def test_each_fill_is_booked_as_often_in_a_long_run_as_in_a_short_one(work):
    few, booked, _ = work(SHORT)
    many, longer, _ = work(LONG)
    assert many > 3 * few
    assert longer * few == booked * many


def test_no_order_makes_the_desk_go_through_all_orders(work):
    _, _, whole = work(SHORT)
    _, _, longer = work(LONG)
    assert whole == longer
