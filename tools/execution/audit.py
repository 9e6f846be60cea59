"""The verifier of the journal: its own reading of it, sharing no code with the writer.

By the events alone it finds edits, deletions, insertions, reordering and broken links. By the heads
that were signed and kept in a second place it finds a cut tail, a fork, and a whole journal written
anew with fresh hashes. By the seal on the journal's end, signed with every commit, it finds what
others added since the last head (``signed`` tells up to where the heads go).

What it can't find: whoever kept a copy of the database can put it back to any moment since the last
head. Whoever holds the signing key, the journal and every copy of the heads can write another
history. So keep a copy of the newest head, and of ``keys/ledger.pub``, where the desk's machine
can't write.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tools.domain.errors import StateError
from tools.execution import audit_heads
from tools.execution.audit_chain import Walk
from tools.execution.audit_heads import Head
from tools.execution.audit_proof import grown, shown
from tools.execution.audit_source import Source, SqliteSource, Unreadable

# A desk signs a head for its first event and then at least for every thousandth; only one that was
# killed between its first event and its first head has none.
MOST_UNSIGNED = 1_000


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong at one event; ``seq`` 0 is the journal as a whole."""

    seq: int
    sentence: str


@dataclass(frozen=True, slots=True)
class AuditReport:
    """The verdict on a journal: ``head`` is the last event's hash, empty when there is none.

    ``signed`` is how many of its events a signed head agrees with, ``heads`` how many heads there
    are, and ``key`` the public key (hex) that signed them, empty when there are none.
    """

    ok: bool
    events: int
    head: str
    problems: tuple[Problem, ...]
    signed: int = 0
    heads: int = 0
    key: str = ""

    @property
    def sentence(self) -> str:
        """One line for people."""
        if self.ok:
            return f"{self.events} events, an unbroken chain; the head is {self.head[:16]}."
        return f"{len(self.problems)} problems in {self.events} events; do not trade on this file."


class Audit:
    """The verifier of one journal, wherever it is kept; each call reads it anew."""

    def __init__(
        self, source: Callable[[], Source], heads: Path, keys: Path, key: Path | None = None
    ) -> None:
        """``heads`` is the file of signed heads, ``keys`` the folder with ``ledger.pub``.

        ``key`` is the public key to trust instead, in PEM: an auditor brings a copy, for whoever
        can rewrite the journal can put another key beside it.
        """
        self._source, self._heads = source, heads
        self._key = key or keys / "ledger.pub"
        self._must = key is not None

    def verify(self) -> AuditReport:
        """Check the journal without changing it; StateError when it can't be opened."""
        trusted, before = self._trusted(), audit_heads.lines(self._heads)
        with self._reading() as source:
            try:
                return check(source, before, self._heads, trusted)
            except Unreadable as error:
                return AuditReport(False, 0, "", (Problem(0, f"It can't be read: {error}."),))

    def export(self) -> Iterator[str]:
        """Every event as one line of JSON, oldest first, as it stands."""
        with self._reading() as source:
            try:
                yield from _exported(source)
            except (Unreadable, ValueError) as error:
                raise StateError(
                    f"the ledger can't be exported: {error}; run `tollgate audit verify`"
                ) from None

    def show(self, seq: int) -> dict[str, Any]:
        """Event ``seq`` with its inclusion proof; NotFound when there is none."""
        return self._prove(shown, seq)

    def grown(self, since: int) -> dict[str, Any]:
        """The consistency proof from the head over ``since`` events to the newest."""
        return self._prove(grown, since)

    def _prove(
        self, prove: Callable[[Source, Sequence[Head], int], dict[str, Any]], number: int
    ) -> dict[str, Any]:
        heads, _ = audit_heads.check(audit_heads.lines(self._heads), self._trusted())
        with self._reading() as source:
            try:
                return prove(source, heads, number)
            except (Unreadable, ValueError) as error:
                raise StateError(
                    f"the ledger can't be read: {error}; run `tollgate audit verify`"
                ) from None

    def _trusted(self) -> str | None:
        there = self._must or self._key.exists()
        return audit_heads.public_key(self._key) if there else None

    @contextmanager
    def _reading(self) -> Iterator[Source]:
        source = self._source()
        try:
            yield source
        finally:
            source.close()


