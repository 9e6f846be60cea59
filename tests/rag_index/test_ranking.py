"""A question is read for companies and years, and finds their documents first."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evals.retrieval_as_of import later_rows
from rag_index.fusion import RECIPES, Scored, fuse
from rag_index.question import read_question
from rag_index.ranking import rank_documents
from rag_index.rows import DOCUMENTS, Facets, Hit, Row, Scope
from rag_index.snapshot import MemoryStore
from rag_index.variety import diverse
from rag_index.words import plain_years
from tests.rag_index.made import LONG_AGO, WordEncoder, rows_of

ENCODER = WordEncoder()
NOW = LONG_AGO + timedelta(days=30_000)
FACETS = Facets(
    (
        ("3M Company", "MMM"),
        ("American Express Company", "AXP"),
        ("American Water Works Company, Inc.", "AWK"),
        ("Block, Inc.", "XYZ"),
        ("JPMorgan Chase & Co.", "JPM"),
        ("Johnson & Johnson", "JNJ"),
        ("The Boeing Company", "BA"),
    )
)


@pytest.mark.parametrize(
    ("question", "companies", "years"),
    [
        ("What was 3M's capex in FY2018?", ["3M Company"], [2018]),
        ("Did Boeing grow from fiscal 2021 to FY22?", ["The Boeing Company"], [2021, 2022]),
        ("JnJ or Johnson & Johnson in 2022?", ["Johnson & Johnson"], [2022]),
        ("what did jpmorgan earn", ["JPMorgan Chase & Co."], []),
        ("JPM net income", ["JPMorgan Chase & Co."], []),
        ("American Express and American Water Works, 2019", None, [2019]),
        ("Why do American airlines block seats?", [], []),
        ("Does Block report bitcoin revenue?", ["Block, Inc."], []),
        ("What is the share price?", [], []),
        ("JP Morgan's or J.P. Morgan's costs", [], []),
        ("Jonhson & Johnson's sales in fiscal year 19", ["Johnson & Johnson"], [2019]),
        ("Boing's deliveries, 2018/19", ["The Boeing Company"], [2018, 2019]),
        ("Boing deliveries to 2018-03", ["The Boeing Company"], [2018]),
        ("American Water's rates", ["American Water Works Company, Inc."], []),
        ("is the block size of an order limited", [], []),
        ("$mmm or $zzz", ["3M Company"], []),
    ],
)
def test_companies_and_years_are_read_from_a_question(
    question: str, companies: list[str] | None, years: list[int]
) -> None:
    asked = read_question(question, FACETS)
    both = ["American Express Company", "American Water Works Company, Inc."]
    assert list(asked.companies) == (both if companies is None else companies)
    assert list(asked.years) == years


OTHERS = Facets(
    (
        ("A10 Networks, Inc.", "ATEN"),
        ("AT&T Inc.", "T"),
        ("Bank of America Corporation", "BAC"),
        ("Berkshire Hathaway Inc.", "BRK.B"),
        ("J. M. Smucker Co", "SJM"),
        ("L'Oréal SA", "OR"),
        ("McDonald's Corporation", "MCD"),
        ("Meridian Bancorp", "EBSB"),
        ("Meridian Software, Inc.", "MRDN"),
        ("Micron Technology, Inc.", "MU"),
        ("Procter & Gamble Co", "PG"),
        ("T-Mobile US, Inc.", "TMUS"),
        ("Target Corporation", "TGT"),
    )
)


@pytest.mark.parametrize(
    ("question", "ticker"),
    [
        ("A10 Networks' deferred revenue", "ATEN"),
        ("AT&T's debt", "T"),
        ("Bank of America's income", "BAC"),
        ("BRK.B float", "BRK.B"),
        ("coffee sales of JM Smucker", "SJM"),
        ("L'Oreal’s sales", "OR"),
        ("McDonalds margin", "MCD"),
        ("meridian software inc revenue", "MRDN"),
        ("Meridan Software's revenue", "MRDN"),
        ("Meridian's revenue", ""),
        ("Micro caps in general", ""),
        ("P&G sales", "PG"),
        ("T Mobile churn", "TMUS"),
        ("is the price target of the stock met", ""),
        ("Is the price target met?", ""),
        ("the margin of Target", "TGT"),
    ],
)
def test_a_name_counts_as_people_write_it(question: str, ticker: str) -> None:
    tickers = dict(OTHERS.companies)
    found = read_question(question, OTHERS).companies
    assert [tickers[name] for name in found] == ([ticker] if ticker else [])


@given(st.text(max_size=60))
def test_any_text_is_read_as_a_question(text: str) -> None:
    asked = read_question(text, OTHERS)
    assert set(asked.companies) <= set(dict(OTHERS.companies))
    assert len(asked.years) <= 6


def test_a_number_that_is_no_year_stays_as_it_is() -> None:
    text = "fiscal 12 weeks, fiscal year 52 weeks, 2,019 shares, the year 19, FY2019"
    plain = "fiscal 12 weeks, fiscal year 52 weeks, 2,019 shares, the year 19, 2019"
    assert plain_years(text) == plain


def store() -> tuple[MemoryStore, list[Row]]:
    rows = [
        row
        for company in ("Acme Inc", "Bolt Corp")
        for year in (2018, 2019)
        for row in rows_of(
            ["sales grew", "cash rose"],
            f"{company[0]}{year}",
            company=company,
            fiscal_year=year,
            known_at=LONG_AGO + timedelta(days=365 * (year - 2018)),
        )
    ]
    return MemoryStore(rows, ENCODER.embed([row.indexed for row in rows])), rows


def documents(question: str) -> set[str]:
    found = rank_documents(store()[0], question, ENCODER.embed([question])[0], Scope(NOW))
    return {one.hit.row.document for one in found}


def test_the_named_company_and_year_come_alone_and_the_filter_falls_back() -> None:
    assert documents("sales of Acme in FY2019") == {"A2019"}
    assert documents("sales of Acme in FY2031") == {"A2018", "A2019"}
    assert documents("Report sales grew cash rose") == {"A2018", "A2019", "B2018", "B2019"}


def test_a_table_leans_on_words_and_prose_on_meaning() -> None:
    table, prose = rows_of(["a | b | c\n" * 5, "some prose"])
    near = [Hit(prose, 0.8), Hit(table, 0.4)]
    matching = [Hit(table, 0.4, 9.0), Hit(prose, 0.8, 3.0)]
    first, second = fuse(near, matching, RECIPES[DOCUMENTS])
    assert (first.hit.row, second.hit.row) == (table, prose)
    assert first.score == pytest.approx(0.4 * 0.4 + 0.6)
    assert second.score == pytest.approx(0.6 * 0.8 + 0.4 / 3)


def test_the_same_text_of_a_report_is_given_once() -> None:
    same = [*rows_of(["twice"], "one.pdf"), *rows_of(["twice"], "copy.pdf")]
    ordered = fuse([Hit(row, 0.9) for row in same], [], RECIPES[DOCUMENTS])
    assert len(ordered) == 2
    assert len(diverse(ordered, 5)) == 1


def alike(diversity: float) -> list[str]:
    """The two chosen of three texts, of which the second nearly repeats the first."""
    texts = ("sales grew strongly", "sales grew strongly again", "boats sank")
    rows = rows_of(texts)
    vectors = ENCODER.embed([row.text for row in rows])
    ordered = [
        Scored(Hit(row, score, vector=vector), score)
        for row, vector, score in zip(rows, vectors, (0.9, 0.8, 0.7), strict=True)
    ]
    recipes = {DOCUMENTS: replace(RECIPES[DOCUMENTS], diversity=diversity)}
    return [one.hit.row.text for one in diverse(ordered, 2, recipes)]


def test_a_passage_that_repeats_the_first_gives_way_as_much_as_the_recipe_says() -> None:
    assert alike(0.0) == ["sales grew strongly", "sales grew strongly again"]
    assert alike(0.5) == ["sales grew strongly", "boats sank"]


@given(st.floats(0, 1), st.integers(1, 6))
def test_variety_keeps_the_best_and_gives_best_first(diversity: float, limit: int) -> None:
    rows = [row for name in "abc" for row in rows_of(["one two", "two three", "four"], name)]
    vectors = ENCODER.embed([row.indexed for row in rows])
    hits = [
        Hit(r, 1 - n / 10, vector=v) for n, (r, v) in enumerate(zip(rows, vectors, strict=True))
    ]
    ordered = [Scored(hit, hit.cosine) for hit in hits]
    recipes = {DOCUMENTS: replace(RECIPES[DOCUMENTS], diversity=diversity, per_document=2)}
    chosen = diverse(ordered, limit, recipes)
    scores = [one.score for one in chosen]
    assert scores[0] == ordered[0].score
    assert scores == sorted(scores, reverse=True)
    assert len(chosen) <= limit


def test_nothing_known_later_is_found_in_many_random_trials(tmp_path: Path) -> None:
    held, rows = store()
    assert later_rows(held, rows, 500, dimensions=32) == 0
