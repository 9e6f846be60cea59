"""Each kind of file becomes a text as a person sees it, with its pages, headings and tables."""

from __future__ import annotations

from pathlib import Path

import pytest

from rag_index.documents.canonical import Canonical
from rag_index.documents.errors import DocumentRefused
from rag_index.documents.reading import read_document
from tests.rag_index.documents_made import FILING, docx, letter, paragraph, pdf, written


def marked(found: Canonical, kind: str) -> list[str]:
    return [found.text[m.start : m.end] for m in found.marks if m.kind == kind]


def pages(found: Canonical) -> dict[str, str]:
    return {m.label: found.text[m.start :].split("\n")[0] for m in found.marks if m.kind == "page"}


def test_a_filing_keeps_what_is_seen_and_drops_scripts_styles_and_hidden_text(
    tmp_path: Path,
) -> None:
    found = read_document(written(tmp_path, "acme-20231231.htm", FILING))
    for unseen in ("sell everything", "hidden", "white on white", "too small", "display"):
        assert unseen not in found.text
    assert "Revenue rose by 12 % to 1,234 million because we sold more anvils." in found.text
    assert "Zerowidth" in found.text
    assert found.facts == {
        "fiscal_year": "2023",
        "form": "10-K",
        "company": "Acme Corp",
        "ticker": "ACM",
    }


def test_a_table_of_a_filing_is_rows_of_cells_with_their_signs(tmp_path: Path) -> None:
    found = read_document(written(tmp_path, "a.htm", FILING))
    assert marked(found, "table") == [
        "– | 2023 | 2022\nRevenue | $1,234 | $1,102\nLoss | (12) | (3)"
    ]


def test_a_filing_has_the_pages_of_its_page_breaks_and_bold_lines_as_headings(
    tmp_path: Path,
) -> None:
    found = read_document(written(tmp_path, "a.htm", FILING))
    assert pages(found) == {
        "1": "FORM 10-K",
        "2": "Item 7. Management’s Discussion and Analysis",
    }
    assert marked(found, "heading")[-1].startswith("Item 7.")


def test_a_submission_is_read_to_its_first_document_and_its_header_is_kept(tmp_path: Path) -> None:
    whole = (
        "<SEC-DOCUMENT>0001.txt : 20240220\n<SEC-HEADER>\n<ACCEPTANCE-DATETIME>20240220163014\n"
        "CONFORMED SUBMISSION TYPE:\t10-K\nCONFORMED PERIOD OF REPORT:\t20231231\n"
        "FILED AS OF DATE:\t\t20240220\nCOMPANY CONFORMED NAME:\t\t\tACME CORP\n</SEC-HEADER>\n"
        f"<DOCUMENT>\n<TYPE>10-K\n<TEXT>\n<XBRL>\n{FILING}</XBRL>\n</TEXT>\n</DOCUMENT>\n"
        "<DOCUMENT>\n<TYPE>EX-31\n<TEXT>\nan exhibit\n</TEXT>\n</DOCUMENT>\n"
    )
    found = read_document(written(tmp_path, "0001.txt", whole))
    assert "sold more anvils" in found.text
    assert "an exhibit" not in found.text
    assert found.facts["accepted"] == "20240220163014"
    assert found.facts["company"] == "ACME CORP"


def test_a_pdf_has_its_pages_and_its_figures_as_a_table(tmp_path: Path) -> None:
    sheet = ["Item 8. Financial Statements", "2021 2020", "Revenue 1,234 1,102", "Cash 45 67"]
    content = pdf([["Revenue rose because we sold more anvils (in Europe)."], sheet])
    found = read_document(written(tmp_path, "a.pdf", content))
    assert pages(found) == {
        "1": "Revenue rose because we sold more anvils (in Europe).",
        "2": "Item 8. Financial Statements",
    }
    assert marked(found, "table") == ["2021 | 2020\nRevenue | 1,234 | 1,102\nCash | 45 | 67"]


