"""``tollgate knowledge add`` and its like: a person's own documents in the knowledge base."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.cli.output import JsonFlag, print_json, table
from app.knowledge import library_at, many_threads
from app.visible import visible

if TYPE_CHECKING:
    from rag_index.adding import Outcome
    from rag_index.documents.description import Given

REFUSED = 1
Company = Annotated[str, typer.Option("--company", help="whose document it is")]
Ticker = Annotated[str, typer.Option("--ticker", help="the symbol of that company")]
Year = Annotated[int, typer.Option("--fiscal-year", min=0, max=2200, help="such as 2023")]
Kind = Annotated[str, typer.Option("--kind", help="such as 10-K, annual report, note")]
Known = Annotated[
    str | None,
    typer.Option("--known-at", help="since when it is public, such as 2024-02-20; UTC"),
]


def knowledge_folder() -> Path:
    """Where the index and the documents lie."""
    from tools.assembly import open_state
    from tools.settings import load_settings

    return open_state(load_settings()) / "knowledge"


def add(
    paths: Annotated[list[Path], typer.Argument(help="files, and folders of files")],
    company: Company = "",
    ticker: Ticker = "",
    fiscal_year: Year = 0,
    kind: Kind = "",
    known_at: Known = None,
    json_: JsonFlag = False,
) -> int:
    """Add documents: PDF, HTML (filings as downloaded), Markdown, text, DOCX, CSV, e-mail.

    A file that can't be used is named with its reason, and the others are added: the exit status
    is then 1. Adding again changes only what changed, and finishes what was stopped.
    """
    from rag_index.watching import files_in

    given = _given(company, ticker, fiscal_year, kind, known_at)
    outcomes = _add(files_in(paths), given)
    if json_:
        print_json({"documents": [_plain(outcome) for outcome in outcomes], **_counts(outcomes)})
    else:
        _tell(outcomes)
        print(", ".join(f"{n} {status}" for status, n in _counts(outcomes).items()) or "No files.")
    return REFUSED if any(outcome.status == "refused" for outcome in outcomes) else 0


def remove(
    names: Annotated[list[str], typer.Argument(help="ids, file names or paths")],
    json_: JsonFlag = False,
) -> int:
    """Take documents out of the knowledge base; your own files stay where they are."""
    from rag_index.adding import remove_documents

    folder = knowledge_folder()
    library = library_at(folder)
    library.settle()
    removed, unknown = remove_documents(folder, names, library.server)
    if json_:
        print_json({"removed": removed, "unknown": unknown})
    else:
        for document in removed:
            print(f"{document}: removed")
        for name in unknown:
            print(visible(f"{name}: no such document; `tollgate knowledge list` names them"))
    return REFUSED if unknown else 0


def show(
    document: Annotated[str, typer.Argument(help="its id, as `knowledge list` names it")],
    text: Annotated[bool, typer.Option("--text", help="its whole text, as it is cited")] = False,
    json_: JsonFlag = False,
) -> None:
    """What is known of a document, or its text: untrusted words, for reading only."""
    from rag_index.documents.registry import Registry
    from tools.domain.errors import NotFound

    registry = Registry(knowledge_folder())
    record = registry.record(document) if document.isprintable() and "/" not in document else None
    if record is None:
        raise NotFound(f"there is no document {document!r}: `tollgate knowledge list` names them")
    body = registry.text(document) if text else None
    if json_:
        print_json(record.plain() | ({"untrusted": True, "text": body} if text else {}))
    elif body is not None:
        print(visible(body))
    else:
        rows = [[name, value] for name, value in _row(record.plain()).items()]
        rows += [["file", source.path] for source in record.sources]
        rows += [["note", note] for note in record.notes]
        table(record.described.title, ["", ""], rows)


def export(
    folder: Annotated[Path, typer.Argument(help="where to write; made if it isn't there")],
    json_: JsonFlag = False,
) -> None:
    """Write each document's text (NAME.txt) and what is known of it (NAME.json) into a folder."""
    from rag_index.documents.registry import Registry
    from tools.domain.errors import InputError

    registry = Registry(knowledge_folder())
    records = registry.records()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for record in records:
            body = registry.canonical(record.text_sha256).text
            (folder / f"{record.id}.txt").write_bytes(body.encode("utf-8"))
            plain = json.dumps(record.plain(), indent=1)
            (folder / f"{record.id}.json").write_text(plain + "\n", encoding="utf-8")
    except OSError as error:
        raise InputError(f"{folder} can't be written ({error.strerror}): name another") from error
    if json_:
        print_json({"folder": str(folder), "documents": [record.id for record in records]})
    else:
        print(visible(f"{len(records)} documents written to {folder}"))


