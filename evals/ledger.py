"""How fast the ledger is: one durable decision, many together, reading back, verifying.

``python -m evals.ledger`` prints the figures; nothing is gated on them. A decision of the desk is a
transaction of two or three events (the order, the verdict, the intent to send it); what the desk
itself thinks for each is not in here (``evals.gate`` has that).
"""

from __future__ import annotations

import multiprocessing
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from evals.tampering import tampers
from tools.clock import SystemClock
from tools.execution import audit
from tools.execution.ledger import SqliteLedger
from tools.ports import Ledger

# As much as a verdict says of an ordinary order.
DECISION: dict[str, object] = {
    "stage": "send",
    "verdict": "approved",
    "reasons": [],
    "digest": "a" * 64,
    "limits_hash": "b" * 64,
    "expires_at": None,
    "worst_price": "201.03",
    "collar": "203.04",
    "inputs": {
        "account": {"cash": "80000", "positions": [{"symbol": "IBM", "quantity": "100"}]},
        "mode": "ACTIVE",
        "now": "2013-03-01T21:00:00+00:00",
    },
}


@dataclass(frozen=True, slots=True)
class Figure:
    """One measurement and how it was taken."""

    what: str
    value: float
    unit: str
    taken: str


def single(ledger: Ledger, runs: int = 1_000) -> Iterator[Figure]:
    """How long one decision takes until it is durable, with nobody else writing."""
    taken = []
    for _ in range(runs + 10):
        started = time.perf_counter()
        with ledger.transaction() as tx:
            tx.append("verdict", "o1", DECISION)
        taken.append((time.perf_counter() - started) * 1000)
    cuts = statistics.quantiles(taken[10:], n=100)  # the first ones make the key and load code
    yield Figure("durable decision, p50", cuts[49], "ms", f"{runs} one after another")
    yield Figure("durable decision, p99", cuts[98], "ms", f"{runs} one after another")


def group(ledger: Ledger, threads: int = 64, each: int = 100, events: int = 3) -> Iterator[Figure]:
    """How many events a second become durable when many threads write at once.

    The CPU is the whole process's, the system's part of it too: other programs slow it less.
    """

    def write(name: str) -> None:
        for _ in range(each):
            with ledger.transaction() as tx:
                tx.append_many([("verdict", name, DECISION)] * events)

    writers = [threading.Thread(target=write, args=(f"o{n}",)) for n in range(threads)]
    cpu, started = time.process_time(), time.perf_counter()
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    took = time.perf_counter() - started
    cpu = (time.process_time() - cpu) / (threads * each * events) * 1e6
    how = f"{threads} threads, {events} events a transaction, {cpu:.0f} us of CPU an event"
    yield Figure("group commit", threads * each * events / took, "events/s", how)


def rivals(
    path: Path, processes: int = 2, threads: int = 32, seconds: float = 5.0
) -> Iterator[Figure]:
    """How many events become durable when processes write at once, and how evenly they share."""
    SqliteLedger(path, SystemClock()).close()
    context = multiprocessing.get_context("spawn")
    with context.Pool(processes) as pool:
        told = pool.starmap(_rival, [(path, threads, seconds)] * processes, chunksize=1)
    counts = [count for count, _ in told]
    how = f"{processes} processes of {threads} threads, one event a transaction"
    yield Figure("group commit", sum(counts) / seconds, "events/s", how)
    yield Figure("the least of a process", min(counts) / max(counts), "of the most", how)
    yield Figure("the longest wait", max(wait for _, wait in told) * 1000, "ms", how)


def _rival(path: Path, threads: int, seconds: float) -> tuple[int, float]:
    """What one process wrote in so many seconds, and its longest transaction in seconds."""
    ledger, end = SqliteLedger(path, SystemClock()), time.monotonic() + seconds
    taken: list[float] = []

    def write(name: str) -> None:
        while (started := time.monotonic()) < end:
            with ledger.transaction() as tx:
                tx.append("verdict", name, DECISION)
            taken.append(time.monotonic() - started)

    writers = [threading.Thread(target=write, args=(f"o{n}",)) for n in range(threads)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    ledger.close()
    return len(taken), max(taken)


def reading(ledger: Ledger) -> Iterator[Figure]:
    """How long a start takes to read all events back, each one's hash checked."""
    started = time.perf_counter()
    count = len(ledger.events())
    yield Figure("reading back", count / (time.perf_counter() - started), "events/s", f"{count}")


def verifying(folder: Path, events: int = 1_000_000) -> Iterator[Figure]:
    """How long the verifier takes over a large ledger, with its heads."""
    ledger = SqliteLedger(folder / "ledger.db", SystemClock())
    batch = [("verdict", f"o{n}", DECISION) for n in range(1_000)]
    for _ in range(events // len(batch)):
        with ledger.transaction() as tx:
            tx.append_many(batch)
    ledger.close()
    started = time.perf_counter()
    report = audit.verify(folder / "ledger.db")
    took = time.perf_counter() - started
    what = "verifying" if report.ok else "verifying (and finding it wrong!)"
    yield Figure(what, report.events / took, "events/s", f"{report.events} events in {took:.1f} s")


def tampering(folder: Path, n: int = 10_000) -> Iterator[Figure]:
    """How many of ``n`` falsified ledgers the verifier finds."""
    result = tampers(n, folder)
    yield Figure("tampered ledgers found", result.found, f"of {n}", f"{len(result.tried)} ways")


def sqlite(folder: Path) -> Iterator[Figure]:
    """The ledger in a file."""
    yield from writing(SqliteLedger(folder / "ledger.db", SystemClock()))


def postgres(url: str, schema: str, folder: Path) -> Iterator[Figure]:
    """The ledger in PostgreSQL; the schema is left for the caller to drop."""
    from tools.execution.ledger_postgres import PostgresLedger

    yield from writing(
        PostgresLedger(
            url, SystemClock(), keys=folder / "keys", heads=folder / "heads", schema=schema
        )
    )


def writing(ledger: Ledger) -> Iterator[Figure]:
    """Every figure of one empty ledger."""
    yield from single(ledger)
    for events in (1, 3, 10):
        yield from group(ledger, events=events)
    yield from reading(ledger)
    ledger.close()


def main() -> None:
    """Print the figures of the ledger in a file."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for part in (
            sqlite(folder / "writing"),
            rivals(folder / "rivals" / "ledger.db"),
            verifying(folder / "verifying"),
            tampering(folder / "tampering"),
        ):
            for figure in part:
                line = f"{figure.what}: {figure.value:,.2f} {figure.unit} ({figure.taken})\n"
                sys.stdout.write(line)


if __name__ == "__main__":
    main()
