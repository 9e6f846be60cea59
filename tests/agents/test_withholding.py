"""No figure of a model's own reaches the reader, however it is written."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.rendering import WITHHELD, Rendered
from agents.withholding import withhold
from tests.agents.test_rendering import FOUND, QUOTE

QUESTION = "Should I buy 50 IBM?"
CALLS = [QUOTE, FOUND]


@pytest.mark.parametrize(
    "typed",
    [
        "It closed at 310.55.",
        "up 12 %",
        "a gain of $5,000",
        "fell -3.5% today",
        "closed at 203. It rose",
        "1. 500. 600.",
        "203.91. It",
        "(500)",
        "[[IBM goes to 500]]",
        "USD500",
        "RSI57.9",
        "x500",
        "_500_",
        ".57",
        "½",
        "²",
        "Ⅷ",
        "٥٠٠",
        "two hundred dollars",
        "fifty per cent",
        "the 3 % rule",
        "[[c1:last_close|,.2f]5",
        "[[c9:last_close]]",
    ],
)
def test_a_figure_typed_by_a_model_is_withheld(typed: str) -> None:
    assert WITHHELD in withhold(typed, QUESTION, CALLS)


@pytest.mark.parametrize(
    "named", ["RSI(14)", "the 50-day average", "the 2 % rule", "buy 50", "one of two reasons"]
)
def test_names_and_the_persons_own_numbers_are_no_figures(named: str) -> None:
    assert withhold(named, QUESTION, CALLS) == named


def test_references_and_citations_survive() -> None:
    raw = "at [[c1:last_close|,.2f]] [[cite:p1]]"
    assert Rendered(CALLS).text(withhold(raw, QUESTION, CALLS)) == "at 202.91 [1]"


@pytest.mark.parametrize("path", ["query", "quantity", "limit_price"])
def test_what_a_tool_only_repeats_is_no_figure_of_its_own(path: str) -> None:
    assert withhold(f"[[c1:{path}]]", QUESTION, CALLS) == WITHHELD


@given(st.text(max_size=80))
def test_nothing_numeric_is_left_in_any_text(raw: str) -> None:
    kept = withhold(raw, "", CALLS).replace(WITHHELD, "")
    for name in ("RSI(14)", "ATR(14)", "ADX(14)", "2 % rule", "2% rule"):
        kept = kept.replace(name, "")
    left = [c for c in kept if unicodedata.category(c).startswith("N")]
    assert not left or "-day" in kept or "[[c" in kept or "[[cite" in kept
