"""Writes rows into a Weaviate server, document by document, so that readers see whole ones only.

The server has no transactions. New rows say from which generation of the manifest they are seen, so
the manifest's replacement shows them all at once; it also names the puts that they replace, which
nobody sees from then on and which are deleted later. A writer that is killed leaves rows of a
generation that was never published; the next one deletes them first.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from rag_index.embed import Encoder
from rag_index.errors import KnowledgeIndexError, ServerGone
from rag_index.manifest import Manifest, write_manifest
from rag_index.rows import Row, Vector
from rag_index.updates import PENDING, DocumentWriter, first_manifest, writing
from rag_index.weaviate_rows import object_id, properties_of, seen
from rag_index.weaviate_server import WeaviateServer

COLLECTION = "documents"
BATCH = 200  # rows a message: about two megabytes


@dataclass(frozen=True, slots=True)
class _Former:
    """The put of a document that readers see now."""

    put: str
    rows: int
    pair: tuple[str, str]


class WeaviateWriter(DocumentWriter):
    """Puts and removes documents in a server; `WeaviateBackend.writer` opens one."""

    def __init__(
        self, home: Path, embedder: Encoder | None, server: WeaviateServer, cache: Path
    ) -> None:
        """Keep the manifest in `home` and the embeddings in the folder `cache`."""
        super().__init__(home, embedder, cache)
        self._server = server

    def close(self) -> None:
        """Delete what was replaced; if the server is gone by now, the next writer does it."""
        if not self._changed:
            return
        try:
            with writing(self._home):
                now = self._current()
                if now is not None and now.hidden:
                    self._clean(now)
        except ServerGone:
            return
        self._changed = False

    def _commit(self, documents: Sequence[str], rows: Sequence[Row], vectors: Vector | None) -> int:
        with writing(self._home):
            now = self._current()
            if now is None:
                if not rows:
                    return 0
                now = self._begun()
            # What a killed writer left is of the generation that is about to be used.
            _delete_later(self._server, now)
            formers = self._formers(now, documents)
            if not formers and not rows:
                return 0
            if rows and vectors is not None:
                insert(self._server, now.table, now.generation + 1, rows, vectors)
            now = _published(now, formers, rows)
            self._publish(now)
            if now.pending >= PENDING:
                self._clean(now)
            return sum(former.rows for former in formers)

    def _begun(self) -> Manifest:
        """Give the manifest of a new, empty collection; it is published with the first rows."""
        name = f"{self._server.prefix(self._home)}_{COLLECTION}"
        self._server.create(name, f"Tollgate's passages of documents; {self._model}")
        return replace(first_manifest(self._model, 0, 0), table=name, generation=0)

    def _formers(self, now: Manifest, documents: Sequence[str]) -> list[_Former]:
        from weaviate.classes.query import Filter

        found = []
        names = ["put", "rows", "company", "ticker"]
        with self._server.collection(now.table) as held:
            for document in documents:
                one = Filter.by_property("document").equal(document) & seen(now)
                answer = held.query.fetch_objects(filters=one, limit=1, return_properties=names)
                found += [_former(each.properties) for each in answer.objects]
        return found

    def _clean(self, now: Manifest) -> None:
        """Delete what is hidden; readers that began before see by `version` that it went."""
        now = replace(now, version=now.version + 1)
        self._publish(now)
        for put in now.hidden:
            _delete(self._server, now.table, "put", put)
        self._publish(replace(now, hidden=(), pending=0))

    def _publish(self, now: Manifest) -> None:
        write_manifest(self._home, now)
        self._changed = True


def insert(
    server: WeaviateServer, name: str, generation: int, rows: Sequence[Row], vectors: Vector
) -> None:
    """Send rows in batches; the same rows sent again replace themselves.

    Raises ServerGone if the server goes away between, KnowledgeIndexError if it refuses a row.
    """
    from weaviate.classes.data import DataObject

    counts = Counter(row.document for row in rows)
    for start in range(0, len(rows), BATCH):
        objects = [
            DataObject(
                properties=properties_of(row, generation, counts[row.document]),
                vector=vector.tolist(),
                uuid=object_id(row, generation),
            )
            for row, vector in zip(
                rows[start : start + BATCH], vectors[start : start + BATCH], strict=True
            )
        ]
        with server.collection(name) as held:
            done = held.data.insert_many(objects)
        if done.has_errors:
            said = " ".join(str(next(iter(done.errors.values())).message).split())[:200]
            raise KnowledgeIndexError(f"Weaviate at {server.url} refused a passage: {said}")


def companies_of(rows: Iterable[Row]) -> Counter[tuple[str, str]]:
    """Count the documents of each company and ticker."""
    pairs = {(row.document, row.company, row.ticker) for row in rows if row.company}
    return Counter((company, ticker) for _, company, ticker in pairs)


def _published(now: Manifest, formers: Sequence[_Former], rows: Sequence[Row]) -> Manifest:
    companies = Counter({(name, ticker): number for name, ticker, number in now.companies})
    companies.update(companies_of(rows))
    companies.subtract(Counter(former.pair for former in formers if former.pair[0]))
    kept = [(*pair, number) for pair, number in sorted(companies.items()) if number > 0]
    moments = [row.known_at.isoformat() for row in rows]
    return replace(
        now,
        generation=now.generation + 1,
        chunks=now.chunks + len(rows) - sum(former.rows for former in formers),
        pending=now.pending + 1,
        hidden=(*now.hidden, *(former.put for former in formers)),
        companies=tuple(kept),
        latest=max([now.latest, *moments]),
    )


def _former(properties: dict[str, Any]) -> _Former:
    return _Former(
        str(properties["put"]),
        int(properties["rows"]),
        (str(properties["company"]), str(properties["ticker"])),
    )


def _delete_later(server: WeaviateServer, now: Manifest) -> None:
    """Delete the rows of generations that were never published."""
    from weaviate.classes.query import Filter

    _delete_where(server, now.table, Filter.by_property("since").greater_than(now.generation))


def _delete(server: WeaviateServer, name: str, what: str, value: str) -> None:
    from weaviate.classes.query import Filter

    _delete_where(server, name, Filter.by_property(what).equal(value))


def _delete_where(server: WeaviateServer, name: str, where: Any) -> None:
    """Delete all of them: a server deletes at most so many, ten thousand mostly, at a time."""
    with server.collection(name) as held:
        while held.data.delete_many(where=where).successful:
            pass
