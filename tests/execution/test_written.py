"""What was written once is not written again: the text and the event are the same all the same."""

import json
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.doubles import END, FakeClock
from tools.backtest.ledger import RunLedger
from tools.domain.money import plain
from tools.execution.codec import Written, as_read, canonical
from tools.execution.ledger import SqliteLedger

leaves = st.none() | st.booleans() | st.integers() | st.text()
plains = st.recursive(
    leaves, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=5
)


@settings(max_examples=40, deadline=None)
@given(st.dictionaries(st.text(), plains, max_size=4), st.sets(st.text()))
def test_parts_written_before_give_the_same_text(values, names):
    known = {name: canonical(values[name]) for name in names | set(values) if name in values}
    for some in ({}, known, {name: known[name] for name in names & known.keys()}):
        assert canonical(Written(values, some)) == canonical(values)


@settings(max_examples=40, deadline=None)
@given(st.dictionaries(st.text(), plains, max_size=4))
def test_what_was_written_is_what_is_read(values):
    text = canonical(Written(values, {}))
    assert as_read(Written(values, {}), text) == json.loads(text)


HALVES = "\ud83d" + "\ude00"  # json reads the two as one character


@pytest.mark.parametrize("data", [{"a": [1, None], "b": {"c": "é"}}, {"note": HALVES}])
def test_an_event_in_memory_is_the_one_on_disk(tmp_path, data):
    clock = FakeClock(END)
    mine, disk = RunLedger(clock), SqliteLedger(tmp_path / "ledger.db", clock)
    for ledger in (mine, disk):
        with ledger.transaction() as tx:
            tx.append("verdict", "o1", Written(data, {}))
    assert mine.events() == disk.events()


def test_the_known_text_is_taken_and_the_rest_is_in_order():
    written = Written({"z": 1, "b": {"x": "1"}, "a": None}, {"b": '{"x":"1"}'})
    assert canonical(written) == '{"a":null,"b":{"x":"1"},"z":1}'


@settings(max_examples=40, deadline=None)
@given(st.decimals(allow_nan=False, allow_infinity=False, places=None))
def test_a_number_is_written_without_an_exponent_and_is_the_same(number):
    text = plain(number)
    assert "e" not in text.lower()
    assert Decimal(text) == number
    assert text == "0" or not (text.endswith("0") and "." in text)
