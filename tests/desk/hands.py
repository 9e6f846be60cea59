"""A process whose threads all approve one order at once: run by evals/desk.py.

Arguments: the state folder, the order's id, how many threads. Prints what each thread got: won,
told (what was decided already) or turned-away (the ledger was busy: nothing was decided).
"""

from __future__ import annotations

import sys
import threading
from pathlib import Path

from evals.desk import open_house
from tools.domain.errors import Conflict, TradingError


def main() -> None:
    home, order_id, threads = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    desk = open_house(home).desk
    gate = threading.Barrier(threads + 1)
    said = []

    def one(n):
        gate.wait()
        try:
            desk.approvals.approve(order_id, f"person {n}")
        except Conflict:
            said.append("told")
        except TradingError:
            said.append("turned-away")
        else:
            said.append("won")

    workers = [threading.Thread(target=one, args=(n,)) for n in range(threads)]
    for worker in workers:
        worker.start()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    gate.wait()
    for worker in workers:
        worker.join()
    sys.stdout.write(" ".join(said))


if __name__ == "__main__":
    main()
