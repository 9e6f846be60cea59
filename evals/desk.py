"""The desk under many hands and with much behind it: one send of a thousand yeses, and how fast.

``python -m evals.desk`` runs both over the sample feed in folders of their own, from the repository
only: the hands are in ``tests/desk``.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from tools.assembly import House, assemble
from tools.domain.instrument import AssetClass
from tools.domain.money import Price, Quantity
from tools.domain.order import Order, OrderType, Side, TimeInForce
from tools.settings import FeedChoice, Settings, environment_for

PROCESSES, THREADS = 8, 125


@dataclass(frozen=True, slots=True)
class Race:
    """What came of many approvals of one order: who won, who was told so, and the sends."""

    hands: int
    won: int
    told: int
    turned_away: int
    sends: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds from a wish to its durable verdict, with so many orders in the ledger."""

    orders: int
    median_s: float
    worst_s: float


def open_house(home: Path) -> House:
    """A desk over ``home`` with the sample feed."""
    return assemble(Settings(home=home, feed=FeedChoice.SAMPLE))


def wish(house: House, name: str, quantity: int = 5, limit: str | None = None) -> Order:
    """An order of IBM at the market clock's moment."""
    return Order(
        intent_id=name,
        account=house.desk.account,
        strategy="",
        principal="agent:eval",
        symbol="IBM",
        asset_class=AssetClass.EQUITY,
        currency="USD",
        side=Side.BUY,
        quantity=Quantity(Decimal(quantity)),
        type=OrderType.MARKET if limit is None else OrderType.LIMIT,
        limit_price=None if limit is None else Price(Decimal(limit)),
        time_in_force=TimeInForce.DAY if limit is None else TimeInForce.GTC,
        as_of=house.clock.now(),
    )


def race(home: Path, processes: int = PROCESSES, threads: int = THREADS) -> Race:
    """Approve one order from many threads of many processes that begin at once."""
    house = open_house(home)
    record = house.desk.proposals.propose(wish(house, "race"))
    command = [sys.executable, "-m", "tests.desk.hands", str(home), record.id, str(threads)]
    env = environment_for(home)
    hands = [
        subprocess.Popen(  # noqa: S603 (our own program, our own arguments)
            command, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for _ in range(processes)
    ]
    for hand in hands:
        if hand.stdout is not None:
            hand.stdout.readline()
    started = time.perf_counter()
    for hand in hands:
        if hand.stdin is not None:
            hand.stdin.write("go\n")
            hand.stdin.flush()
    ends: Counter[str] = Counter()
    for hand in hands:
        ends.update(hand.communicate()[0].split())
    taken = time.perf_counter() - started
    kinds = Counter(event.kind for event in house.ledger.events())
    return Race(
        processes * threads,
        ends["won"],
        ends["told"],
        ends["turned-away"],
        kinds["send_intent"],
        round(taken, 2),
    )


def pace(home: Path, orders: int = 1000, measured: int = 50) -> Pace:
    """Propose ``orders``, then time how long the next ones take to a durable verdict."""
    house = open_house(home)
    desk = house.desk
    for n in range(orders):
        desk.proposals.propose(wish(house, f"before-{n}", quantity=1 + n % 40, limit="150"))
    taken = []
    for n in range(measured):
        order = wish(house, f"timed-{n}", quantity=1, limit=f"150.{n:02d}")
        started = time.perf_counter()
        desk.proposals.propose(order)
        taken.append(time.perf_counter() - started)
    taken.sort()
    return Pace(orders, taken[len(taken) // 2], taken[-1])


def main() -> None:
    """Both measures, each in a folder of its own."""
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as other:
        sys.stdout.write(f"{race(Path(one))}\n{pace(Path(other))}\n")


if __name__ == "__main__":
    main()
