"""Chooses the reader of a file by its name, and by what its first bytes say."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from rag_index.documents import delimited, docx, filing, hypertext, limits, mail, pdf, plain
from rag_index.documents.canonical import Canonical
from rag_index.documents.errors import DocumentRefused

Reader = Callable[[bytes, str], Canonical]

READERS: dict[str, Reader] = {
    ".pdf": pdf.read_pdf,
    ".htm": hypertext.read_html,
    ".html": hypertext.read_html,
    ".xhtml": hypertext.read_html,
    ".md": plain.read_markdown,
    ".markdown": plain.read_markdown,
    ".txt": plain.read_text,
    ".text": plain.read_text,
    ".docx": docx.read_docx,
    ".csv": delimited.read_csv,
    ".tsv": delimited.read_csv,
    ".eml": mail.read_mail,
}


def read_document(path: Path, name: str = "") -> Canonical:
    """Read a file to its canonical text; raises DocumentRefused with a sentence.

    `name` is what the sentence calls it.
    """
    name = name or path.name
    reader = READERS.get(path.suffix.lower())
    if reader is None:
        raise DocumentRefused(
            f"{name}: files of this kind can't be read: give PDF, HTML, Markdown, text, DOCX, CSV "
            "or e-mail (.eml)"
        )
    raw = path.read_bytes()
    if raw.startswith(b"%PDF-"):
        reader = pdf.read_pdf
    elif path.suffix.lower() in (".txt", ".htm", ".html") and filing.is_submission(raw):
        reader = filing.read_submission
    found = reader(raw, name)
    if not found.text.strip():
        raise DocumentRefused(f"{name}: there is no text in it to read: leave it out")
    if len(found.text) > limits.MOST_CHARACTERS:
        raise DocumentRefused(
            f"{name}: its text has {len(found.text):,} characters, more than the "
            f"{limits.MOST_CHARACTERS:,} that are kept: split it"
        )
    return found
