"""What must hold of a desk whatever happened, by the venue's own ledger and not the desk's."""

from __future__ import annotations

import json
from decimal import Decimal

from tools.domain.errors import TradingError
from tools.domain.order import TERMINAL, OrderState
from tools.execution.audit import verify
from tools.risk.mode import Mode

D, S = Decimal, OrderState
MOST = D(300)
OPEN = ("accepted", "partial", "pending_cancel")
NEVER_SENT = TERMINAL - {S.FILLED, S.FILLED_LATE, S.REPLACED, S.EXPIRED}
# At a venue that may take an id twice a lost order stays open until a person has looked.
LOST = frozenset({S.UNKNOWN, S.NEEDS_HUMAN, S.SEND_INTENT})


def standing(world, step):
    """What must hold after every single step, whatever is still under way."""
    desk, oracle = world.desk, world.oracle
    try:
        mode = desk.approvals.mode()  # which may compare with the venue first
        records = desk.journal.read().orders
    except TradingError as error:
        return [f"the journal can't be read: {error}"]
    wrong = [f"{key} was doubled" for key in oracle.doubled()]
    late = bool(world.line.late)
    for row in oracle.sent():
        record = records.get(row["id"])
        # One answer without an execution is no proof of a bust: the next look confirms it.
        if row["external"] or record is None or row["id"] in world.lost | world.busted:
            continue
        if record.state in TERMINAL and row["state"] in OPEN and not late:
            wrong.append(f"{row['id']} is {record.state}, at the venue still {row['state']}")
    mine = [record for record in records.values() if record.order.principal != "venue"]
    known = {(f.execution_id, f.client_order_id): f for r in mine for f in r.fills}
    truth = oracle.executions()
    wrong += [f"the fill {name} was made up" for name in known.keys() - truth.keys()]
    if world.line.alarms and mode is not Mode.HALTED and step != "resume":
        wrong.append(f"the venue told {world.line.alarms} and trading goes on")
    for key, record in records.items():
        before = world.states.get(key)
        if before in LOST and record.state in TERMINAL and key not in world.line.answered:
            wrong.append(f"{key} was {before} and is {record.state} without a word of the venue")
    world.states = {key: record.state for key, record in records.items()}
    world.line.answered.clear()
    if not world.disturbed:
        wrong += _exposure(oracle)
    return wrong


def _exposure(oracle):
    """The limits, by what the venue has of this desk: no more than MOST long, and never short."""
    longest, shortest = {}, {}
    for row in oracle.sent():
        rest = D(row["left"]) if row["state"] in OPEN else D(0)
        buys = row["side"] == "buy"
        symbol, signed = row["symbol"], row["filled"] if buys else -row["filled"]
        longest[symbol] = longest.get(symbol, D(0)) + signed + (rest if buys else 0)
        shortest[symbol] = shortest.get(symbol, D(0)) + signed - (0 if buys else rest)
    yield from (f"{held} {s} long at worst" for s, held in longest.items() if held > MOST)
    yield from (f"{held} {s} at worst" for s, held in shortest.items() if held < 0)


def settled(desk, oracle, told=(), world=None):
    """Every way in which journal and venue differ, one sentence each; empty when all is well."""
    wrong = [f"{key} was doubled" for key in oracle.doubled()]
    if world is None or not world.overfilled:
        wrong += [f"{key} was filled beyond its quantity" for key in oracle.overfilled()]
    records = desk.journal.read().orders
    sent = {row["id"]: row for row in oracle.sent()}
    wrong += [
        f"{key} was sent past the desk, and the desk has not seen it"
        for key, row in sent.items()
        if row["external"] and row["state"] in OPEN and key not in records
    ]
    sent = {key: row for key, row in sent.items() if not row["external"]}
    wrong += [f"the venue has {key} and the journal has not" for key in sent.keys() - records]
    for key, record in records.items():
        if record.order.principal == "venue":
            continue
        wrong += _one(oracle, record, sent.get(key), set() if world is None else world.lost)
    wrong += _holdings(desk, oracle)
    if world is not None and desk.approvals.mode() is not Mode.ACTIVE:
        wrong.append(f"trading can't be resumed: {desk.approvals.mode().name}")
    for key, state in told:
        if key not in records:
            wrong.append(f"{key} was told as {state} and is not in the journal")
        elif state != "awaiting_approval" and records[key].state is S.AWAITING_APPROVAL:
            wrong.append(f"{key} was told as {state} and waits again")
        elif state in TERMINAL and records[key].state not in {state, S.FILLED_LATE}:
            wrong.append(f"{key} was told as {state} and is {records[key].state}")
    return wrong


def _one(oracle, record, row, lost):
    key = record.order.client_order_id
    if row is None:
        waits = record.state is S.AWAITING_APPROVAL and not record.approver
        open_end = record.state in LOST and not oracle.unique_ids
        if not (waits or open_end or record.state in NEVER_SENT):
            yield f"{key} is {record.state} and the venue has never seen it"
        if record.fills:
            yield f"{key} has fills and the venue has never seen it"
        if record.state in TERMINAL and not record.sentence:
            yield f"{key} is {record.state} and nothing says why"
        return
    late = record.state is S.FILLED_LATE and row["filled"] > 0
    if str(record.state) != row["state"] and not late:
        yield f"{key} is {record.state}, at the venue {row['state']}"
    mine = {fill.execution_id: (fill.quantity, fill.price) for fill in record.fills}
    truth = oracle.lookup(key).fills
    if (
        mine != {fill.execution_id: (fill.quantity, fill.price) for fill in truth}
        and key not in lost
    ):
        yield f"{key} filled {record.filled}, at the venue {row['filled']}"


def _holdings(desk, oracle):
    cash, positions = oracle.holdings()
    seen = desk.proposals.snapshot()
    mine = {p.symbol: p.quantity for p in seen.positions if p.quantity}
    if mine != positions:
        yield f"the desk holds {_shown(mine)}, at the venue {_shown(positions)}"
    if seen.cash != cash:
        yield f"the desk has {seen.cash}, at the venue {cash}"


def chain(folder):
    """What the verifier of the journal finds."""
    report = verify(folder / "ledger.db")
    return [] if report.ok else [f"the journal: {problem.sentence}" for problem in report.problems]


def told_in(folder):
    """What the person was told, oldest first."""
    file = folder / "told.jsonl"
    lines = file.read_text().splitlines() if file.exists() else []
    return [(key, OrderState(state)) for key, state in map(json.loads, lines)]


def _shown(positions: dict[str, Decimal]):
    return ", ".join(f"{held} {symbol}" for symbol, held in sorted(positions.items())) or "nothing"
