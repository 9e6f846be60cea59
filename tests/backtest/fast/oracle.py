"""The same backtest, slowly: a list of orders, a loop, and the rules as the documents tell them."""

from __future__ import annotations

import math
from dataclasses import dataclass, field


@dataclass
class Order:
    symbol: int
    kind: str  # market, limit, stop, stop-limit, later
    quantity: float
    limit: float
    stop: float
    closing: bool
    bars: int = 0
    gone: bool = False
    until: float = math.inf

    @property
    def buys(self):
        return self.quantity > 0


@dataclass
class Desk:
    """``asked[bar]`` lists what is decided at that bar's close: Orders, or a symbol to cancel."""

    bars: object
    costs: object
    cash: float
    asked: list
    fills: list = field(default_factory=list)  # bar, symbol, quantity, price, commission
    refused: list = field(default_factory=list)
    fees: list = field(default_factory=list)  # borrowing: bar, symbol, amount
    equity: list = field(default_factory=list)
    positions: list = field(default_factory=list)
    forced: int = 0

    def play(self):
        count, symbols = self.bars.close.shape
        self.book = []
        self.held, self.last = [0.0] * symbols, [None] * symbols
        for bar in range(count):
            for symbol in range(symbols):
                self.trade(bar, symbol)
            self.book = [order for order in self.book if order.until > bar]
            for symbol in range(symbols):
                if not math.isnan(sum(self.prices(bar, symbol))):
                    self.last[symbol] = float(self.bars.close[bar, symbol])
                if self.held[symbol] < 0:
                    worth = -self.held[symbol] * self.last[symbol]
                    fee = worth * self.costs.borrow / self.costs.periods
                    self.cash -= fee
                    self.fees.append((bar, symbol, fee))
            self.equity.append(self.cash + sum(self.worth(s) for s in range(symbols)))
            self.positions.append(list(self.held))
            for wish in self.asked[bar]:
                if isinstance(wish, int):
                    self.book = [order for order in self.book if order.symbol != wish]
                else:
                    wish.until = bar + wish.bars if wish.bars else math.inf
                    self.book.append(wish)
            gross = sum(abs(self.worth(s)) for s in range(symbols))
            if gross and self.equity[-1] < self.costs.maintenance * gross:
                self.forced += 1
                ends = [(s, -held) for s, held in enumerate(self.held) if held]
                self.book = [Order(s, "market", q, 0.0, 0.0, closing=True) for s, q in ends]
        return self

    def prices(self, bar, symbol):
        names = ("open", "high", "low", "close", "volume")
        return [float(getattr(self.bars, name)[bar, symbol]) for name in names]

    def worth(self, symbol):
        return self.held[symbol] * self.last[symbol] if self.held[symbol] else 0.0

    def trade(self, bar, symbol):
        opened, high, low, _, volume = everything = self.prices(bar, symbol)
        c = self.costs
        if math.isnan(sum(everything)) or (not volume and (c.slip_volume or c.volume_share)):
            return
        mine = [order for order in self.book if order.symbol == symbol]
        self.now = (bar, symbol, volume)
        self.offered = volume * c.volume_share if c.volume_share else math.inf
        for order in mine:
            self.open_phase(order, opened)
        old = self.held[symbol]
        for order in mine:
            self.stop_phase(order, opened, high, low)
        for order in mine:
            before = self.held[symbol]
            self.limit_phase(order, opened, high, low, old)
            if order.closing:
                old += self.held[symbol] - before
        if self.fills and self.fills[-1][:2] == (bar, symbol):
            latest = self.fills[-1][3]
            for order in mine:
                if order.closing:
                    self.stop_phase(order, latest, high, low)
        for order in mine:
            if order.kind == "later":
                order.kind = "limit"
        self.book = [order for order in self.book if not order.gone]

    def open_phase(self, order, opened):
        if order.gone:
            return
        if order.kind in ("stop", "stop-limit"):
            reached = opened >= order.stop if order.buys else opened <= order.stop
            if reached and order.kind == "stop":
                self.triggered(order, opened)
                return
            if reached:
                order.kind = "limit"
        if order.kind == "market":
            self.fill(order, self.taken(order, opened))
            if not self.may(order, self.held[order.symbol]):
                order.gone = True
        elif order.kind == "limit":
            good = opened <= order.limit if order.buys else opened >= order.limit
            if good:
                self.fill(order, opened)

    def limit_phase(self, order, opened, high, low, old):
        if order.gone or order.kind != "limit":
            return
        if low <= order.limit if order.buys else high >= order.limit:
            price = min(order.limit, opened) if order.buys else max(order.limit, opened)
            held = self.held[order.symbol]
            closable = min(abs(old), abs(held)) if old * held > 0 else 0.0
            self.fill(order, price, math.copysign(closable, old))

    def stop_phase(self, order, before, high, low):
        if order.gone or order.kind not in ("stop", "stop-limit"):
            return
        touched = high >= order.stop if order.buys else low <= order.stop
        if not touched or not self.may(order, self.held[order.symbol]):
            return
        price = max(order.stop, before) if order.buys else min(order.stop, before)
        if order.kind == "stop":
            self.triggered(order, price)
            return
        if (price <= order.limit) if order.buys else (price >= order.limit):
            self.fill(order, price)
        order.kind = "later"

    def triggered(self, order, price):
        """A stop is a market order from now on, unless there is nothing that it may close."""
        if self.may(order, self.held[order.symbol]):
            order.kind = "market"
            self.fill(order, self.taken(order, price))

    def may(self, order, held):
        if not order.closing:
            return order.quantity
        if order.buys and held < 0:
            return min(order.quantity, -held)
        if not order.buys and held > 0:
            return max(order.quantity, -held)
        return 0.0

    def taken(self, order, price):
        c, quantity = self.costs, self.may(order, self.held[order.symbol])
        part = c.slip_rate
        if c.slip_volume:
            part += c.slip_volume * min(abs(quantity), self.offered) / self.now[2]
        worse = c.slip + c.spread / 2 + price * part
        return price + worse if order.buys else price - worse

    def fill(self, order, price, closable=None):
        bar, symbol, _ = self.now
        before = self.held[symbol]
        wanted = self.may(order, before if closable is None else closable)
        c, size = self.costs, min(abs(wanted), self.offered)
        if not size:
            return
        quantity = math.copysign(size, wanted)
        self.offered -= size
        if self.offered <= 1e-12 * size:
            self.offered = 0.0
        order.gone = abs(wanted) - size <= 1e-12 * size
        order.quantity -= 0.0 if order.gone else quantity
        fee = max(c.minimum, c.per_unit * size + c.rate * size * price)
        after = before + quantity
        if abs(after) <= 1e-12 * size:
            after = 0.0
        if price <= 0 or self.too_much(symbol, quantity, before, after, price, fee):
            self.refused.append((bar, symbol, quantity, price))
            order.gone = True
            return
        self.cash -= quantity * price + fee
        self.held[symbol], self.last[symbol] = after, price
        self.fills.append((bar, symbol, quantity, price, fee))
        if before and after * before <= 0:  # the position ended: so do the orders to close it
            for other in self.book:
                if other.symbol == symbol and other.closing and other.quantity * before < 0:
                    other.gone = True

    def too_much(self, symbol, quantity, before, after, price, fee):
        if abs(after) <= abs(before) and after * before >= 0:
            return False
        others = [s for s in range(len(self.held)) if s != symbol]
        gross = abs(after) * price + sum(abs(self.worth(s)) for s in others)
        equity = self.cash - quantity * price - fee + after * price
        equity += sum(self.worth(s) for s in others)
        return gross > self.costs.leverage * equity * (1 + 1e-9)