def test_a_word_file_has_its_headings_tables_and_pages_and_no_deleted_or_hidden_text(
    tmp_path: Path,
) -> None:
    def row(*cells: str) -> str:
        return f"<w:tr>{''.join(f'<w:tc>{paragraph(cell)}</w:tc>' for cell in cells)}</w:tr>"

    body = (
        paragraph("Outlook", "Heading1")
        + paragraph("We expect growth.")
        + "<w:p><w:del><w:r><w:delText>deleted</w:delText></w:r></w:del></w:p>"
        + paragraph("vanished", run="<w:rPr><w:vanish/></w:rPr>")
        + '<w:p><w:r><w:br w:type="page"/></w:r></w:p>'
        + f"<w:tbl>{row('', '2023', '2022')}{row('Sales', '5', '4')}</w:tbl>"
    )
    found = read_document(written(tmp_path, "a.docx", docx(body)))
    assert found.text == "Outlook\n\nWe expect growth.\n\n– | 2023 | 2022\nSales | 5 | 4"
    assert marked(found, "heading") == ["Outlook"]
    assert pages(found) == {"1": "Outlook", "2": "– | 2023 | 2022"}


def test_markdown_keeps_its_words_and_loses_its_comments(tmp_path: Path) -> None:
    text = (
        "# Top\n\nWords.\n\n<!-- obey me -->\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n```\n# no\n```\n"
    )
    found = read_document(written(tmp_path, "a.md", text))
    assert "obey" not in found.text
    assert marked(found, "heading") == ["# Top"]
    assert marked(found, "table") == ["| a | b |\n|---|---|\n| 1 | 2 |"]


@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_csv_is_one_table_whatever_parts_its_cells(tmp_path: Path, mark: str) -> None:
    rows = [["day", "close", "note"], ["2024-01-02", "12.5", "first"], ["2024-01-03", "13", ""]]
    found = read_document(written(tmp_path, "a.csv", "\n".join(mark.join(r) for r in rows)))
    assert found.text == "day | close | note\n2024-01-02 | 12.5 | first\n2024-01-03 | 13"
    assert len(marked(found, "table")) == 1


def test_an_email_has_headers_and_text_and_names_what_is_attached_unopened(tmp_path: Path) -> None:
    found = read_document(written(tmp_path, "a.eml", letter()))
    assert found.title == "The anvil margin"
    assert "From: Ann <ann@example.com>" in found.text
    assert "Margins rose to 31 %." in found.text
    assert "Attachment (not opened): x.zip (application/zip, 6 bytes)" in found.text
    assert "secret" not in found.text


TEXT = "Café – naïve “quotes” cost 5 €\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
def test_a_text_is_read_in_each_encoding_that_can_be_told(tmp_path: Path, encoding: str) -> None:
    found = read_document(written(tmp_path, "a.txt", TEXT.encode(encoding)))
    assert found.text == TEXT.strip()


@pytest.mark.parametrize("name", ["a.txt", "a.md", "a.csv", "a.htm"])
def test_wrong_encodings_are_refused_and_not_guessed(tmp_path: Path, name: str) -> None:
    for raw in ("日本語の文章です。".encode("shift_jis") * 9, bytes(range(256)) * 4):
        with pytest.raises(DocumentRefused, match="save it as UTF-8"):
            read_document(written(tmp_path, name, raw))


def test_html_in_an_encoding_that_it_declares_is_read(tmp_path: Path) -> None:
    page = '<html><head><meta charset="shift_jis"></head><body><p>日本語</p></body></html>'
    assert read_document(written(tmp_path, "a.html", page.encode("shift_jis"))).text == "日本語"


@pytest.mark.parametrize(
    ("line", "cells"),
    [
        ("Net income (loss) $ 1,234 $ (12.5)", "Net income (loss) | $ 1,234 | $ (12.5)"),
        ("Years ended December 31, 2021 2020", "Years ended December 31, | 2021 | 2020"),
        ("Margin 12.5% – 3 %", "Margin | 12.5% | – | 3 %"),
        ("2021 2020", "2021 | 2020"),
        ("Total", "Total"),
    ],
)
def test_the_figures_of_a_line_of_a_pdf_become_cells(line: str, cells: str) -> None:
    from rag_index.documents.pdf import _cells

    assert _cells(line) == cells
