"""The question, and the order of an answer."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.domain.document import Document, DocumentKind
from tools.domain.errors import InputError
from tools.market_data.documents.feed import Wanted, arranged, known, named_in

START = datetime(2026, 3, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
ONE = Document("k", "s", DocumentKind.NEWS, "T", "", "", START, START)
WEEK = Wanted(START, START + 168 * HOUR)


def test_a_question_is_in_utc_with_canonical_symbols_each_once():
    east = timezone(timedelta(hours=5))
    asked = Wanted(START.astimezone(east), START + HOUR, (" brk.b", "BTC-USD", "BRK.B"), " a  b ")
    assert asked.since.tzinfo is UTC
    assert (asked.symbols, asked.words) == (("BRK.B", "BTC/USD"), "a b")


@pytest.mark.parametrize(
    "wrong",
    [
        {"since": START + 200 * HOUR},
        {"until": START},
        {"limit": 0},
        {"limit": 1001},
        {"symbols": ("I B M",)},
        {"since": datetime(2026, 3, 1)},  # noqa: DTZ001
    ],
)
def test_a_question_without_sense_is_refused(wrong):
    with pytest.raises(InputError):
        replace(WEEK, **wrong)


def test_words_are_whole_words_in_any_case_and_any_order():
    asked = replace(WEEK, words="rates Fed 10-K")
    assert asked.holds("The FED: 10-k on rates.")
    assert not asked.holds("The FED: 10-K/A on federates")
    assert replace(WEEK, words="").holds("")


def test_who_reads_a_text_now_knows_it_now():
    assert known(None, START) == START
    assert known(START - HOUR, START) == START - HOUR
    assert known(START + HOUR, START) == START


MADE = st.builds(
    lambda key, event, late: replace(
        ONE,
        key=key,
        event_time=START + event * HOUR,
        known_at=START + (event + late) * HOUR,
        title=f"{event} {late}",
    ),
    st.sampled_from("abcdefgh"),
    st.integers(-20, 200),
    st.integers(0, 9),
)


@given(st.lists(MADE, max_size=20), st.integers(1, 10))
def test_an_answer_is_ordered_of_the_span_and_has_each_key_once_the_last_known(made, limit):
    asked = replace(WEEK, limit=limit)
    found = arranged(made, asked)
    inside = [one for one in made if asked.since <= one.event_time < asked.until]
    assert [one.known_at for one in found] == sorted(one.known_at for one in found)
    assert len({one.key for one in found}) == len(found)
    assert len(found) == min(limit, len({one.key for one in inside}))
    for one in found:
        assert one.known_at == max(other.known_at for other in inside if other.key == one.key)


@pytest.mark.parametrize(
    ("text", "symbols"),
    [
        ("IBM rose.", ("IBM",)),
        ("ibm rose", ()),
        ("IBMX and X.IBM and IBM-2", ()),
        ("BRK.B, BRK-B and BRK/B", ("BRK.B",)),
        ("BTC-USD and BTC/USD", ("BTC/USD",)),
        ("F is for (F) or $F or NYSE: F", ("F",)),
        ("Plan F, vitamin F, F.", ()),
        ("IBM.", ("IBM",)),
    ],
)
def test_a_symbol_is_named_by_the_word_that_it_is(text, symbols):
    assert named_in(text, ("IBM", "BRK.B", "BTC/USD", "F")) == symbols
