"""Real prices: their splits are found, their crashes stay, and nothing is removed."""

from __future__ import annotations

import pytest

from tools.market_data.columns import moment_of
from tools.market_data.feeds.sample import SampleFeed
from tools.market_data.quality.checking import daily
from tools.market_data.quality.finding import Kind, Treatment
from tools.market_data.quality.validation import validate_bars

SPLITS = {"AAPL": ["2000-06-21", "2005-02-28"], "MSFT": ["2003-02-18"]}


@pytest.mark.parametrize("symbol", ["AAPL", "FB", "GOOG", "IBM", "MSFT"])
@pytest.mark.parametrize("told", [True, False])
def test_splits_are_found_with_adjusted_closes_and_without(symbol, told):
    columns, adjusted = daily(symbol, "sample", SampleFeed().bars(symbol))
    checked = validate_bars(columns, "XNYS", adjusted if told else None)
    splits = [
        f"{moment_of(one.moment):%Y-%m-%d}" for one in checked.findings if one.kind is Kind.SPLIT
    ]
    assert splits == SPLITS.get(symbol, [])
    assert all(one.treatment is not Treatment.REMOVED for one in checked.findings)
    assert checked.score > 99.9


def test_the_fall_of_a_half_in_a_night_is_no_split():
    """Apple warned of its earnings on 2000-09-28: the price halved, and the volume went up."""
    columns, _ = daily("AAPL", "sample", SampleFeed().bars("AAPL"))
    moves = {f"{moment_of(one.moment):%Y-%m-%d}": one.kind
             for one in validate_bars(columns, "XNYS").findings}  # fmt: skip
    assert moves["2000-09-29"] is Kind.LARGE_MOVE
