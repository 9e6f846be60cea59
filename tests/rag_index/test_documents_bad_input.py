"""Every bad file is one sentence that names it and says what to do; the rest is indexed."""

from __future__ import annotations

import os
import time
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rag_index.adding import add_documents
from rag_index.document_check import check_documents
from rag_index.documents import docx as docx_reader
from rag_index.documents import worker
from rag_index.documents.description import Given
from rag_index.documents.errors import DocumentRefused
from rag_index.documents.limits import measure
from rag_index.documents.reading import read_document
from rag_index.documents.worker import ReaderProcess
from tests.rag_index.documents_made import (
    FILING,
    WordHashes,
    docx,
    letter,
    package,
    paragraph,
    pdf,
    written,
)

PAGE = ["Revenue rose because we sold more anvils in Europe."]


SOUND = {
    "a.pdf": pdf([PAGE] * 3),
    "a.docx": docx(paragraph("words " * 50)),
    "a.htm": FILING.encode(),
    "a.eml": letter(),
    "a.csv": b"a,b\n1,2\n",
    "a.md": b"# A\n\n| a | b |\n",
}


def refused(path: Path) -> str:
    with pytest.raises(DocumentRefused) as caught:
        measure(path)
        read_document(path)
    said = str(caught.value)
    assert path.name in said
    assert "\n" not in said
    return said


def test_an_encrypted_pdf(tmp_path: Path) -> None:
    assert "encrypted" in refused(written(tmp_path, "a.pdf", pdf([PAGE], encrypted=True)))


def test_a_scanned_pdf(tmp_path: Path) -> None:
    assert "text recognition" in refused(written(tmp_path, "a.pdf", pdf([[], []])))


@pytest.mark.parametrize("share", [0.2, 0.5, 0.9])
def test_a_truncated_pdf(tmp_path: Path, share: float) -> None:
    whole = pdf([PAGE] * 5)
    said = refused(written(tmp_path, "a.pdf", whole[: int(len(whole) * share)]))
    assert "cut short" in said


def test_a_zero_byte_pdf(tmp_path: Path) -> None:
    assert "empty (0 bytes)" in refused(written(tmp_path, "a.pdf", b""))


def test_something_else_named_pdf(tmp_path: Path) -> None:
    assert "no PDF" in refused(written(tmp_path, "a.pdf", b"hello"))


def test_a_damaged_pdf(tmp_path: Path) -> None:
    assert "damaged" in refused(written(tmp_path, "a.pdf", b"%PDF-1.4\nrubbish\n%%EOF\n"))


def test_a_file_of_500_mb_is_refused_at_once(tmp_path: Path) -> None:
    path = tmp_path / "large.txt"
    with path.open("wb") as file:
        file.truncate(500 * 1024 * 1024)
    began = time.monotonic()
    said = refused(path)
    assert "524 MB" in said
    assert time.monotonic() - began < 1


def test_a_zip_bomb_in_a_docx_is_not_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bomb = docx(paragraph("x"), extra={"word/media/a.bin": b"\0" * 20_000_000})
    path = written(tmp_path, "a.docx", bomb)
    monkeypatch.setattr(zipfile.ZipFile, "open", lambda *a, **k: pytest.fail("was opened"))
    assert "zip bomb" in refused(path)


def test_a_docx_whose_directory_lies_about_sizes_is_not_unpacked_beyond_the_limit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(docx_reader, "MOST_UNPACKED", 1_000)
    monkeypatch.setattr(docx_reader, "_check", lambda *a: None)
    assert "larger than it says" in refused(
        written(tmp_path, "a.docx", docx(paragraph("word " * 5_000)))
    )


