"""What is missing and what is there make up what was wanted, exactly."""

import itertools
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from tools.market_data.store.ranges import Span, joined, missing

DAY = datetime(2013, 1, 1, tzinfo=UTC)


def span(pair):
    return Span(DAY + timedelta(hours=pair[0]), DAY + timedelta(hours=pair[1]))


spans = st.tuples(st.integers(0, 40), st.integers(0, 40)).map(span)


def hours(found):
    return {h for s in found for h in range(41) if s.start <= DAY + timedelta(hours=h) < s.end}


@given(spans, st.lists(spans, max_size=8))
def test_nothing_is_asked_twice_and_nothing_left_out(wanted, there):
    found = missing(wanted, there)
    assert hours(found) == hours([wanted]) - hours(there)
    assert all(not one.empty for one in found)


@given(st.lists(spans, max_size=8))
def test_joined_spans_are_apart_and_hold_the_same_moments(there):
    found = joined(there)
    assert hours(found) == hours(there)
    assert all(a.end < b.start for a, b in itertools.pairwise(found))


@given(spans, spans)
def test_spans_meet_where_some_moment_is_in_both(a, b):
    assert a.meets(b) == bool(hours([a]) & hours([b])) or a.empty or b.empty
