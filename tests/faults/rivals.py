"""A process that approves every order it finds and settles what others left: run by test_rivals.

Arguments: the state folder, the person's name. It says "ready", waits for a line, and starts.
"""

from __future__ import annotations

import contextlib
import sys
from pathlib import Path

from tests.faults.life import house, venue
from tools.domain.errors import Conflict


def approve_all(desk, name):
    """Approve whatever waits, in the order that it came, and settle what is left; how many won."""
    won = 0
    for record in desk.proposals.orders():
        with contextlib.suppress(Conflict):
            desk.approvals.approve(record.id, name)
            won += 1
        desk.recover()
    return won


def main() -> None:
    folder, name = Path(sys.argv[1]), sys.argv[2]
    place = house(folder)
    desk = place.desk(broker=venue(folder, place.clock, unique=False))
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    sys.stdout.write(f"{approve_all(desk, name)}\n")


if __name__ == "__main__":
    main()
