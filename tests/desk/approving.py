"""A process that tries to approve one order: run by test_races.py; prints what came of it."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.desk.houses import House
from tools.domain.errors import Conflict


def main() -> None:
    desk = House(Path(sys.argv[1])).desk()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    try:
        sys.stdout.write(str(desk.approvals.approve(sys.argv[2], "proc").state))
    except Conflict:
        sys.stdout.write("conflict")


if __name__ == "__main__":
    main()
