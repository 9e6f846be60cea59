"""Folding never changes a view, whatever was put, restated, heard live or asked again."""

from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.contracts.market_store import LATER, MINUTES, TRADES, at, bars, read, span, ticks
from tests.market_data.clocks import SetClock
from tools.market_data.store.files import Gone
from tools.market_data.store.parquet import ParquetParts
from tools.market_data.store.store import MarketStore


class InMemory:
    """``Files`` without a disk."""

    def __init__(self):
        self.kept = {}

    def names(self, folder):
        return [name.removeprefix(f"{folder}/") for name in self.kept if name.startswith(folder)]

    def read(self, name):
        if name not in self.kept:
            raise Gone(name)
        return self.kept[name]

    def write(self, name, content):
        self.kept[name] = content

    def remove(self, name):
        self.kept.pop(name, None)


answer = st.dictionaries(st.integers(0, 5), st.sampled_from([1.0, 2.0, 3.0]), max_size=4)
puts = st.lists(st.tuples(answer, st.booleans(), st.booleans()), max_size=7)


@settings(max_examples=60)
@given(puts, st.integers(0, 8), st.integers(0, 8))
def test_a_view_is_the_same_before_and_after(puts, hours, more):
    clock = SetClock(LATER)
    store = MarketStore(ParquetParts(InMemory()), clock)
    for closes, asked, fold in puts:
        if closes or asked:
            store.append(MINUTES, bars(closes), span(0, 6) if asked else None)
        clock.advance(timedelta(hours=1))
        if fold:
            store.compact(MINUTES)
    moments = [None, at(3), at(10), LATER + timedelta(hours=hours), LATER + timedelta(hours=more)]
    before = [read(store, as_of=m) for m in moments]
    first, covered = read(store, restated=False), store.covered(MINUTES)
    store.compact(MINUTES)
    assert [read(store, as_of=m) for m in moments] == before
    assert (read(store, restated=False), store.covered(MINUTES)) == (first, covered)


@settings(max_examples=40)
@given(
    st.lists(
        st.lists(st.tuples(st.integers(0, 3), st.sampled_from([5, 6])), max_size=4), max_size=5
    )
)
def test_trades_are_the_same_before_and_after(answers):
    store = MarketStore(ParquetParts(InMemory()), SetClock(LATER))
    for rows in answers:
        store.append(TRADES, ticks(sorted(rows)), span(0, 10))
    before = store.read(TRADES)
    store.compact(TRADES)
    after = store.read(TRADES)
    assert sorted(zip(after.time.tolist(), after.price.tolist(), strict=True)) == sorted(
        zip(before.time.tolist(), before.price.tolist(), strict=True)
    )
