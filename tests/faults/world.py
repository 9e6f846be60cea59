"""One schedule played: a real desk on a real ledger, the oracle's venue, and the line between."""

from __future__ import annotations

import contextlib
import shutil
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

from tests.doubles import order
from tests.faults.crash import folder_for_runs
from tests.faults.invariants import chain, settled, standing
from tests.faults.life import house
from tests.faults.line import AdapterDefect, Line
from tests.faults.schedule import schedule, shortest
from tests.faults.venue import Venue
from tools.domain.errors import StateError, TradingError
from tools.domain.order import TERMINAL, OrderState, Side, TimeInForce

D, S = Decimal, OrderState
MOST = D(300)
LOOKS = 6


@dataclass
class Outcome:
    """What a schedule came to: what was wrong, and the hash that all of its journal is under."""

    wrong: list[str]
    head: str
    faults: list[tuple[str, str]]


class World:
    """Everything of one schedule, in a folder of its own."""

    def __init__(self, folder, unique):
        folder.mkdir()
        self.folder = folder
        self.house = house(folder)
        self.house.limits = replace(self.house.limits, max_long=MOST)
        self.clock = self.house.clock
        self.oracle = Venue(folder / "oracle.db", self.clock, unique_ids=unique)
        self.line = Line(self.oracle, self.clock)
        self.line.rival = self.rival
        self.disturbed = self.overfilled = False
        self.states, self.busted = {}, set()
        self.lost, self.latest = set(), self.clock.real
        self.ledger = self.desk = None
        self.restart()

    # ------------------------------------------------------------------------------- the steps

    def play(self, what, arguments, faults):
        for name, kind in faults:
            self.line.arm(name, kind)
        try:
            getattr(self, what)(*arguments)
        except StateError as error:  # nothing here harms the journal, so the desk did
            return [f"the journal can't be used: {error}"]
        except (TradingError, AdapterDefect):
            pass
        return []

    def order(self, name, symbol, side, quantity, limit):
        wish = order(name, symbol, Side(side), quantity, limit, TimeInForce.GTC)
        self.approve(wish)

    def change(self, name, k, quantity, limit):
        mine = [r for r in self.records() if r.state in (S.ACCEPTED, S.PARTIAL)]
        if mine:
            old = mine[k % len(mine)].order
            wish = order(name, old.symbol, old.side, quantity, limit, TimeInForce.GTC)
            self.approve(replace(wish, replaces=old.client_order_id))

    def approve(self, wish):
        record = self.desk.proposals.propose(wish)
        if record.state is S.AWAITING_APPROVAL:
            self.desk.approvals.approve(record.id, "ana")

    def cancel(self, k):
        mine = [r for r in self.records() if r.state not in TERMINAL]
        if mine:
            self.desk.proposals.cancel(mine[k % len(mine)].order.client_order_id, "bo")

    def recover(self):
        self.desk.recover()

    def refresh(self):
        self.desk.refresh()

    def reconcile(self):
        self.desk.reconcile()

    def look(self):
        for act in (self.recover, self.refresh, self.reconcile):
            with contextlib.suppress(TradingError, AdapterDefect):
                act()

    def wait(self, seconds):
        self.clock.real += timedelta(seconds=seconds)
        self.clock.market += timedelta(seconds=seconds)
        self.line.arrive()

    def jump(self, seconds):
        self.latest = max(self.latest, self.clock.real)
        self.clock.real += timedelta(seconds=seconds)

    def trade(self, k, quantity):
        key = self._pick(k, ("accepted", "partial"))
        if key:
            row = self.oracle.left(key)
            self.oracle.trade(key, None if quantity is None else min(D(quantity), row))

    def overfill(self, k, more, told):
        key = self._pick(k, ("accepted", "partial", "filled"))
        if key:
            self.oracle.trade(key, self.oracle.left(key) + more)
            self.overfilled = self.disturbed = True
            self._told(key, told)
            if told:
                self.line.alarms.append("an overfill")

    def bust(self, k, told):
        key = self._pick(k, ("filled", "partial"))
        if key:
            self.oracle.bust(key)
            self.disturbed = True
            self.busted.add(key)
            self._told(key, told)

    def _told(self, key, told):
        """The venue's news of an order, or an event that was lost on the way."""
        if told:
            self.line.disarm()
            self.desk.hear(key)
        else:
            self.lost.add(key)

    def expire(self, k):
        key = self._pick(k, ("accepted", "partial"))
        if key:
            self.oracle.finish(key)

    def external(self, symbol, side, quantity, filled):
        self.oracle.external(symbol, side, quantity, filled=filled)
        self.disturbed = True

    def adjust(self, symbol, quantity):
        self.oracle.adjust(symbol, quantity)
        self.disturbed = True

    def pay(self, symbol, cash):
        self.oracle.pay(symbol, cash)

    def restart(self):
        if self.ledger is not None:
            self.ledger.close()
        self.ledger = self.house.ledger()
        self.desk = self.house.desk(broker=self.line, ledger=self.ledger)
        self.stream = self.oracle.listen(lambda key: None)
        self.desk.watch.hears = self.stream.connected

    def rival(self):
        """Another desk of another process looks while this one is at the venue."""
        ledger = self.house.ledger()
        self.house.desk(broker=self.oracle, ledger=ledger).recover()
        ledger.close()
        self.line.answered |= {row["id"] for row in self.oracle.sent()}

    def halt(self):
        self.line.armed["cancel"].clear()  # many are asked for at once: which would it hit?
        self.desk.approvals.halt("ana", "a storm")

    def resume(self):
        self.desk.approvals.resume("ana")

    def hint(self, k):
        records = self.records()
        if records:
            self.desk.hear(records[k % len(records)].order.client_order_id)

    def drop(self):
        self.stream.up = False

    # -------------------------------------------------------------------------------- the rest

    def records(self):
        return list(self.desk.journal.read().orders.values())

    def end(self):
        """Nothing goes wrong any more and a person lets trading go on: all must come right."""
        self.line.disarm()
        self.stream.up = True
        self.clock.real = max(self.latest, self.clock.real)
        for _ in range(LOOKS):
            self._quiet()
        for _ in range(3):
            with contextlib.suppress(TradingError):
                self.resume()
            self._quiet()

    def _quiet(self):
        self.wait(40)
        self.look()

    def _pick(self, k, states):
        rows = [r for r in self.oracle.sent() if r["state"] in states and not r["external"]]
        return rows[k % len(rows)]["id"] if rows else ""


def play(steps, unique):
    """Play a schedule to its end and tell what was wrong; stops at the first step that was."""
    folder = folder_for_runs()
    try:
        # The journal's sentences name files: from inside the folder they are the same each time.
        with contextlib.chdir(folder):
            return _played(steps, World(Path("desk"), unique))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _played(steps, world):
    wrong = []
    for n, (what, arguments, faults) in enumerate(steps):
        world.line.alarms.clear()
        wrong = world.play(what, arguments, faults) + standing(world, what)
        wrong = [f"step {n} ({what}): {said}" for said in wrong]
        if wrong:
            break
    else:
        world.end()
        wrong = settled(world.desk, world.oracle, world=world) + chain(world.folder)
    events = world.ledger.events()
    world.ledger.close()
    return Outcome(wrong, events[-1].hash if events else "", world.line.happened)


def played(seed):
    """The outcome of a seed."""
    return play(*schedule(seed))


def explained(seed):
    """A failing seed's shortest schedule and what goes wrong in it."""
    steps, unique = schedule(seed)
    steps = shortest(steps, lambda shorter: bool(play(shorter, unique).wrong))
    return steps, unique, play(steps, unique).wrong
