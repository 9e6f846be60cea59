"""Quotations and numbers are found in a passage as they stand there, or not at all."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.spans import find_number, find_quotation, numbers, one_line

PASSAGE = (
    "Revenue grew to $4,321.7 million in 2023, up 12.4 % from\n  the year before. A loss of "
    "(480.1) followed. “Momentum” isn't\tvalue, says the letter (2023).\n| Revenue | 99.5 | -3 |"
)


def number(text):
    (found,) = numbers(text)
    return found


@pytest.mark.parametrize(
    ("quoted", "stands"),
    [
        ("up 12.4 % from the year before", "up 12.4 % from\n  the year before"),
        ('"Momentum" isn’t value', "“Momentum” isn't\tvalue"),
        ("Revenue grew to $4,321.7 million in 2023.", "Revenue grew to $4,321.7 million in 2023"),
    ],
)
def test_a_quotation_stands_where_it_is_found_but_for_space_and_quotation_marks(quoted, stands):
    start, end = find_quotation(PASSAGE, quoted)
    assert PASSAGE[start:end] == stands


@pytest.mark.parametrize(
    "quoted",
    [
        "revenue grew",
        "Revenue  fell",
        "Revenue grew to $4,321",
        "up 12.4",
        "evenue grew",
        "grew to $4,321.7 billion",
        "Revenue grew … before",
        "Revenue gr\u200bew",
        "Rеvenue grew",
        "…",
        " ",
        "",
    ],
)
def test_what_is_not_word_for_word_there_is_no_quotation(quoted):
    assert find_quotation(PASSAGE, quoted) is None


@pytest.mark.parametrize(
    ("written", "stands"),
    [
        ("$4,321.7 million", "$4,321.7 million"),
        ("12.4%", "12.4 %"),
        ("12.4 per cent", "12.4 %"),
        ("(480.1)", "(480.1)"),
        ("99.5", "99.5"),
        ("-3", "-3"),
        ("2023", "2023"),
    ],
)
def test_a_number_is_found_with_its_sign_currency_and_unit(written, stands):
    start, end = find_number(PASSAGE, number(written))
    assert PASSAGE[start:end] == stands


@pytest.mark.parametrize(
    "written",
    ["4,321.7", "$4,321.7", "$4,321.7 billion", "12.4", "480.1", "3", "99.50", "€4,321.7 million"],
)
def test_a_number_with_another_sign_currency_or_unit_is_another_number(written):
    assert find_number(PASSAGE, number(written)) is None


PIECES = st.sampled_from(
    ["rises", "“so”", "isn't", "12.4 %", "$5", "(3.5)", ".", " \n ", "\t", "|", "é"]
)
PLAIN = str.maketrans("“”„«»’‘", '"""""\'\'')


@given(st.lists(PIECES, min_size=1, max_size=20), st.data())
def test_what_is_cut_out_between_words_is_found_and_reads_the_same(pieces, data):
    start = data.draw(st.integers(0, len(pieces) - 1))
    end = data.draw(st.integers(start, len(pieces)))
    text, cut = " ".join(pieces), " ".join(pieces[start:end])
    span = find_quotation(text, cut)
    if span is None:
        assert not any(c.isalnum() for c in cut) or "12.4" in text or "5" in text
        return
    found, wanted = (one_line(row).translate(PLAIN) for row in (text[slice(*span)], cut))
    assert found in (wanted, wanted.rstrip(".,;"))


@given(st.text(max_size=200))
def test_every_number_of_a_text_stands_where_it_is_said_to(text):
    end = 0
    for row in numbers(text):
        assert end <= row.start < row.end <= len(text)
        assert find_number(text, row) is not None
        end = row.end
