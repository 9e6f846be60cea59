"""Trades and quotes: junk goes, what looks odd and is real stays."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tools.market_data.columns import QuoteColumns, TickColumns
from tools.market_data.quality.finding import Kind, Treatment
from tools.market_data.quality.validation import validate_quotes, validate_trades

SECOND = 10**9


def tape(count=500):
    rng = np.random.default_rng(3)
    time = np.arange(count, dtype=np.int64) * SECOND + 10**18
    price = np.round(180 + np.cumsum(rng.choice([-0.01, 0, 0.01], count)), 2)
    return TickColumns("IBM", "made", time.copy(), time, price, np.full(count, 100.0))


def with_(ticks, row, **values):
    arrays = {name: getattr(ticks, name).copy() for name in values}
    for name, value in values.items():
        arrays[name][row] = value
    return replace(ticks, **arrays)


def quotes(count=2500):
    time = np.arange(count, dtype=np.int64) * SECOND + 10**18
    bid = np.full(count, 182.0)
    return QuoteColumns(
        "IBM", "made", time.copy(), time, bid, bid + 0.1, bid * 0 + 100, bid * 0 + 100
    )


def kinds(checked):
    return {one.kind: one for one in checked.findings}


def test_a_clean_tape_has_a_hundred():
    checked = validate_trades(tape())
    assert checked.score == 100
    assert len(checked.clean) == 500


@pytest.mark.parametrize("row", [0, 3, 250, 496, 499])
@pytest.mark.parametrize("price", [18.0, 1_860_000.0, 170.0])
def test_a_price_that_nobody_before_or_after_saw_is_removed(row, price):
    checked = validate_trades(with_(tape(), row, price=price))
    one = kinds(checked)[Kind.BAD_TICK]
    assert (one.rows.tolist(), one.treatment) == ([row], Treatment.REMOVED)


def test_a_price_that_is_a_little_off_is_flagged_and_stays():
    checked = validate_trades(with_(tape(), 250, price=182.5))
    assert kinds(checked)[Kind.BAD_TICK].treatment is Treatment.FLAGGED
    assert len(checked.clean) == 500


def test_a_jump_that_stays_is_the_market():
    ticks = tape()
    price = ticks.price * np.where(np.arange(500) >= 250, 0.8, 1.0)
    checked = validate_trades(replace(ticks, price=price))
    assert Kind.BAD_TICK not in kinds(checked)


def test_a_fall_and_recovery_within_minutes_is_the_market():
    ticks = tape()
    at = np.abs(np.arange(500) - 250)
    checked = validate_trades(
        replace(ticks, price=ticks.price * (1 - 0.3 * np.maximum(0, 1 - at / 100)))
    )
    assert all(one.treatment is not Treatment.REMOVED for one in checked.findings)


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ({"price": np.nan}, Kind.NOT_A_NUMBER),
        ({"size": np.inf}, Kind.NOT_A_NUMBER),
        ({"price": 0.0}, Kind.NOT_POSITIVE),
        ({"size": 0.0}, Kind.NOT_POSITIVE),
        ({"time": 2 * 10**18}, Kind.FROM_THE_FUTURE),
    ],
)
def test_a_trade_that_can_not_be_is_removed(values, kind):
    checked = validate_trades(with_(tape(), 100, **values))
    assert kinds(checked)[kind].rows.tolist() == [100]
    assert len(checked.clean) == 499


def test_a_repeated_or_late_trade_is_told_and_stays():
    ticks = tape()
    again = with_(ticks, 100, time=ticks.time[99], price=ticks.price[99])
    assert kinds(validate_trades(again))[Kind.DUPLICATE].rows.tolist() == [100]
    late = with_(ticks, 100, time=ticks.time[50])
    checked = validate_trades(late)
    assert kinds(checked)[Kind.OUT_OF_ORDER].rows.tolist() == [100]
    assert len(checked.clean) == 500


def test_junk_quotes_are_removed_and_one_sided_ones_stay():
    quoted = quotes()
    quoted = with_(quoted, 10, bid=0.0)
    quoted = with_(quoted, 20, bid=0.0, ask=0.0)
    quoted = with_(quoted, 30, ask=1_860_000.0)
    quoted = with_(quoted, 40, bid=0.01)
    quoted = with_(quoted, 50, bid=182.2)
    quoted = with_(quoted, 60, bid=182.1)
    quoted = with_(quoted, 70, bid=np.inf)
    checked = validate_quotes(quoted)
    found = kinds(checked)
    assert found[Kind.BAD_TICK].rows.tolist() == [30, 40]
    assert found[Kind.CROSSED].rows.tolist() == [50]
    assert found[Kind.LOCKED].rows.tolist() == [60]
    assert found[Kind.NOT_A_NUMBER].rows.tolist() == [70]
    assert sorted(
        r for one in checked.findings if one.kind is Kind.ONE_SIDED for r in one.rows
    ) == [10, 20]
    assert len(checked.clean) == 2500 - 4


def test_no_trades_and_no_quotes_are_not_usable():
    assert not validate_trades(tape().rows(0, 0)).usable
    assert not validate_quotes(quotes().rows(0, 0)).usable