def trades_of(desk):
    """Flat to flat, told from the fills alone: symbol, first, last, quantity, entry, exit, profit.

    In the order of their ends.
    """
    found = []
    for symbol in range(len(desk.held)):
        way = None
        events = [f for f in desk.fills if f[1] == symbol]
        parts, held = [], 0.0
        for bar, _, quantity, price, fee in events:  # a fill through zero is two
            if held * quantity < 0 and abs(quantity) > abs(held) * (1 + 1e-12):
                share = abs(held) / abs(quantity)
                parts.append((bar, -held, price, fee * share))
                parts.append((bar, quantity + held, price, fee * (1 - share)))
            else:
                parts.append((bar, quantity, price, fee))
            held += quantity
            held = 0.0 if abs(held) <= 1e-12 * abs(quantity) else held
        held = 0.0
        for bar, quantity, price, fee in parts:
            if way is None:
                way = {"first": bar, "in": [], "out": [], "fees": 0.0, "side": quantity > 0}
            way["in" if (quantity > 0) == way["side"] else "out"].append((quantity, price))
            way["fees"] += fee
            held += quantity
            if abs(held) <= 1e-12 * abs(quantity):
                held = 0.0
                put, out = (sum(q for q, _ in way[k]) for k in ("in", "out"))
                paid = sum(q * p for q, p in way["in"])
                got = sum(q * p for q, p in way["out"])
                # Borrowing is charged at a close: of bars from the first on and before the last.
                lent = sum(f for b, s, f in desk.fees if s == symbol and way["first"] <= b < bar)
                profit = -paid - got - way["fees"] - lent
                found.append((symbol, way["first"], bar, put, paid / put, got / out, profit))
                way = None
    return found
