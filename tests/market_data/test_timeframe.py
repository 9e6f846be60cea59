"""A timeframe is read as people write it, and written as it is read."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.domain.errors import InputError
from tools.domain.timeframe import SECONDS, Timeframe, Unit


@given(st.integers(1, 24), st.sampled_from(Unit))
def test_what_is_written_is_read_again(count, unit):
    frame = Timeframe(count, unit)
    assert Timeframe.parse(str(frame)) == frame


@pytest.mark.parametrize(
    ("text", "frame"),
    [
        ("5M", "5m"),
        (" 15 min ", "15m"),
        ("1 hour", "1h"),
        ("2 hours", "2h"),
        ("1Day", "1d"),
        ("3 months", "3mo"),
    ],
)
def test_people_s_words_are_read(text, frame):
    assert str(Timeframe.parse(text)) == frame


@pytest.mark.parametrize("text", ["", "m", "0m", "-1m", "1.5h", "25h", "86401s", "1y", "five m"])
def test_anything_else_is_refused_in_a_sentence(text):
    with pytest.raises(InputError, match=r"timeframe|longer than a day"):
        Timeframe.parse(text)


def test_a_day_is_a_session_and_has_no_length():
    assert Timeframe.parse("90m").length == timedelta(minutes=90)
    for unit in set(Unit) - set(SECONDS):
        with pytest.raises(InputError, match="sessions"):
            Timeframe(1, unit).length  # noqa: B018
