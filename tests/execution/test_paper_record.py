"""The paper venue's file: killed at any point, shared by processes, made by an older version."""

import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import textwrap
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from tests.doubles import CLOSE, END, FakeClock, FakeMarket, bar, day, order, week
from tools.domain.errors import StateError
from tools.domain.money import Price
from tools.domain.order import OrderState, OrderType, Side, TimeInForce
from tools.execution.brokers.paper import PaperVenue
from tools.execution.brokers.paper.book_schema import APPLICATION_ID, SCHEMA
from tools.execution.codec import canonical, to_plain

D = Decimal
ROOT = Path(__file__).resolve().parents[2]
GTC = TimeInForce.GTC
LATER = END + timedelta(days=1)

# Sends numbered orders for ever and says each one's id before it is sent.
SENDER = textwrap.dedent("""
    import sys
    from pathlib import Path
    from tests.doubles import END, FakeClock, order, week
    from tools.execution.brokers.paper import PaperVenue
    venue = PaperVenue(Path(sys.argv[1]), week(), FakeClock(END))
    for number in range(10_000):
        wish = order(f"{sys.argv[2]}{number}", quantity="3")
        print(wish.client_order_id, flush=True)
        venue.submit(wish)
""")


def sender(path, name):
    command = [sys.executable, "-c", SENDER, str(path), name]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT)


def consistent(path, keys):
    """What the file says of the orders adds up, and with the account."""
    venue = PaperVenue(path, week(), FakeClock(END))
    told = [one for one in map(venue.lookup, keys) if one is not None]
    fills = [fill for one in told for fill in one.fills]
    assert len({fill.execution_id for fill in fills}) == len(fills)
    paid = sum(f.quantity * f.price + f.commission for f in fills)
    account = venue.account()
    assert account.cash == 100_000 - paid
    assert account.positions.get("IBM", 0) == sum(f.quantity for f in fills)
    assert all((one.state is OrderState.FILLED) == (len(one.fills) > 0) for one in told)
    return len(told)


def test_a_process_killed_at_any_moment_leaves_a_file_that_adds_up(tmp_path):
    path, keys, chance = tmp_path / "venue.db", [], random.Random(7)
    for attempt in range(4):
        process = sender(path, f"k{attempt}-")
        count = chance.randrange(3, 15)
        keys += [process.stdout.readline().strip() for _ in range(count)]
        os.kill(process.pid, signal.SIGKILL)
        keys += process.stdout.read().split()
        process.stdout.close()
        process.wait()
        assert consistent(path, keys) >= len(keys) - attempt - 1


def test_two_processes_send_to_the_same_venue_and_an_id_is_taken_once(tmp_path):
    path = tmp_path / "venue.db"
    both = [sender(path, "same-"), sender(path, "same-")]
    keys = {line.strip() for p in both for line in [p.stdout.readline() for _ in range(15)]}
    for process in both:
        os.kill(process.pid, signal.SIGKILL)
        keys |= set(process.stdout.read().split())
        process.stdout.close()
        process.wait()
    assert consistent(path, keys) >= 14


def older(path):
    """A record as the first version made it: one filled order and one that rests."""
    filled, resting = order("filled"), order("rests", limit="180", tif=GTC)
    fill = {
        "execution_id": f"{filled.client_order_id}-1",
        "client_order_id": filled.client_order_id,
        "symbol": "IBM",
        "side": "buy",
        "quantity": "50",
        "price": "200.06",
        "commission": "1",
        "currency": "USD",
        "at": to_plain(END),
        "basis": "quote",
    }
    with sqlite3.connect(path) as file:
        file.executescript(SCHEMA)
        file.execute("PRAGMA journal_mode=WAL")
        for wish, state in ((filled, "filled"), (resting, "accepted")):
            body = canonical({**to_plain(wish), "sent_at": to_plain(END)})
            file.execute(
                "INSERT INTO orders VALUES (?, ?, NULL, ?, '', NULL)",
                (wish.client_order_id, body, state),
            )
        file.execute(
            "INSERT INTO executions VALUES (?, ?, 1, ?)",
            (fill["execution_id"], filled.client_order_id, json.dumps(fill)),
        )
        file.execute(f"PRAGMA application_id={APPLICATION_ID:d}")
    file.close()
    return filled, resting


def test_a_record_of_the_first_version_is_taken_over_whole(tmp_path):
    filled, resting = older(tmp_path / "venue.db")
    venue = PaperVenue(tmp_path / "venue.db", week(), FakeClock(END))
    told = venue.lookup(filled.client_order_id)
    assert (told.state, [f.quantity for f in told.fills]) == (OrderState.FILLED, [50])
    assert venue.lookup(resting.client_order_id).state is OrderState.ACCEPTED
    account = venue.account()
    assert (account.cash, account.positions) == (100_000 - D("10003") - 1, {"IBM": 50})
    assert [one.client_order_id for one in venue.open_orders()] == [resting.client_order_id]
    again = PaperVenue(tmp_path / "venue.db", week(), FakeClock(END))
    assert again.account() == account


def test_a_record_of_a_newer_version_is_left_alone_and_said_so(tmp_path):
    path = tmp_path / "venue.db"
    PaperVenue(path, week(), FakeClock(END))
    with sqlite3.connect(path) as file:
        file.execute("PRAGMA user_version = 99")
    file.close()
    with pytest.raises(StateError, match="version 99"):
        PaperVenue(path, week(), FakeClock(END))


def test_a_trailing_stops_best_price_survives_the_process(tmp_path):
    bars = [
        bar("IBM", f"2013-02-{25 + n}", low, high, opening, close)
        for n, (low, high, opening, close) in enumerate(
            [
                ("199", "201", "200", "200"),
                ("199", "220", "200", "219"),
                ("212", "219", "218", "213"),
            ]
        )
    ]
    monday = day("2013-02-25") + CLOSE
    market, clock = FakeMarket({"IBM": bars}, end=LATER), FakeClock(monday)
    stop = replace(
        order("t", side=Side.SELL, tif=GTC, as_of=monday),
        type=OrderType.TRAILING_STOP,
        trail_price=Price(D(5)),
    )
    PaperVenue(tmp_path / "venue.db", market, clock).submit(stop)
    clock.market = day("2013-02-26") + CLOSE
    assert PaperVenue(tmp_path / "venue.db", market, clock).advance() == 0
    clock.market = day("2013-02-27") + CLOSE
    (fill,) = PaperVenue(tmp_path / "venue.db", market, clock).lookup(stop.client_order_id).fills
    assert D("214.9") < fill.price < 215


def test_a_collar_that_a_split_made_smaller_is_kept(tmp_path):
    path = tmp_path / "venue.db"
    venue = PaperVenue(path, week(), FakeClock(END))
    told = venue.submit(order("w", limit="50", tif=GTC), D("110"))
    book = venue._book
    with book.writing():
        placed = book.find(told.client_order_id)
        book.update(replace(placed, collar=D("55")))
    again = PaperVenue(path, week(), FakeClock(END))._book.find(told.client_order_id)
    assert again.collar == D("55")
