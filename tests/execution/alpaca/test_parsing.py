"""Whatever Alpaca says, the adapter reads it exactly or says that it can't; nothing else."""

from __future__ import annotations

import asyncio
import contextlib
import json
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.execution.alpaca.market import Market, text
from tests.execution.alpaca.server import KEY, SECRET
from tools.alpaca_session import Keys
from tools.domain.errors import ConfigError, OutcomeUnknown
from tools.execution.brokers.alpaca_answers import read
from tools.execution.brokers.alpaca_stream import HintStream, StreamTimes
from tools.execution.brokers.alpaca_words import (
    order_of,
    pair,
    read_execution,
    read_order,
    state_of,
)

D = Decimal

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=8,
)
odd_numbers = st.sampled_from(
    ["NaN", "Infinity", "-1", "1e999", "1e-400", "9" * 40, "0x1", "", " ", "1_0", "٣", None, 1.5]
)


def good():
    market = Market()
    body = {"symbol": "IBM", "qty": "5", "side": "buy", "type": "limit", "limit_price": "100"}
    return market.nested(market.place(body | {"time_in_force": "gtc"}))


GOOD = good()


@given(anything)
def test_no_answer_whatever_is_taken_for_an_order_or_breaks_the_reader(body):
    for reader in (read_order, read_execution):
        with pytest.raises(OutcomeUnknown):
            reader(body)


@settings(max_examples=200)
@given(
    st.dictionaries(st.sampled_from(sorted(GOOD)), anything | odd_numbers, min_size=1, max_size=4)
)
def test_an_order_with_odd_fields_is_read_exactly_or_not_at_all(odd):
    body = GOOD | odd
    with contextlib.suppress(OutcomeUnknown):
        told = read_order(body)
        state_of(told)
        order_of(told, "paper", told.legs or ())
        for number in (told.qty, told.filled_qty, told.limit_price, told.stop_price):
            assert number is None or (number.is_finite() and abs(number) <= D("1e15"))


@given(st.decimals(0, 10**12, places=9))
def test_a_number_is_read_to_its_last_digit(number):
    told = read_order(GOOD | {"qty": text(number), "filled_qty": "0"})
    assert told.qty == number


@given(st.integers(100, 599), st.text() | anything.map(json.dumps))
def test_every_answer_has_a_reason_and_at_most_one_meaning(status, body):
    answer = read(status, body)
    assert isinstance(answer.reason, str)
    assert "\n" not in answer.reason
    assert not (answer.refused and not answer.own)
    assert not (answer.nothing and status != 404)


def test_a_deep_answer_is_no_answer():
    deep = {**GOOD}
    for _ in range(200):
        deep = {**GOOD, "legs": [deep]}
    told = read_order(deep)
    assert told.legs[0].legs is None
    assert read(200, "[" * 200_000).message == ""


@pytest.mark.parametrize("key", ["", "..", "a/b", "x" * 65, "a b", "%2e"])
def test_an_id_that_could_lead_elsewhere_is_no_id(key):
    with pytest.raises(OutcomeUnknown):
        read_order(GOOD | {"id": key})


@pytest.mark.parametrize(
    ("symbol", "asset_class", "named"),
    [
        ("BTCUSD", "crypto", "BTC/USD"),
        ("BTC/USD", "crypto", "BTC/USD"),
        ("ETHBTC", "crypto", "ETH/BTC"),
        ("SOLUSDT", "crypto", "SOL/USDT"),
        ("USD", "crypto", "USD"),
        ("IBM", "us_equity", "IBM"),
    ],
)
def test_a_coin_has_one_name(symbol, asset_class, named):
    assert pair(symbol, asset_class) == named


@given(anything)
def test_no_message_on_the_stream_raises_or_goes_unheard(message):
    heard = []
    stream = HintStream(
        Keys(KEY, SECRET), "ws://127.0.0.1:1", lambda *ids: heard.append(ids), StreamTimes()
    )
    asyncio.run(stream._dispatch(message))
    assert len(heard) == 1


@pytest.mark.parametrize("key", ["", " ", "a b", "a\n", "ключ"])
def test_what_can_be_no_key_is_refused_without_being_repeated(key):
    with pytest.raises(ConfigError) as caught:
        Keys("PK123", key)
    assert "ключ" not in str(caught.value)
    assert "APCA_API_SECRET_KEY" in str(caught.value)
