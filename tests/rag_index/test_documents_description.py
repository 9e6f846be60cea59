"""A document says whose it is, for which year, of what kind, and since when it is known."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag_index.documents.canonical import Canonical
from rag_index.documents.description import Description, Given, describe
from rag_index.documents.limits import SourceFile
from rag_index.documents.reading import read_document
from tests.rag_index.documents_made import FILING, letter, written

NOW = datetime(2026, 1, 1, tzinfo=UTC)
CHANGED = datetime(2025, 6, 1, tzinfo=UTC)
COVER = (
    "UNITED STATES\n\nFORM 10-K\n\n(Mark One)\n\nFor the fiscal year ended September 30, 2023\n\n"
    "Acme Corp\n\n(Exact name of registrant as specified in its charter)\n\nNASDAQ: ACM\n\n"
)


def described(
    text: str = "words", name: str = "a.txt", said: Given | None = None, **facts: str
) -> Description:
    source = SourceFile(f"/x/{name}", name, "0" * 64, 1, CHANGED.timestamp())
    return describe(Canonical(text, (), facts=facts), source, said or Given(), NOW)


def test_a_cover_page_tells_company_ticker_year_and_form() -> None:
    found = described(COVER + "Date: November 3, 2023\n")
    assert (found.company, found.ticker) == ("Acme Corp", "ACM")
    assert (found.fiscal_year, found.document_kind) == (2023, "10-K")
    assert found.title == "Acme Corp 10-K 2023"
    assert found.known_at == datetime(2023, 11, 4, 3, 59, 59, 999999, tzinfo=UTC)


def test_what_a_person_says_goes_before_what_is_read() -> None:
    at = datetime(2024, 1, 2, tzinfo=UTC)
    found = described(COVER, said=Given("Other", "oth", 2022, "note", at))
    assert (found.company, found.ticker, found.fiscal_year) == ("Other", "OTH", 2022)
    assert (found.document_kind, found.known_at, found.known_from) == ("note", at, "given")


def test_a_filing_is_known_from_the_moment_it_was_accepted_in_new_york() -> None:
    assert described(accepted="20240220163014").known_at == datetime(
        2024, 2, 20, 21, 30, 14, tzinfo=UTC
    )


def test_a_filing_date_counts_from_the_end_of_that_day() -> None:
    assert described(filed="20240220").known_at > datetime(2024, 2, 21, 4, 59, tzinfo=UTC)


def test_a_date_in_a_note_or_before_its_fiscal_year_is_no_date_of_signature() -> None:
    for text in ("A note.\n\nDated May 5, 1990\n", COVER + "Date: May 5, 1990\n"):
        assert described(text).known_at == CHANGED


def test_without_any_date_the_files_own_counts_and_it_is_said() -> None:
    found = described()
    assert found.known_at == CHANGED
    assert "--known-at" in found.known_from


@given(
    st.sampled_from(["20990101", "20240230", "19990101", ""]),
    st.sampled_from(["Date: May 5, 2099", "Date: February 31, 2020", "Date: May 5, 2020", ""]),
    st.one_of(st.none(), st.datetimes(timezones=st.just(UTC))),
)
def test_nothing_is_known_later_than_now(filed: str, signed: str, said: datetime | None) -> None:
    assert described(signed, said=Given(known_at=said), filed=filed).known_at <= NOW


@pytest.mark.parametrize(
    ("text", "name", "year", "kind"),
    [
        ("Annual Report 2021\n\nDear owners", "x.pdf", 2021, "annual report"),
        ("2020 Annual Report", "x.pdf", 2020, "annual report"),
        ("Form 10-Q for the quarterly period ended June 30, 2022", "x.htm", 2022, "10-Q"),
        ("Form 8-K/A Current report", "x.htm", 0, "8-K/A"),
        ("We fill in forms 10 times", "x.txt", 0, ""),
        ("words", "acme fiscal 2019.txt", 2019, ""),
    ],
)
def test_year_and_kind_are_read_as_they_are_usually_written(
    text: str, name: str, year: int, kind: str
) -> None:
    found = described(text, name)
    assert (found.fiscal_year, found.document_kind) == (year, kind)


def test_the_tags_of_inline_xbrl_are_read(tmp_path: Path) -> None:
    path = written(tmp_path, "acme-20231231.htm", FILING)
    source = SourceFile(str(path), path.name, "0" * 64, 1, CHANGED.timestamp())
    found = describe(read_document(path), source, Given(), NOW)
    assert (found.company, found.ticker, found.fiscal_year) == ("Acme Corp", "ACM", 2023)
    assert found.document_kind == "10-K"


def test_an_email_is_known_from_when_it_was_sent(tmp_path: Path) -> None:
    path = written(tmp_path, "a.eml", letter())
    source = SourceFile(str(path), path.name, "0" * 64, 1, CHANGED.timestamp())
    found = describe(read_document(path), source, Given(), NOW)
    assert found.known_at == datetime(2024, 2, 20, 21, 30, 14, tzinfo=UTC)
    assert (found.title, found.document_kind) == ("The anvil margin", "email")
