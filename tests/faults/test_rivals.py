"""Eight threads and three processes at one ledger and at a venue that would take an order twice."""

import subprocess
import sys
import threading
from pathlib import Path

from tests.doubles import order
from tests.faults.invariants import chain, settled
from tests.faults.life import house, venue
from tests.faults.rivals import approve_all

ROOT = Path(__file__).absolute().parents[2]
ORDERS = 12


def test_each_order_is_sent_exactly_once(tmp_path):
    place = house(tmp_path)
    oracle = venue(tmp_path, place.clock, unique=False)
    desk = place.desk(broker=oracle)
    keys = [
        desk.proposals.propose(order(f"w{n}", quantity=str(n + 2))).order.client_order_id
        for n in range(ORDERS)
    ]
    processes = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.faults.rivals", str(tmp_path), f"process {n}"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for n in range(3)
    ]
    for process in processes:
        assert process.stdout.readline() == "ready\n"
    won = [0] * 8
    gate = threading.Barrier(8)

    def rival(n):
        mine = place.desk(broker=venue(tmp_path, place.clock, unique=False))
        gate.wait()
        won[n] = approve_all(mine, f"thread {n}")

    threads = [threading.Thread(target=rival, args=(n,)) for n in range(8)]
    for process in processes:
        process.stdin.write("go\n")
        process.stdin.flush()
    for thread in threads:
        thread.start()
    said = [int(process.communicate(timeout=120)[0]) for process in processes]
    for thread in threads:
        thread.join()
    desk.recover()
    assert sum(won) + sum(said) == ORDERS
    assert sorted(oracle.called("submit")) == sorted(keys)
    assert settled(desk, oracle) + chain(tmp_path) == []
