"""A process that goes on sending orders until it is refused: run by test_halting.py.

Arguments: the state folder. Writes "ready" when its first order is sent, then goes on.
"""

import sys
from pathlib import Path

from tests.desk.houses import House
from tests.doubles import order
from tests.faults.life import WIDE
from tests.faults.venue import Venue
from tools.domain.errors import Conflict
from tools.domain.order import OrderState, TimeInForce


def say(word):
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()


def main():
    house = House(Path(sys.argv[1]), limits=WIDE)
    desk = house.desk(broker=Venue(house.folder / "double.db", house.clock))
    for n in range(10_000):
        wish = order(f"drill{n}", quantity="1", limit="190", tif=TimeInForce.GTC)
        record = desk.proposals.propose(wish)
        if record.state is OrderState.AWAITING_APPROVAL:
            try:
                record = desk.approvals.approve(record.id, "bo")
            except Conflict:
                say("waits")
                return
        if record.state is not OrderState.ACCEPTED:
            say(record.state)
            return
        if n == 0:
            say("ready")


if __name__ == "__main__":
    main()
