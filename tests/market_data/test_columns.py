"""Columns hold what was known, in order, and can't be changed behind anybody's back."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.domain.errors import InputError
from tools.domain.timeframe import MINUTE
from tools.market_data.columns import BarColumns, TickColumns, moment_of, nanoseconds

NOON = datetime(2013, 10, 7, 12, tzinfo=UTC)


def ticks(seconds, price=100.0):
    times = np.array([nanoseconds(NOON + timedelta(seconds=s)) for s in seconds], dtype=np.int64)
    ones = np.ones(len(times))
    return TickColumns("IBM", "test", times, times, ones * price, ones)


@given(st.lists(st.integers(0, 10_000), max_size=30), st.integers(-10, 10_010))
def test_nothing_known_later_is_in_what_was_known_then(seconds, moment):
    columns = ticks(sorted(seconds))
    known = columns.as_of(NOON + timedelta(seconds=moment))
    assert len(known) == sum(second <= moment for second in seconds)
    assert (known.price == 100).all()


@given(st.datetimes(timezones=st.just(UTC)).filter(lambda moment: 1700 < moment.year < 2200))
def test_a_moment_survives_as_nanoseconds(moment):
    assert moment_of(nanoseconds(moment)) == moment


def test_a_moment_without_a_zone_is_refused():
    with pytest.raises(InputError, match="time zone"):
        nanoseconds(datetime(2013, 1, 1))  # noqa: DTZ001


def test_columns_can_t_be_written_to():
    with pytest.raises(ValueError, match="read-only"):
        ticks([1, 2]).price[0] = 1.0


def test_rows_out_of_order_are_refused():
    with pytest.raises(InputError, match="not ordered"):
        ticks([2, 1])


def test_columns_of_unlike_length_or_type_are_refused():
    times = np.array([1, 2], dtype=np.int64)
    with pytest.raises(InputError, match="price"):
        TickColumns("IBM", "test", times, times, np.ones(3), np.ones(2))
    with pytest.raises(InputError, match="time"):
        TickColumns("IBM", "test", times, np.ones(2), np.ones(2), np.ones(2))
    with pytest.raises(InputError, match="start"):
        BarColumns("IBM", "test", times, MINUTE, np.ones(2), *[np.ones(2)] * 5)
