"""A process that holds the sender's lease: run by test_ledger_lease.py.

Arguments: the ledger's file, the seconds that the lease lasts. It takes the lease and says its
token; for each line it then reads it writes an event under the token and says how that went.
"""

from __future__ import annotations

import sys
from pathlib import Path

from tools.clock import SystemClock
from tools.domain.errors import Conflict
from tools.execution.ledger import SqliteLedger


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def main() -> None:
    ledger = SqliteLedger(Path(sys.argv[1]), SystemClock())
    token = ledger.lease("another process", float(sys.argv[2])).acquire(wait_s=60)
    say(str(token))
    for line in sys.stdin:
        try:
            with ledger.transaction(token) as tx:
                tx.append(line.strip(), "o", {})
            say("written")
        except Conflict as error:
            say(f"Conflict: {error}")


if __name__ == "__main__":
    main()
