"""An order asked for under a condition is drafted when the desk's own signal meets it, else not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.conditions import unmet
from agents.request import Kind, parse
from tools.domain.errors import InputError

KNOWN = {"IBM": "International Business Machines", "MSFT": "Microsoft"}


def computed(**found):
    signal = {"score": 0.3, "direction": "buy"}
    data = {"values": {"roc_20": 0.05, "rsi_14": 62.0}, "signal": signal}
    known = {"agent": "signal", "tool": "compute_indicators", "ok": True, "error": ""}
    more = {"arguments": {"symbol": "IBM"}, "data": data | found, "untrusted": False, "ms": 0.0}
    return [{"id": "c3", **known, **more}]


@pytest.mark.parametrize(
    ("question", "side", "quantity", "condition"),
    [
        ("buy 10 IBM if momentum is above zero", "buy", "10", "momentum above 0"),
        ("If momentum is below 0, sell 10 IBM", "sell", "10", "momentum below 0"),
        ("Buy 10 IBM only if the signal is over 0.25", "buy", "10", "signal above 0.25"),
        ("Buy 10 shares of IBM if RSI is under 30.5", "buy", "10", "rsi below 30.5"),
        ("Buy 10 IBM at 200 if the RSI is below 30", "buy", "10", "rsi below 30"),
        ("Sell all my IBM if the signal says sell", "sell", None, "signal says sell"),
        ("Sell all my IBM if the signal says buy", "sell", None, "signal says buy"),
        ("Sell 5 IBM if the technical signal agrees", "sell", "5", "signal says sell"),
        ("Should I buy IBM if the signal is positive?", "buy", None, "signal above 0"),
        ("Buy $2000 of IBM if the signal points to buying", "buy", None, "signal says buy"),
    ],
)
def test_a_condition_is_read_and_cut_out(question, side, quantity, condition):
    request = parse(question, KNOWN)
    assert request.kind is Kind.TRADE
    assert (request.side, request.quantity, request.condition) == (side, quantity, condition)
    assert request.symbol == "IBM"
    assert request.question == question


def test_the_limit_beside_a_condition_stays_the_limit():
    assert parse("Buy 10 IBM at 200 if the RSI is below 30", KNOWN).terms.limit_price == "200"


@pytest.mark.parametrize(
    "question",
    [
        "Buy 10 IBM if it falls below 190",
        "Buy 10 IBM when momentum is above zero",
        "Buy 10 IBM if momentum is above zero and if RSI is below 30",
        "Buy 10 IBM if momentum is above zero unless the market is closed",
        "Buy 10 IBM if momentum of MSFT is above zero",
        "Buy 10 IBM if momentum is above 5",
        "Buy 10 IBM if momentum is above 5 %",
        "Buy 10 IBM if RSI is above 130",
        "Buy 10 IBM if the signal is above 2",
        "Buy 10 IBM if the signal is above",
        "Buy 10 IBM if RSI is above 1e1",
        "Buy 10 IBM if",
    ],
)
def test_a_condition_that_is_not_understood_refuses_the_order(question):
    with pytest.raises(InputError):
        parse(question, KNOWN)


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        ("momentum above 0", True), ("momentum below 0", False), ("rsi above 62", False),
        ("rsi below 62.1", True), ("signal above 0.25", True), ("signal says buy", True),
        ("signal says sell", False),
    ],
)  # fmt: skip
def test_it_is_weighed_on_what_the_tool_told(condition, holds):
    told = unmet(condition, "IBM", computed())
    assert (told is None) is holds
    assert told is None or "[[c3:" in told


def test_what_cannot_be_told_is_not_met():
    for calls in ([], computed(values={"roc_20": None}), computed(signal=None)):
        assert "can't be told" in (unmet("momentum above 0", "IBM", []) or "")
        assert unmet("momentum above 0", "MSFT", calls)
    assert "can't be told" in (unmet("momentum above 0", "IBM", computed(values={})) or "")
    assert "can't be told" in (unmet("signal says buy", "IBM", computed(signal=None)) or "")


@given(st.floats(-1, 1), st.floats(-1, 1))
def test_above_and_below_never_hold_both(value, level):
    calls = computed(signal={"score": value, "direction": "neutral"})
    told = [unmet(f"signal {sense} {level:.4f}", "IBM", calls) for sense in ("above", "below")]
    assert told.count(None) <= 1


def test_a_models_look_at_a_few_indicators_decides_nothing():
    (few,) = computed(values={"roc_20": -0.9})
    few = few | {"id": "c4", "arguments": {"symbol": "IBM", "names": ["roc"]}}
    assert unmet("momentum above 0", "IBM", [*computed(), few]) is None
    assert "can't be told" in (unmet("momentum above 0", "IBM", [few]) or "")