def of_file(path: Path, heads: Path | None = None, key: Path | None = None) -> Audit:
    """The verifier of the journal in the file at ``path``.

    ``heads`` is by default ``heads/heads.jsonl`` beside it; ``keys/ledger.pub`` is beside it too.
    """
    beside = path.parent / "heads" / "heads.jsonl"
    return Audit(lambda: SqliteSource(path), heads or beside, path.parent / "keys", key)


def verify(path: Path, heads: Path | None = None, key: Path | None = None) -> AuditReport:
    """Check the journal at ``path`` without changing it; StateError when there is no such file."""
    return of_file(path, heads, key).verify()


def export(path: Path) -> Iterator[str]:
    """Every event as one line of JSON, oldest first, as it stands in the file."""
    return of_file(path).export()


def trusted(path: Path, heads: Path | None = None, key: Path | None = None) -> AuditReport:
    """The report on a journal that may be traded on; StateError, with the first problem, else."""
    return demand(verify(path, heads, key))


def demand(report: AuditReport) -> AuditReport:
    """The report itself; StateError when it is not in order."""
    if not report.ok:
        first = report.problems[0]
        where = f"event {first.seq}: " if first.seq else ""
        raise StateError(
            f"the ledger can't be trusted ({where}{first.sentence}); live trading does not start. "
            "Run `tollgate audit verify`, keep the file, and put a sound copy back"
        )
    return report


def check(source: Source, before: list[str], heads: Path, trusted: str | None) -> AuditReport:
    """Check one reading of a journal; ``before`` is the heads file as it was before the reading.

    A desk may be writing meanwhile. It puts a head into the file first and into the database
    second, and both after the events: so the file read before may be one head ahead, and the file
    read afterwards lacks none.
    """
    published = source.heads()
    after = audit_heads.lines(heads)
    signed, faults = audit_heads.check(after, trusted)
    problems = [Problem(0, said) for said in (*faults, *_paired(published, before, after))]
    walk = Walk({head.size: head.root for head in signed})
    problems += [Problem(seq, said) for seq, said in walk.over(source.rows())]
    counted = source.counted()
    problems += [Problem(seq, said) for seq, said in walk.counted(counted)]
    problems += [Problem(0, said) for said in source.faults()]
    if walk.count > MOST_UNSIGNED and not after:
        said = f"No head was ever signed over {walk.count} events, or all heads are gone."
        problems.append(Problem(0, said))
    key = trusted or (signed[0].key if signed else "")
    if (
        counted
        and walk.count
        and (after or counted[2])
        and not audit_heads.sealed(walk.end, walk.last, str(counted[2]), key)
    ):
        problems.append(Problem(walk.end, "The journal's end was not sealed with the desk's key."))
    cut = [h for h in signed[: len(before)] if h.size > walk.end]
    if cut:
        problems.append(
            Problem(
                walk.end,
                f"The journal ends at event {walk.end}, but head {cut[-1].n} was signed over "
                f"{cut[-1].size}: its tail was cut.",
            )
        )
    return AuditReport(
        not problems,
        walk.count,
        walk.last,
        tuple(problems),
        walk.agreed,
        len(signed),
        signed[0].key if signed else "",
    )


def _exported(source: Source) -> Iterator[str]:
    """Every event of a reading as one line of JSON; ValueError for data that is none."""
    for seq, at, kind, order_id, data, previous, own in source.rows():
        line = {"seq": seq, "at": at, "kind": kind, "order_id": order_id}
        line |= {"data": json.loads(data), "previous": previous, "hash": own}
        yield json.dumps(line, sort_keys=True)


def _paired(published: list[str], before: list[str], after: list[str]) -> Iterator[str]:
    """Whether the database and the heads file know of the same heads."""
    if len(published) > len(after):
        yield (
            f"The heads file has {len(after)} heads, but {len(published)} were published: it was "
            "cut, removed, or is another ledger's."
        )
    elif len(before) > len(published) + 1:
        yield (
            f"The heads file has {len(before)} heads, but this journal published "
            f"{len(published)}: it is an older copy, or another's."
        )
    for n, (noted, kept) in enumerate(zip(published, after, strict=False), 1):
        if noted != kept:
            yield f"Head {n} is not the same in the heads file and in the database."
            return
