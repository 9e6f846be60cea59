"""Rows of a document are exact spans of it, of one page each, with tables whole."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag_index.chunk import MOST
from rag_index.document_rows import DocumentFacts
from rag_index.documents.canonical import Canonical, Writer
from rag_index.documents.pieces import READ_WHOLE, rows_of
from rag_index.embed import Embedder

FACTS = DocumentFacts(
    "acme-1", "Acme Corp 10-K 2023", datetime(2024, 2, 20, tzinfo=UTC), "a.htm", "Acme Corp",
    "ACM", 2023, "10-K",
)  # fmt: skip


def words(text: str) -> int:
    return len(text.split())


BLOCK = st.one_of(
    st.tuples(st.just("paragraph"), st.integers(0, 700)),
    st.tuples(st.just("heading"), st.sampled_from(["Item 7. Results", "Outlook", "Note 3 - Debt"])),
    st.tuples(st.just("table"), st.tuples(st.integers(1, 90), st.integers(2, 9))),
    st.tuples(st.just("page"), st.just(0)),
    st.tuples(st.just("lines"), st.text(alphabet=" \t\nab.é東\u200b\x00|#", max_size=80)),
    st.tuples(st.just("long"), st.integers(240, 500)),
)


def write(blocks: list) -> Canonical:
    writer, page = Writer(), 1
    for kind, what in blocks:
        if kind == "paragraph":
            writer.paragraph(" ".join(f"w{i}{'.' * (i % 9 == 0)}" for i in range(what)))
        elif kind == "heading":
            writer.heading(what)
        elif kind == "table":
            writer.table([[f"r{r}c{c}" for c in range(what[1])] for r in range(what[0])])
        elif kind == "long":
            writer.table([["a", "b"], [" ".join(f"x{i}" for i in range(what)), "1"], ["c", "d"]])
        elif kind == "lines":
            writer.lines(what)
        else:
            page += 1
            writer.page(page)
    return writer.done()


@settings(max_examples=300)
@given(st.lists(BLOCK, max_size=12))
def test_any_span_resolves_and_nothing_but_headings_is_left_out(blocks: list) -> None:
    found = write(blocks)
    rows = rows_of(found, FACTS, words)
    place, left_out = 0, []
    for row in rows:
        assert found.text[row.start : row.end] == row.text
        assert hashlib.sha256(row.text.encode()).hexdigest() == row.sha256
        assert row.start >= place
        left_out.append(found.text[place : row.start].strip())
        place = row.end
        assert row.text.strip()
        assert words(row.text) <= MOST
        assert words(row.indexed) <= READ_WHOLE
    left_out.append(found.text[place:].strip())
    headings = {found.text[m.start : m.end] for m in found.marks if m.kind == "heading"}
    assert {line for text in left_out for line in text.split("\n\n")} <= headings | {""}
    assert len({row.id for row in rows}) == len(rows)


@settings(max_examples=200)
@given(st.lists(BLOCK, max_size=12))
def test_no_row_crosses_a_page(blocks: list) -> None:
    found = write(blocks)
    starts = [m.start for m in found.marks if m.kind == "page"]
    for row in rows_of(found, FACTS, words):
        assert not [start for start in starts if row.start < start < row.end]
        numbers = [int(m.label) for m in found.marks if m.kind == "page" and m.start <= row.start]
        assert row.page == (numbers[-1] if numbers else 0)


@given(st.integers(2, 40), st.integers(0, 300))
def test_a_table_that_fits_is_never_cut(rows: int, before: int) -> None:
    writer = Writer()
    writer.paragraph("word " * before)
    writer.table([[f"r{r}", "1"] for r in range(rows)])
    found = writer.done()
    (table,) = [m for m in found.marks if m.kind == "table"]
    holding = [
        r for r in rows_of(found, FACTS, words) if r.start < table.end and table.start < r.end
    ]
    assert len(holding) == 1


def test_a_table_too_long_is_cut_between_rows_and_each_part_is_under_its_header() -> None:
    writer = Writer()
    writer.table([["region", "sales"], *([f"region {i}", f"{i}"] for i in range(200))])
    found = writer.done()
    rows = rows_of(found, FACTS, words)
    assert len(rows) > 2
    for row in rows:
        assert "region | sales\n" in row.indexed
        assert all(" | " in line for line in row.text.split("\n"))
    assert "".join(row.text + "\n" for row in rows).strip() == found.text


def test_the_header_of_a_row_names_company_year_kind_and_section() -> None:
    writer = Writer()
    writer.paragraph("Item 7. Results")
    writer.heading("Liquidity")
    writer.paragraph("Cash is fine.")
    (row,) = rows_of(writer.done(), FACTS, words)
    head = row.indexed.split("\n")[0]
    for part in ("Acme Corp", "FY2023", "10-K", "Item 7. Results – Liquidity"):
        assert part in head
    assert row.section == "Item 7. Results – Liquidity"


def test_a_heading_stays_with_what_follows_it() -> None:
    writer = Writer()
    for number in range(6):
        writer.heading(f"Part {number} of it")
        writer.paragraph("word " * 150)
    for row in rows_of(writer.done(), FACTS, words):
        assert row.text.startswith("Part ")
        assert "\n\n" in row.text


@pytest.mark.parametrize("title", ["short", "a very long title of a document " * 20])
def test_the_model_reads_every_row_whole(embedder: Embedder, title: str) -> None:
    writer = Writer()
    for number in range(20):
        writer.heading(f"Note {number} - Derivatives, hedging and off-balance-sheet arrangements")
        writer.paragraph("The counterparty's collateralisation requirements changed in 2023. " * 30)
        writer.table([[f"line {r}", f"{r:,}00.5", "(12.3)%"] for r in range(40)])
    facts = DocumentFacts("x", title[:200], FACTS.known_at, "s")
    for row in rows_of(writer.done(), facts, embedder.count):
        assert embedder.count(row.indexed) <= READ_WHOLE