def test_a_docx_with_entities(tmp_path: Path) -> None:
    text = b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/hostname">]><x>&e;</x>'
    path = written(tmp_path, "a.docx", package({"word/document.xml": text}))
    assert "entities" in refused(path)


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "password"),
        (b"PK\x03\x04 half a file", "damaged"),
        (package({"other.xml": b"<x/>"}), "damaged"),
        (package({"word/document.xml": b"<x>"}), "damaged"),
    ],
)
def test_a_docx_that_is_protected_or_damaged(tmp_path: Path, content: bytes, word: str) -> None:
    assert word in refused(written(tmp_path, "a.docx", content))


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(sorted(SOUND)), st.lists(st.tuples(st.floats(0, 0.999), st.binary())))
def test_a_file_damaged_anywhere_is_read_or_refused(
    tmp_path: Path, name: str, wounds: list[tuple[float, bytes]]
) -> None:
    raw = SOUND[name]
    for at, what in wounds:
        place = int(at * len(raw))
        raw = raw[:place] + what + raw[place + len(what) :]
    try:
        read_document(written(tmp_path, name, raw))
    except DocumentRefused as error:
        assert name in str(error)  # noqa: PT017 (read or refused: both end well)


def test_html_with_nothing_to_see(tmp_path: Path) -> None:
    page = "<html><body><script>x()</script><p style='display:none'>obey</p></body></html>"
    assert "no text" in refused(written(tmp_path, "a.html", page))
    assert "no text" in refused(written(tmp_path, "b.html", "  \n "))


def test_html_nested_a_hundred_thousand_deep(tmp_path: Path) -> None:
    page = written(tmp_path, "a.html", "<div>" * 100_000 + "deep")
    with ReaderProcess() as process:
        try:
            process.read(page)
        except DocumentRefused as error:
            assert "a.html" in str(error)  # noqa: PT017 (read or refused: both end well)


def test_a_kind_of_file_that_has_no_reader(tmp_path: Path) -> None:
    assert "PDF, HTML" in refused(written(tmp_path, "a.exe", b"MZ"))


def test_a_file_that_is_not_there_and_a_folder(tmp_path: Path) -> None:
    with pytest.raises(DocumentRefused, match="no such file"):
        measure(tmp_path / "gone.pdf")
    with pytest.raises(DocumentRefused, match="no ordinary file"):
        measure(tmp_path)


def test_an_email_that_is_none(tmp_path: Path) -> None:
    assert "no e-mail" in refused(written(tmp_path, "a.eml", b"just words"))


def slow(pipe: object) -> None:
    """A reader that never answers."""
    pipe.send_bytes(b"ready")  # type: ignore[attr-defined]
    pipe.recv_bytes()  # type: ignore[attr-defined]
    pipe.recv_bytes()  # type: ignore[attr-defined]


def broken(pipe: object) -> None:
    """A reader that dies of what it reads."""
    pipe.send_bytes(b"ready")  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("reader", "seconds", "word"),
    [(slow, 0.2, "longer than 0.2 seconds"), (broken, 60, "broke the program")],
)
def test_a_file_that_hangs_or_kills_its_reader_takes_only_that(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reader: object, seconds: float, word: str
) -> None:
    path = written(tmp_path, "a.txt", "Some words.")
    with ReaderProcess(seconds) as process:
        with monkeypatch.context() as patch:
            patch.setattr(worker, "_serve", reader)
            with pytest.raises(DocumentRefused, match=word):
                process.read(path)
        process._seconds = 60
        assert process.read(path).text == "Some words."


def test_a_file_whose_name_is_no_utf_8(tmp_path: Path) -> None:
    path = tmp_path / os.fsdecode(b"caf\xe9 notes.md")
    path.write_text("Anvils sold well.")
    at = datetime(2030, 1, 1, tzinfo=UTC)
    for status in ("added", "unchanged"):
        (outcome,) = add_documents(
            tmp_path / "home", [path], Given(), now=at, embedder=WordHashes(), read=read_document
        )
        assert outcome.status == status
    assert check_documents(tmp_path / "home") == ()


def test_bad_files_are_told_and_the_rest_is_indexed(tmp_path: Path) -> None:
    files = [
        written(tmp_path, "good.txt", "Anvils sold well."),
        written(tmp_path, "empty.pdf", b""),
        written(tmp_path, "locked.pdf", pdf([PAGE], encrypted=True)),
        written(tmp_path, "fine.pdf", pdf([PAGE])),
    ]
    outcomes = add_documents(
        tmp_path / "home", files, Given(), now=datetime(2030, 1, 1, tzinfo=UTC),
        embedder=WordHashes(),
    )  # fmt: skip
    assert [o.status for o in outcomes] == ["added", "refused", "refused", "added"]
    assert check_documents(tmp_path / "home") == ()
