"""A question is read for companies and years, and finds their documents first."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from evals.retrieval_as_of import later_rows
from rag_index.fusion import RECIPES, diverse, fuse
from rag_index.question import read_question
from rag_index.ranking import rank_documents
from rag_index.rows import DOCUMENTS, Facets, Hit, Row, Scope
from rag_index.snapshot import MemoryStore
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
    ],
)
def test_companies_and_years_are_read_from_a_question(
    question: str, companies: list[str] | None, years: list[int]
) -> None:
    asked = read_question(question, FACETS)
    both = ["American Express Company", "American Water Works Company, Inc."]
    assert list(asked.companies) == (both if companies is None else companies)
    assert list(asked.years) == years


def test_a_number_that_is_no_year_stays_as_it_is() -> None:
    text = "fiscal 12 weeks, 2,019 shares, the year 19, FY2019"
    assert plain_years(text) == "fiscal 12 weeks, 2,019 shares, the year 19, 2019"


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


def test_nothing_known_later_is_found_in_many_random_trials(tmp_path: Path) -> None:
    held, rows = store()
    assert later_rows(held, rows, 500, dimensions=32) == 0
