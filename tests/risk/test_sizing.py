from __future__ import annotations

import subprocess
import sys
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.domain.errors import InputError
from tools.domain.order import Side
from tools.risk.sizing import atr_stop, two_percent

D = Decimal
money = st.decimals("0.01", "1e9", places=2)
amounts = st.decimals("-1e6", "1e9", places=2)


def sized(**changes):
    values = {
        "equity": D(100000),
        "cash": D(100000),
        "entry": D(200),
        "stop": D(190),
        "max_fraction": D("0.5"),
        "lot": D(1),
    } | changes
    return two_percent(**values)


def test_two_percent_of_equity_is_at_risk_at_the_stop():
    found = sized()
    assert found.quantity == 200
    assert found.risk_per_share == 10
    assert found.risk_amount == D("2000")
    assert found.notional == D("40000")
    assert found.bound_by == "risk"
    assert found.sentence == (
        "At most 200: the rule risks at most 2 % of equity, 2,000.00, at 10.00 a share between "
        "entry and stop."
    )


def test_concentration_bounds_a_tight_stop():
    found = sized(stop=D(199), max_fraction=D("0.1"))
    assert (found.quantity, found.bound_by) == (50, "concentration")
    assert "at most 10 % of equity, 10,000.00" in found.sentence


def test_cash_bounds_what_is_not_there():
    found = sized(cash=D(1999))
    assert (found.quantity, found.bound_by) == (9, "cash")
    assert "the cash is 1,999.00" in found.sentence


@pytest.mark.parametrize("cash", ["0", "-5", "199.99"])
def test_too_little_cash_gives_zero_and_says_so(cash):
    found = sized(cash=D(cash))
    assert (found.quantity, found.notional, found.risk_amount) == (0, 0, 0)
    assert found.sentence.startswith("The quantity is zero: the cash is")


def test_a_stop_above_the_entry_sizes_a_short_sale():
    assert sized(stop=D(210)).quantity == 200


def test_crypto_is_sized_in_its_own_lots():
    found = sized(entry=D("6253.67"), stop=D("5600"), lot=D("0.00000001"))
    assert found.quantity == D("3.05964783")


@given(money, amounts, money, money, st.decimals("0.001", "1", places=3),
       st.sampled_from([D(1), D(100), D("0.00000001")]))  # fmt: skip
def test_no_bound_is_ever_passed_and_no_lot_is_split(equity, cash, entry, stop, max_fraction, lot):
    try:
        found = two_percent(equity, cash, entry, stop, max_fraction=max_fraction, lot=lot)
    except InputError:
        assert entry == stop
        return
    assert found.quantity >= 0
    assert found.quantity % lot == 0
    assert found.risk_amount <= equity * D("0.02")
    assert found.notional <= equity * max_fraction
    assert found.notional <= max(cash, D(0))
    more = found.quantity + lot
    assert (
        more * found.risk_per_share > equity * D("0.02")
        or more * entry > equity * max_fraction
        or more * entry > cash
    )


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"stop": D(200)}, "The stop must differ from the entry of 200"),
        ({"stop": D(0)}, "stop must be above zero"),
        ({"stop": D(-1)}, "stop must be above zero"),
        ({"stop": D("NaN")}, "stop must be a finite number"),
        ({"stop": 190.0}, "stop must be written as text"),
        ({"entry": D("Infinity")}, "entry must be a finite number"),
        ({"equity": D(0)}, "equity must be above zero"),
        ({"cash": D("sNaN")}, "cash must be a finite number"),
        ({"lot": D(0)}, "lot must be above zero"),
        ({"max_fraction": D(0)}, "max_fraction must be above zero"),
        ({"risk_fraction": D(2)}, "risk_fraction is a fraction"),
    ],
)
def test_numbers_that_make_no_sense_get_a_sentence(changes, says):
    with pytest.raises(InputError, match=says):
        sized(**changes)


def test_the_stop_is_two_ranges_away_on_the_losing_side():
    assert atr_stop(D(200), D("2.5")) == D(195)
    assert atr_stop(D(200), D("2.5"), side=Side.SELL) == D(205)
    assert atr_stop(D(200), D("2.5"), D(3)) == D("192.5")


def test_a_stop_below_zero_is_refused():
    with pytest.raises(InputError, match="below zero; use a smaller multiple"):
        atr_stop(D(4), D(2))
    for atr in (D(0), D(-1), D("NaN")):
        with pytest.raises(InputError, match="atr"):
            atr_stop(D(4), atr)


def test_sizing_needs_no_array_package():
    code = "import sys, tools.risk.sizing; sys.exit('numpy' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
