"""Reading the double's own ledger: rows of SQLite as the venue's word on an order."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

from tools.domain.actions import CashEvent, CashKind
from tools.domain.instrument import AssetClass
from tools.domain.order import Fill, Order, OrderState, OrderType, Side, TimeInForce
from tools.domain.venue import VenueOrder

D = Decimal
FEE = D(1)
OPEN = ("accepted", "partial", "pending_cancel")
LIVE = (*OPEN, "held")


def call(db, what, key):
    db.execute("INSERT INTO calls (what, id) VALUES (?, ?)", (what, key))


def row_of(db, number):
    return db.execute("SELECT * FROM orders WHERE n = ?", (number,)).fetchone()


def last(db, key):
    return db.execute(
        "SELECT * FROM orders WHERE id = ? ORDER BY n DESC LIMIT 1", (key,)
    ).fetchone()


def still_open(db):
    rows = db.execute("SELECT * FROM orders ORDER BY n").fetchall()
    return [row for row in rows if row["state"] in LIVE]


def end(db, number, state, reason):
    """End an order that lives; the exits of an entry that never filled end with it."""
    row = row_of(db, number)
    if row["state"] not in LIVE:
        return
    db.execute("UPDATE orders SET state = ?, reason = ? WHERE n = ?", (state, reason, number))
    for leg in exits(db, number):
        if leg["state"] in LIVE:
            end(db, leg["n"], "canceled", "its order ended")


def exits(db, number):
    return db.execute("SELECT * FROM orders WHERE parent = ?", (number,)).fetchall()


def activate(db, row):
    """What a fill does to its group: exits of an entry wake up, the other exit ends."""
    for leg in exits(db, row["n"]):
        if leg["state"] == "held":
            db.execute("UPDATE orders SET state = 'accepted' WHERE n = ?", (leg["n"],))
        else:
            end(db, leg["n"], "canceled", "the other exit filled")
    if row["parent"]:
        end(db, row["parent"], "canceled", "the other exit filled")
        for leg in exits(db, row["parent"]):
            if leg["n"] != row["n"]:
                end(db, leg["n"], "canceled", "the other exit filled")


def own(db, number):
    """What this order itself traded."""
    rows = db.execute("SELECT quantity FROM executions WHERE of = ? AND NOT busted", (number,))
    return sum((D(row["quantity"]) for row in rows), D(0))


def filled(db, row):
    """What counts towards its quantity: its own executions and those of the one it replaced."""
    before = row["replaces"]
    return own(db, row["n"]) + (filled(db, row_of(db, before)) if before else 0)


def told(db, row):
    """The venue's word on one order."""
    rows = db.execute(
        "SELECT * FROM executions WHERE of = ? AND NOT busted ORDER BY n", (row["n"],)
    )
    side = Side(row["side"])
    fills = tuple(
        Fill(
            x["execution"],
            row["id"],
            row["symbol"],
            side,
            D(x["quantity"]),
            D(x["price"]),
            FEE,
            "USD",
            datetime.fromisoformat(x["at"]),
            "double",
        )
        for x in rows
    )
    reason, state = row["reason"] or "", OrderState(row["state"])
    order = manual(row) if row["external"] else None
    parts = tuple(told(db, leg) for leg in exits(db, row["n"]))
    return VenueOrder(
        row["id"], state, fills, reason, legs=parts, order=order, venue_id=str(row["n"])
    )


def manual(row):
    """An order that was sent past the desk, as the venue tells it."""
    return Order(
        intent_id=row["id"],
        account="paper",
        strategy="",
        principal="venue",
        symbol=row["symbol"],
        asset_class=AssetClass.EQUITY,
        currency="USD",
        side=Side(row["side"]),
        quantity=D(row["quantity"]),
        type=OrderType.LIMIT,
        limit_price=D(row["price"]),
        time_in_force=TimeInForce.DAY,
        as_of=datetime(2013, 3, 1, 21, tzinfo=UTC),
    )


def dividend(row):
    """A line of the account's statement."""
    return CashEvent(
        id=f"entry-{row['n']}",
        symbol=row["symbol"],
        kind=CashKind.DIVIDEND,
        amount=D(row["cash"]),
        currency="USD",
        at=datetime.fromisoformat(row["at"]),
        basis="double",
    )
