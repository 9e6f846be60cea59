"""What a decision of a large account costs in the journal: 500 positions and 100 open orders.

``python -m evals.ledger_inputs`` prints the bytes of a verdict and the thread's own time to write
it down, with the account whole in each and with what changed since the one before.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from evals.gate import TAKEN, limits
from evals.gate_desk import judgements
from tools.clock import SystemClock
from tools.execution.ledger import SqliteLedger
from tools.execution.told import Told, briefly, heard


def cost(folder: Path, *, whole: bool, runs: int = 300) -> tuple[list[int], list[float]]:
    """The bytes of each of ``runs`` verdicts and the milliseconds of CPU that each took."""
    ledger, told = SqliteLedger(folder / "ledger.db", SystemClock()), None
    taken = []
    for judgement in islice(judgements(limits(), TAKEN), runs):
        kind, key, data = judgement.events[-1]
        inputs: Any = data["inputs"]
        started = time.thread_time()
        with ledger.transaction() as tx:
            told = _write(tx, (kind, key), {**data}, inputs, None if whole else told)
        taken.append((time.thread_time() - started) * 1000)
    rows = ledger.store.read(None, 0)
    ledger.close()
    return [len(row[4]) for row in rows], taken


def _write(
    tx: Any, about: tuple[str, str], data: dict[str, Any], inputs: Any, told: Told | None
) -> Told | None:
    """One verdict as ``Judgement.write`` writes it; what is told of its account from then on."""
    said = briefly(inputs["account"], told)
    event = tx.append(*about, {**data, "inputs": {**inputs, "account": said}})
    return heard(event.data["inputs"]["account"], told, event.hash)


def lines() -> Iterator[str]:
    """A line for each way, the whole one first."""
    for whole in (True, False):
        with tempfile.TemporaryDirectory() as name:
            sizes, taken = cost(Path(name), whole=whole)
        yield (
            f"{'whole account' if whole else 'what changed'}: {statistics.mean(sizes):,.0f} bytes "
            f"a verdict (median {statistics.median(sizes):,.0f}), {statistics.median(taken):.2f} ms"
            f" of CPU to journal it ({len(sizes)} verdicts)\n"
        )


def main() -> None:
    """Print them."""
    sys.stdout.writelines(lines())


if __name__ == "__main__":
    main()
