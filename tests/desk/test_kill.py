"""A process killed at any step loses no order and doubles none."""

import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from tests.desk.houses import House
from tests.desk.killed import CarelessVenue
from tests.doubles import order
from tools.domain.order import OrderState
from tools.execution.audit import verify

ROOT = Path(__file__).resolve().parents[2]
STEPS = [
    "inside approved",
    "before commit of approved",
    "after commit of approved",
    "inside verdict",
    "inside send_intent",
    "before commit of send_intent",
    "after commit of send_intent",
    "before submit",
    "inside the venue",
    "after submit",
    "inside fill",
    "before commit of fill",
    "before commit of venue",
    "after commit of venue",
]
NOT_DECIDED = STEPS[:2]


def run(folder, order_id, step, venue="paper"):
    done = subprocess.run(
        [sys.executable, "-m", "tests.desk.killed", str(folder), order_id, step, venue],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return done.returncode, done.stderr


def venue_orders(folder):
    connection = sqlite3.connect(folder / "venue.db")
    return connection.execute("SELECT count(*) FROM orders").fetchone()[0]


def settled_once(house):
    """What every recovery must come to: one order at the venue, and the ledger says the same."""
    desk = house.desk()
    desk.recover()
    (record,) = desk.proposals.orders()
    assert record.state is OrderState.FILLED, record.history
    told = house.venue().lookup(record.order.client_order_id)
    assert told.state is record.state
    assert told.fills == record.fills
    assert record.filled == desk.proposals.snapshot().held("IBM") == 50
    assert venue_orders(house.folder) == 1
    assert verify(house.folder / "ledger.db").ok
    assert desk.recover() == ()


@pytest.mark.parametrize("step", STEPS)
def test_killed_while_approving_and_sending(tmp_path, step):
    house = House(tmp_path)
    record = house.desk().proposals.propose(order())
    code, said = run(tmp_path, record.id, step)
    assert code == -signal.SIGKILL, said
    if step in NOT_DECIDED:
        desk = house.desk()
        assert desk.proposals.get(record.id).state is OrderState.AWAITING_APPROVAL
        assert venue_orders(tmp_path) == 0
        desk.approvals.approve(record.id, "ana")
    settled_once(house)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("after submit", "after lookup"),
        ("before submit", "after submit"),
        ("after commit of send_intent", "before submit"),
        ("after submit", "inside fill"),
    ],
)
def test_killed_again_while_recovering(tmp_path, first, second):
    house = House(tmp_path)
    record = house.desk().proposals.propose(order())
    for step in (first, second):
        assert run(tmp_path, record.id, step)[0] == -signal.SIGKILL
    settled_once(house)


@pytest.mark.parametrize(
    ("step", "arrived"),
    [
        ("after commit of approved", None),
        ("before commit of send_intent", None),
        ("after commit of send_intent", False),
        ("before submit", False),
        ("after submit", True),
        ("before commit of venue", True),
        ("after commit of venue", True),
    ],
)
def test_killed_at_a_venue_that_would_take_the_same_order_twice(tmp_path, step, arrived):
    """``arrived`` is None when the journal proves that nothing was sent yet, so it still is."""
    house = House(tmp_path)
    venue = CarelessVenue(tmp_path)
    record = house.desk(broker=venue).proposals.propose(order())
    assert run(tmp_path, record.id, step, "careless")[0] == -signal.SIGKILL
    for _ in range(3):
        desk = house.desk(broker=venue)
        desk.recover()
        state = desk.proposals.get(record.id).state
        assert state is (OrderState.UNKNOWN if arrived is False else OrderState.ACCEPTED)
        assert len(venue.taken()) == (0 if arrived is False else 1)
        assert desk.proposals.snapshot().reserved > 0