def watch(
    folder: Annotated[Path, typer.Argument(help="the folder to watch, with those below it")],
    every: Annotated[float, typer.Option(min=0.2, help="seconds between two looks")] = 5.0,
    company: Company = "",
    ticker: Ticker = "",
    kind: Kind = "",
) -> None:
    """Add what is put into a folder, until you press Ctrl-C; a file that goes stays added."""
    import threading

    from rag_index.watching import WatchedFolder, follow
    from tools.domain.errors import InputError

    if not folder.is_dir():
        raise InputError(f"{folder} is no folder: name the folder to watch")
    given = _given(company, ticker, 0, kind, None)
    print(visible(f"Watching {folder}. Press Ctrl-C to stop."), flush=True)
    follow(
        WatchedFolder(folder),
        lambda ready: _tell(_add(ready, given)),
        lambda said: print(visible(said), flush=True),
        lambda: threading.Event().wait(every),
    )


def listed() -> list[dict[str, Any]]:
    """Every document as a row of plain values."""
    from rag_index.documents.registry import Registry

    return [_row(record.plain()) for record in Registry(knowledge_folder()).records()]


def print_list(rows: Sequence[dict[str, Any]]) -> None:
    """The documents as a table."""
    names = ("document", "title", "company", "fiscal_year", "document_kind", "known_at")
    columns = ["document", "title", "company", "year", "kind", "known since"]
    cells = [[str(row[name] or "")[: None if name != "known_at" else 10] for name in names]
             for row in rows]  # fmt: skip
    table("Your documents", columns, cells)


def index_again(folder: Path) -> int:
    """Put every document into the index again; how many there are."""
    from rag_index.documents.registry import Registry
    from rag_index.reindexing import index_again as again

    if not Registry(folder).records():
        return 0
    library = many_threads(folder)
    put = again(folder, library.embedder, _progress(), library.server)
    library.mark_settled()
    return put


def _add(paths: Sequence[Path], given: Given) -> list[Outcome]:
    from rag_index.adding import add_documents
    from tools.clock import SystemClock

    folder = knowledge_folder()
    library = many_threads(folder)
    library.need_model()
    library.settle()
    return add_documents(
        folder,
        paths,
        given,
        now=SystemClock().wall(),
        embedder=library.embedder,
        progress=_progress(),
        server=library.server,
    )


def _progress() -> Any:
    """A line on standard error that is written over: files done, rate, the file at hand."""
    import sys
    import time

    began = time.monotonic()
    if not sys.stderr.isatty():
        return None

    def told(done: int, total: int, what: str) -> None:
        rate = done / max(0.001, time.monotonic() - began) * 60
        end = "\n" if done >= total else ""
        line = f"{done}/{total} files, {rate:.0f} a minute, {visible(what)}"
        print(f"\r{line:<79.79}", end=end, file=sys.stderr, flush=True)

    return told


def _given(company: str, ticker: str, year: int, kind: str, known_at: str | None) -> Given:
    from rag_index.documents.description import Given
    from tools.clock import SystemClock, moment
    from tools.domain.errors import InputError

    try:
        at = moment(known_at, SystemClock()) if known_at is not None else None
    except InputError:
        raise InputError(
            f"--known-at takes a date such as 2024-02-20 or a moment such as 2024-02-20T21:30:00Z, "
            f"not later than now; was {known_at!r}"
        ) from None
    return Given(company.strip(), ticker.strip().upper(), year, kind.strip(), at)


def _tell(outcomes: Sequence[Outcome]) -> None:
    for outcome in outcomes:
        if outcome.status == "refused":
            print(visible(outcome.message))
        else:
            passages = f", {outcome.chunks} passages" if outcome.chunks else ""
            note = f" ({outcome.message})" if outcome.message else ""
            name = Path(outcome.path).name
            print(visible(f"{name}: {outcome.status} as {outcome.document}{passages}{note}"))


def _counts(outcomes: Sequence[Outcome]) -> dict[str, int]:
    order = ("added", "changed", "unchanged", "duplicate", "refused")
    counts = {status: sum(o.status == status for o in outcomes) for status in order}
    return {status: number for status, number in counts.items() if number}


def _plain(outcome: Outcome) -> dict[str, Any]:
    from dataclasses import asdict

    return asdict(outcome)


def _row(plain: dict[str, Any]) -> dict[str, Any]:
    names = [source["name"] for source in plain["sources"]]
    described = {k: v for k, v in plain["described"].items() if k != "known_from"}
    return {
        "document": plain["id"],
        **described,
        "known_from": plain["described"]["known_from"],
        "characters": plain["characters"],
        "indexed": plain["indexed"],
        "files": ", ".join(names),
    }
