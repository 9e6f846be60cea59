"""A venue that shares no code with the desk's own; its ledger is the oracle of what happened.

The ledger is a SQLite file of its own, so that it outlives a killed desk and every process can ask
it. Orders at market fill at once in as many executions as ``parts`` says, others rest until
``trade``. With ``unique_ids`` off a second submit of the same id makes a second live order, which
``doubled`` tells.
"""

from __future__ import annotations

from decimal import Decimal

from tests.faults.oracle import Oracle
from tests.faults.venue_rows import (
    OPEN,
    activate,
    call,
    dividend,
    end,
    filled,
    last,
    own,
    row_of,
    still_open,
    told,
)
from tools.domain.errors import BrokerRejected, NotFound
from tools.domain.instrument import AssetClass
from tools.domain.legs import legs
from tools.domain.order import OrderGroup, OrderType, Side, TimeInForce
from tools.domain.venue import Accepts, VenueAccount

D = Decimal
PRICES = {"IBM": D(200), "MSFT": D(30)}
EVERYTHING = Accepts(
    AssetClass.EQUITY, frozenset(OrderType), frozenset(TimeInForce), frozenset(OrderGroup)
)


class Venue(Oracle):
    """A whole broker over the file at ``path``; ``clock`` stamps the executions."""

    name, accepts = "double", (EVERYTHING,)
    real_money, simulated_fills = False, True

    def __init__(self, path, clock, *, unique_ids=True, parts=2):
        super().__init__(path)
        self.clock, self.unique_ids, self.parts = clock, unique_ids, parts
        self.heard = []
        with self.ledger() as db:
            db.execute("SELECT 1")

    # ------------------------------------------------------------------------------ the broker

    def submit(self, order, worst_price=None, *, at=None):
        with self.ledger() as db:
            call(db, "submit", order.client_order_id)
            known = last(db, order.client_order_id)
            if known is None or not self.unique_ids:
                self._take(db, order, None)
            return told(db, last(db, order.client_order_id))

    def replace(self, order, worst_price=None, *, at=None):
        with self.ledger() as db:
            call(db, "replace", order.client_order_id)
            known = last(db, order.client_order_id)
            if known is None or not self.unique_ids:
                old = last(db, order.replaces)
                if old is None or old["state"] not in OPEN:
                    raise BrokerRejected(f"{order.replaces} can't be replaced: it is not open")
                if D(order.quantity) <= filled(db, old):
                    raise BrokerRejected(f"{order.replaces} has filled more than that")
                db.execute("UPDATE orders SET state = 'replaced' WHERE n = ?", (old["n"],))
                self._take(db, order, old["n"])
            return told(db, last(db, order.client_order_id))

    def lookup(self, client_order_id):
        with self.ledger() as db:
            row = last(db, client_order_id)
            return None if row is None else told(db, row)

    def cancel(self, client_order_id):
        with self.ledger() as db:
            call(db, "cancel", client_order_id)
            row = last(db, client_order_id)
            if row is None:
                raise NotFound(f"no order {client_order_id}")
            end(db, row["n"], "canceled", "canceled as asked")
            return told(db, last(db, client_order_id))

    def cancel_all(self):
        with self.ledger() as db:
            call(db, "cancel_all", "")
            for row in still_open(db):
                end(db, row["n"], "canceled", "all were canceled")

    def open_orders(self):
        with self.ledger() as db:
            return tuple(told(db, row) for row in still_open(db))

    def account(self):
        cash, positions = self.holdings()
        return VenueAccount(self.clock.now(), "USD", cash, positions, cash)

    def entries(self, after=""):
        with self.ledger() as db:
            rows = db.execute("SELECT * FROM moved WHERE dividend ORDER BY n").fetchall()
        every = [dividend(row) for row in rows]
        ids = [entry.id for entry in every]
        return tuple(every[ids.index(after) + 1 :] if after in ids else every)

    def listen(self, heard):
        self.heard.append(heard)
        return Stream(self, heard)

    # --------------------------------------------------------------------------- what happens

    def trade(self, client_order_id, quantity=None, price=None):
        """Fill an open order, whole by default; more than its quantity is an overfill."""
        with self.ledger() as db:
            row = last(db, client_order_id)
            if row is None or (quantity is None and row["state"] not in OPEN):
                return
            left = D(row["quantity"]) - filled(db, row)
            self._execute(db, row["n"], left if quantity is None else D(quantity), price)

    def finish(self, client_order_id, state="expired"):
        """End an open order without being asked."""
        with self.ledger() as db:
            row = last(db, client_order_id)
            if row is not None:
                end(db, row["n"], state, "unasked")

    def bust(self, client_order_id):
        """Take the last execution back; a filled order can trade again then."""
        with self.ledger() as db:
            row = last(db, client_order_id)
            if row is None:
                return
            db.execute(
                "UPDATE executions SET busted = 1 WHERE n = "
                "(SELECT max(n) FROM executions WHERE of = ? AND NOT busted)",
                (row["n"],),
            )
            if row["state"] in ("filled", "partial"):
                left = own(db, row["n"])
                whole = left >= D(row["quantity"])  # what was taken back had been too much
                state = "filled" if whole else "partial" if left else "accepted"
                db.execute("UPDATE orders SET state = ? WHERE n = ?", (state, row["n"]))

    def external(self, symbol, side, quantity, *, filled):
        """An order that somebody sends past the desk; at its price it fills at once."""
        with self.ledger() as db:
            count = db.execute("SELECT count(*) FROM orders WHERE external").fetchone()[0]
            price = PRICES[symbol]
            cursor = db.execute(
                "INSERT INTO orders (id, symbol, side, quantity, price, state, external)"
                " VALUES (?, ?, ?, ?, ?, 'accepted', 1)",
                (f"manual-{count + 1}", symbol, str(side), str(quantity), str(price)),
            )
            if filled:
                self._execute(db, cursor.lastrowid, D(quantity), price)

    def adjust(self, symbol, quantity, cash="0"):
        """Shares or money that come or go without an order: a transfer, a dividend."""
        with self.ledger() as db:
            self._move(db, symbol, quantity, cash, dividend=False)

    def pay(self, symbol, cash):
        """A dividend, which the account's statement tells."""
        with self.ledger() as db:
            self._move(db, symbol, 0, cash, dividend=True)

    def _move(self, db, symbol, quantity, cash, *, dividend):
        db.execute(
            "INSERT INTO moved (symbol, quantity, cash, dividend, at) VALUES (?, ?, ?, ?, ?)",
            (symbol, str(quantity), str(cash), dividend, self.clock.now().isoformat()),
        )

    def _take(self, db, order, old):
        number = self._enter(db, order, "accepted", replaces=old)
        oco = order.group is OrderGroup.OCO
        for leg in legs(order):
            self._enter(db, leg, "accepted" if oco else "held", parent=number)
        price, market = order.limit_price, PRICES[order.symbol]
        at_once = order.type is OrderType.MARKET or (
            order.type is OrderType.LIMIT
            and (price >= market if order.side is Side.BUY else price <= market)
        )
        if at_once:
            left = D(order.quantity) - filled(db, row_of(db, number))
            share = (left / self.parts).to_integral_value() if self.parts > 1 else D(0)
            for part in [share] * (self.parts - 1) if share else []:
                self._execute(db, number, part, market)
            self._execute(db, number, left - share * (self.parts - 1), market)

    def _enter(self, db, order, state, *, replaces=None, parent=None):
        price = order.limit_price or order.stop_price
        return db.execute(
            "INSERT INTO orders (id, symbol, side, quantity, price, state, replaces, parent)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                order.client_order_id,
                order.symbol,
                str(order.side),
                str(order.quantity),
                None if price is None else str(price),
                state,
                replaces,
                parent,
            ),
        ).lastrowid

    def _execute(self, db, number, quantity, price):
        row = row_of(db, number)
        count = db.execute("SELECT count(*) FROM executions").fetchone()[0] + 1
        if price is None:
            price = row["price"] or PRICES[row["symbol"]]
        db.execute(
            "INSERT INTO executions (execution, of, quantity, price, at) VALUES (?, ?, ?, ?, ?)",
            (f"x{count}", number, str(quantity), str(price), self.clock.now().isoformat()),
        )
        done = filled(db, row) >= D(row["quantity"])
        if row["state"] in OPEN:
            state = "filled" if done else row["state"].replace("accepted", "partial")
            db.execute("UPDATE orders SET state = ? WHERE n = ?", (state, number))
            if done:
                activate(db, row)


class Stream:
    """An open line; dropping it makes ``connected`` False."""

    def __init__(self, venue, heard):
        self.venue, self.heard, self.up = venue, heard, True

    def connected(self):
        return self.up

    def close(self):
        self.up = False
        if self.heard in self.venue.heard:
            self.venue.heard.remove(self.heard)
