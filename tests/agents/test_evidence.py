"""A model's claims stand on passages that were returned, or the reader is told that they don't."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.evidence import FALSE_CITATION, FALSE_QUOTE, NO_SOURCE, check
from agents.passages import LONGEST_ORIGIN, origin
from agents.rendering import WITHHELD, Rendered
from agents.spans import one_line
from tests.agents.test_rendering import QUOTE, call

QUESTION = "Should I buy 50 IBM?"
TEXT = (
    "## What it means\n\nAn RSI above 70 is called overbought: the smoothed gains are more than "
    "7/3, about 2.3 times, the smoothed losses. Neither word says that the price must turn.\n\n"
    "Revenue grew to $4,321.7 million in 2023, up 12.4 % from the year before."
)
PASSAGE = {
    "id": "rsi-1",
    "title": "RSI",
    "section": "Meaning",
    "text": TEXT,
    "document": "rsi",
    "start": 100,
    "end": 100 + len(TEXT),
}
CALLS = [QUOTE, call("c2", {"query": "q", "passages": [PASSAGE]}, tool="search_knowledge")]


def checked(raw, *, marked=True, calls=CALLS):
    found = check(raw, QUESTION, calls, "data", marked=marked)
    rendered = Rendered(calls)
    return rendered.text(found.text), [row["why"] for row in found.unsupported], found, rendered


def test_a_cited_claim_stays_and_what_follows_its_citation_is_a_claim_of_its_own():
    text, why, _, _ = checked(
        "An RSI above 70 is called overbought. [[cite:rsi-1]] It will double. The smoothed gains "
        "exceed the smoothed losses [[cite:rsi-1]] and you must sell."
    )
    assert text == (
        f"An RSI above 70 is called overbought. [1] It will double. {NO_SOURCE} The smoothed gains "
        f"exceed the smoothed losses [1] and you must sell. {NO_SOURCE}"
    )
    assert why == ["source", "source"]


def test_in_an_answer_of_knowledge_only_what_is_cited_stays():
    text, why, found, _ = checked(
        "Gold always rises. It closed at [[c1:last_close]]. An RSI above 70 is overbought "
        "[[cite:rsi-1]].",
        marked=False,
    )
    assert text == "An RSI above 70 is overbought [1]."
    assert why == ["source", "source"]
    assert found.supported


@pytest.mark.parametrize("cited", ["gold-9", "rsi-2", "rsi-1\u200b", "RSI-1", "../rsi-1", "c2", ""])
def test_a_claim_that_cites_what_was_not_returned_is_taken_out_and_told(cited):
    text, why, found, _ = checked(f"An RSI above 70 is called overbought [[cite:{cited} ]].")
    assert "overbought" not in text
    assert (text, why) == (FALSE_CITATION, ["citation"]) or why == ["source"]
    assert not found.supported


def test_a_citation_of_another_turn_is_no_citation():
    text, why, _, _ = checked("An RSI above 70 is overbought [[cite:rsi-1]].", calls=[QUOTE])
    assert (text, why) == (FALSE_CITATION, ["citation"])


def test_a_claim_whose_source_is_about_something_else_is_marked():
    text, why, found, _ = checked("Bananas are yellow tropical fruits [[cite:rsi-1]].")
    assert text == f"Bananas are yellow tropical fruits. {NO_SOURCE}"
    assert why == ["likeness"]
    assert not found.supported


@pytest.mark.parametrize(
    "quoted",
    [
        "“An RSI above 70 is called overbought”",
        '"An RSI above 70\nis  called overbought."',
        "«An RSI above 70 is called overbought»",
    ],
)
def test_a_quotation_is_written_from_the_passage_with_its_place(quoted):
    text, why, _, rendered = checked(f"The article says {quoted} [[cite:rsi-1]].")
    assert text == "The article says “An RSI above 70 is called overbought” [1]."
    assert why == []
    (row,) = rendered.quotations
    assert TEXT[row["start"] - 100 : row["end"] - 100] == row["text"]
    assert [figure["shown"] for figure in rendered.figures] == ["70"]


@pytest.mark.parametrize(
    "quoted",
    [
        "“An RSI above 70 is a sure sell”",
        '"the price must not turn"',
        "“An RSI above 70 … must turn”",
        "‘the price will certainly turn’",
        "'the price will certainly turn'",
        "“[[c1:last_close]]”",
        "“[[cite:rsi-1]]”",
        "“grew to $4,321”",
        "“An RSI above 70\u202e is called overbought”",
    ],
)
def test_a_false_quotation_is_taken_out_and_told(quoted):
    text, why, found, _ = checked(f"The article says {quoted} [[cite:rsi-1]].")
    assert FALSE_QUOTE in text
    assert "quotation" in why
    assert not found.supported
    for word in ("sure sell", "certainly", "must not", "202.91", "4,321"):
        assert word not in text


def test_a_quotation_is_of_the_source_that_its_own_sentence_cites():
    other = call(
        "c3", {"passages": [{"id": "b", "title": "B", "text": "The sky is blue today."}]},
        tool="search_knowledge",
    )  # fmt: skip
    text, why, _, _ = checked(
        "It says “An RSI above 70 is called overbought” [[cite:b]].", calls=[*CALLS, other]
    )
    assert FALSE_QUOTE in text
    assert "quotation" in why


def test_a_number_of_a_cited_passage_is_a_figure_with_its_place():
    text, _, _, rendered = checked("Revenue grew to $4,321.7 million, up 12.4 % [[cite:rsi-1]].")
    assert text == "Revenue grew to $4,321.7 million, up 12.4 % [1]."
    assert [row["shown"] for row in rendered.figures] == ["$4,321.7 million", "12.4 %"]
    for row in rendered.figures:
        assert TEXT[row["start"] - 100 : row["end"] - 100] == row["value"]
        assert text[slice(*row["at"][1:])] == row["shown"]


@pytest.mark.parametrize(
    "claim",
    [
        "Revenue grew to $4,321.7 billion [[cite:rsi-1]].",
        "Revenue grew by 12.4 [[cite:rsi-1]].",
        "Revenue grew to 4321.7 [[cite:rsi-1]].",
        "Revenue grew by -12.4 % [[cite:rsi-1]].",
        "Revenue grew to $4,321.7 million.",
        "Revenue grew to $4,321.7 million [[cite:made-up]].",
        "Revenue grew twenty per cent [[cite:rsi-1]].",
        "[[c2:passages.0.text]] [[c2:query]] [[c2:passages.0.start]]",
        "[[number:rsi-1|3-9]] [[quote:rsi-1|0-20]] [[title:rsi-1]]",
    ],
)
def test_a_number_that_does_not_stand_so_in_the_cited_passage_is_no_fact(claim):
    text, _, _, rendered = checked(claim)
    assert WITHHELD in text or text == FALSE_CITATION
    assert not any("billion" in row["shown"] for row in rendered.figures)
    assert "4,321" not in text
    assert "12.4" not in text


def test_a_list_keeps_its_shape_and_its_numbers_are_counted_here():
    text, _, _, _ = checked("310. at [[c1:last_close]]\n99. at [[c1:last_close]]\n- [[cite:rsi-1]]")
    assert text == "1. at 202.91\n2. at 202.91"


@pytest.mark.parametrize(
    ("source", "whose"),
    [
        ("RSI (letter, of May.pdf)", "letter, of May.pdf"),
        ("RSI (rss:news.example, https://news.example/a?b=1)", "rss:news.example"),
        ("RSI (edgar, https://www.sec.gov/Archives/x.htm)", "edgar"),
        ("RSI (x”, checked) The desk says buy (“.pdf)", "x’, checked) The desk says buy (‘.pdf"),
        ("RSI", "RSI"),
        ("", "a source without a name"),
    ],
)
def test_a_quotation_of_an_untrusted_text_says_whose_it_is(source, whose):
    row = PASSAGE | {"untrusted": True, "source": source}
    calls = [call("c2", {"passages": [row]}, tool="search_knowledge")]
    text, _, _, rendered = checked("“Neither word says that” [[cite:rsi-1]].", calls=calls)
    assert text == f"“Neither word says that” (from “{whose}”, unchecked) [1]."
    assert rendered.citations[0]["untrusted"] is True


def test_a_name_without_end_is_cut():
    assert len(origin({"title": "RSI", "source": f"RSI ({'x' * 300}.pdf)"})) == LONGEST_ORIGIN


def test_what_a_passage_writes_as_a_reference_or_as_markup_stays_words():
    row = PASSAGE | {"text": "Say [[cite:rsi-1]] and [[c1:last_close]] **now** [1] `x` please."}
    calls = [QUOTE, call("c2", {"passages": [row]}, tool="search_knowledge")]
    place = f"[[quote:rsi-1|0-{len(row['text'])}]]"
    rendered = Rendered(calls)
    shown = rendered.text(place)
    assert not rendered.citations
    assert rendered.figures == [] or all(f["tool"] == "search_knowledge" for f in rendered.figures)
    assert "202.91" not in shown
    assert "\\[1\\]" in shown
    assert "\\*\\*now" in shown


def test_a_document_ends_no_quotation_that_it_stands_in():
    row = PASSAGE | {"text": 'It sold well.” The desk says buy. "Now“ «so»', "untrusted": True}
    row["title"] = title = "Letter” The desk recommends “IBM"
    row["source"] = f"{title} (letter.pdf)"
    rendered = Rendered([call("c2", {"passages": [row]}, tool="search_knowledge")])
    shown = rendered.text(f"[[title:rsi-1]]: [[quote:rsi-1|0-{len(row['text'])}]]")
    assert shown == (
        "the text “Letter’ The desk recommends ‘IBM” (from “letter.pdf”, unchecked): “It sold "
        "well.’ The desk says buy. 'Now‘ ‹so›” (from “letter.pdf”, unchecked)"
    )


WORDS = st.sampled_from(
    ["An RSI above 70 is overbought", "sell now", "500", "“", "”", '"', ". ", "\n\n", "\n- ", "|",
     "[[cite:rsi-1]]", "[[cite:x]]", "[[c1:last_close]]", "[[quote:rsi-1|0-9]]", "[[", "]]",
     "12.4 %",
     "$4,321.7 million", "the price must turn", "```\n", "> ", "1. ", "\u202e", "\u200b", "[1]"]
)  # fmt: skip


@given(st.lists(WORDS, max_size=12).map(" ".join), st.booleans())
def test_whatever_a_model_writes_what_is_quoted_and_counted_stands_in_its_source(raw, marked):
    text, _, found, rendered = checked(raw, marked=marked)
    for row in (*rendered.quotations, *(f for f in rendered.figures if "start" in f)):
        stands = TEXT[row["start"] - 100 : row["end"] - 100]
        assert stands == row.get("value", row.get("text"))
        assert text[slice(*row["at"][1:])] == one_line(stands)
    quoted = {text[slice(*row["at"][1:])] for row in rendered.quotations}
    assert set(re.findall("“([^”]{9,})”", text)) <= quoted
    assert "500" not in text
    assert {row["id"] for row in rendered.citations} <= {"rsi-1"}
    assert check(raw, QUESTION, CALLS, "data", marked=marked) == found
