"""The double's market and books: orders of every kind, matched against prices that a test sets.

Written from Alpaca's document, and not from the adapter. Times are virtual. Long because every
kind of order and every way it can end is here.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal

D = Decimal
START = datetime(2026, 1, 5, 15, tzinfo=UTC)
OPEN = {"new", "accepted", "partially_filled", "held", "pending_new", "pending_cancel", "suspended"}
ENDED = {"filled", "canceled", "expired", "rejected", "replaced"}
TIMES = {
    "us_equity": {"day", "gtc", "ioc", "fok", "opg", "cls"},
    "crypto": {"gtc", "ioc"},
    "us_option": {"day"},
}
TYPES = {
    "us_equity": {"market", "limit", "stop", "stop_limit", "trailing_stop"},
    "crypto": {"market", "limit", "stop_limit"},
    "us_option": {"market", "limit"},
}


class Refused(Exception):
    """A refusal with its HTTP status and Alpaca's own code."""

    def __init__(self, status, code, message):
        super().__init__(message)
        self.status, self.body = status, {"code": code, "message": message}


def text(number):
    """A Decimal the way Alpaca writes it; None stays None."""
    if number is None:
        return None
    plain = format(number, "f")
    return plain.rstrip("0").rstrip(".") or "0" if "." in plain else plain


def _fine(price):
    """Whether a price of a dollar or more has parts of a cent."""
    return price is not None and D(price) >= 1 and D(price) % D("0.01") != 0


@dataclass
class Resting:
    """An order; ``told`` is what the API says of it."""

    told: dict
    parent: Resting | None = None
    legs: list = field(default_factory=list)
    triggered: bool = False

    def __getitem__(self, name):
        return self.told[name]

    @property
    def qty(self):
        return D(self.told["qty"])

    @property
    def filled(self):
        return D(self.told["filled_qty"])

    @property
    def leaves(self):
        return self.qty - self.filled

    @property
    def buys(self):
        return self.told["side"] == "buy"

    def price(self, name):
        return None if self.told[name] is None else D(self.told[name])


class Market:
    """``unique`` ids are enforced or not; ``eager`` says that an order meets the market at once.

    ``counts_filled`` makes a replacement count what the old order filled as its own.
    """

    def __init__(self, *, unique=True, eager=True, counts_filled=False):
        self.unique, self.eager, self.counts_filled = unique, eager, counts_filled
        self.wall = START
        self.serial = 0
        self.cash, self.multiplier = D(100_000), "2"
        self.positions = {}
        self.orders = []
        self.trades, self.others = [], []
        self.events = []
        self.heard = []
        self.account_extra = {}
        self.quotes, self.sizes, self.assets = {}, {}, {}
        for symbol, kind, price in [
            ("IBM", "us_equity", "200"),
            ("MSFT", "us_equity", "30"),
            ("BTC/USD", "crypto", "50000"),
            ("IBM260116C00200000", "us_option", "5"),
        ]:
            self.list(symbol, kind)
            self.quotes[symbol] = (D(price) - D("0.01"), D(price) + D("0.01"))

    # ------------------------------------------------------------------------------- the small

    def list(self, symbol, kind="us_equity", **more):
        crypto = {"min_order_size": "0.0001", "price_increment": "0.01"}
        self.assets[symbol] = {
            "id": self.uuid(),
            "class": kind,
            "exchange": "OTC" if kind == "crypto" else "NYSE",  # the document has no other
            "symbol": symbol,
            "name": symbol,
            "status": "active",
            "tradable": True,
            "marginable": True,
            "shortable": kind == "us_equity",
            "easy_to_borrow": kind == "us_equity",
            "fractionable": True,
            **({"borrow_status": "easy_to_borrow"} if kind == "us_equity" else {}),
            **(crypto | {"min_trade_increment": "0.0001"} if kind == "crypto" else {}),
            **more,
        }

    def uuid(self):
        self.serial += 1
        return str(uuid.UUID(int=0x4000_8000_0000_0000_0000 + self.serial, version=4))

    def now(self):
        """A moment that no other has: virtual time moves a microsecond with each asking."""
        self.wall += timedelta(microseconds=1)
        return self.wall.isoformat().replace("+00:00", "Z")

    def find(self, venue_id):
        return next((one for one in self.orders if one["id"] == venue_id), None)

    def by_client(self, key):
        """The latest under a client order id, as a venue without unique ids would answer."""
        return next((one for one in reversed(self.orders) if one["client_order_id"] == key), None)

    def under(self, key):
        return [one for one in self.orders if one["client_order_id"] == key]

    # ------------------------------------------------------------------------------ taking orders

    def place(self, body):
        asset = self.assets.get(body.get("symbol"))
        self._fits(body, asset)
        key = body.get("client_order_id") or self.uuid()
        if self.unique and self.by_client(key):
            raise Refused(422, 40010001, "client_order_id must be unique")
        group = body.get("order_class") or ""
        limit = body.get("limit_price")
        if group == "oco":
            limit = body["take_profit"]["limit_price"]
        resting = self._new(body | {"client_order_id": key, "limit_price": limit}, asset)
        self._exits(resting, body, asset)
        self._tell("pending_new" if not self.eager else "new", resting)
        if self.eager:
            self.settle()
        return resting

    def _fits(self, body, asset):
        """Raises Refused with what Alpaca would say against an order."""
        if asset is None:
            raise Refused(422, 42210000, f'asset "{body.get("symbol")}" not found')
        kind, group = asset["class"], body.get("order_class") or ""
        simple, quantity = group in ("", "simple"), D(body["qty"])
        needs = {"limit": "limit_price", "stop": "stop_price", "stop_limit": "stop_price"}
        name = needs.get(body["type"])
        trails = {"trail_price", "trail_percent"} & body.keys()
        stays = body["time_in_force"] in ("day", "gtc")
        parts = quantity % 1 and kind == "us_equity"
        against = {
            f"asset {asset['symbol']} is not tradable": not asset["tradable"],
            f"asset {asset['symbol']} is not active": asset["status"] != "active",
            f"invalid {kind} time_in_force": body["time_in_force"] not in TIMES[kind],
            f"invalid order type for {kind} order": body["type"] not in TYPES[kind],
            f"complex orders not supported for {kind}": not simple and kind != "us_equity",
            "qty must be > 0": quantity <= 0,
            "fractional orders must be DAY orders": parts and body["time_in_force"] != "day",
            "fractional orders must be simple orders": parts and not simple,
            f"{body['type']} orders require {name}": name
            and name not in body
            and not (group == "oco" and "take_profit" in body),
            "trailing stop orders require a trail": body["type"] == "trailing_stop" and not trails,
            "extended hours orders must be limit orders": body.get("extended_hours")
            and (body["type"] != "limit" or not stays),
            "sub-penny increment does not fulfill minimum": kind == "us_equity"
            and any(_fine(body.get(one)) for one in ("limit_price", "stop_price")),
        }
        for message, wrong in against.items():
            if wrong:
                raise Refused(422, 42210000, message)
        price = D(body.get("limit_price") or self.quotes[asset["symbol"]][1])
        if body["side"] == "buy" and price * quantity > self.power():
            raise Refused(403, 40310000, "insufficient buying power")

    def power(self):
        return self.cash * D(self.multiplier)

    def _new(self, body, asset, **more):
        stamp = self.now()
        kind = body["type"]
        told = {
            "id": self.uuid(),
            "client_order_id": body["client_order_id"],
            "created_at": stamp,
            "updated_at": stamp,
            "submitted_at": stamp,
            "filled_at": None,
            "expired_at": None,
            "canceled_at": None,
            "failed_at": None,
            "replaced_at": None,
            "replaced_by": None,
            "replaces": None,
            "asset_id": asset["id"],
            "symbol": asset["symbol"],
            "asset_class": asset["class"],
            "notional": None,
            "qty": body["qty"],
            "filled_qty": "0",
            "filled_avg_price": None,
            "order_class": body.get("order_class") or "",
            "order_type": kind,
            "type": kind,
            "side": body["side"],
            "time_in_force": body["time_in_force"],
            "limit_price": body.get("limit_price"),
            "stop_price": body.get("stop_price"),
            "trail_percent": body.get("trail_percent"),
            "trail_price": body.get("trail_price"),
            "hwm": None,
            "status": "new" if self.eager else "pending_new",
            "extended_hours": bool(body.get("extended_hours")),
            "legs": None,
            **more,
        }
        resting = Resting(told)
        self.orders.append(resting)
        return resting

    def _exits(self, resting, body, asset):
        group = resting["order_class"]
        if group not in ("bracket", "oco"):
            return
        side = resting["side"] if group == "oco" else ("sell" if resting.buys else "buy")
        shared = {"qty": body["qty"], "side": side, "order_class": group}
        shared |= {"time_in_force": body["time_in_force"]}
        wanted = []
        if group == "bracket":
            wanted.append({"type": "limit", "limit_price": body["take_profit"]["limit_price"]})
        stop = body["stop_loss"]
        kind = "stop_limit" if stop.get("limit_price") else "stop"
        wanted.append({"type": kind, **stop})
        for one in wanted:
            leg = self._new(shared | one | {"client_order_id": self.uuid()}, asset, status="held")
            leg.parent = resting
            resting.legs.append(leg)

    # ------------------------------------------------------------------------------ meeting prices

    def quote(self, symbol, bid, ask, size=None):
        """New prices; ``size`` is how much there is of them in all, None for no end of it."""
        self.quotes[symbol] = (D(bid), D(ask))
        self.sizes[symbol] = None if size is None else D(size)
        self.settle()

    def settle(self):
        """Every order that may trade meets the prices, and what can't rest ends."""
        for resting in list(self.orders):
            if resting["status"] in ("pending_new", "accepted"):
                resting.told["status"] = "new"
                self._tell("new", resting)
            # The stop of an OCO order is held and watched all the same.
            watched = resting["order_class"] == "oco" and resting["status"] == "held"
            if watched or resting["status"] in ("new", "partially_filled"):
                self._meet(resting)

    def _meet(self, resting):
        bid, ask = self.quotes[resting["symbol"]]
        price = ask if resting.buys else bid
        size = self.sizes.get(resting["symbol"])
        there = resting.leaves if size is None else min(size, resting.leaves)
        if self._trades_at(resting, price) and there > 0:
            whole = there == resting.leaves
            if whole or resting["time_in_force"] != "fok":
                if size is not None:
                    self.sizes[resting["symbol"]] -= there
                self.fill(resting, there, price)
        if resting["time_in_force"] in ("ioc", "fok") and resting["status"] not in ENDED:
            self.end(resting, "canceled")

    def _trades_at(self, resting, price):
        kind, limit = resting["type"], resting.price("limit_price")
        if kind == "trailing_stop":
            self._trail(resting, price)
        if kind in ("stop", "stop_limit", "trailing_stop"):
            stop = resting.price("stop_price")
            reached = price >= stop if resting.buys else price <= stop
            resting.triggered = resting.triggered or reached
            if not resting.triggered:
                return False
        if limit is None or kind == "trailing_stop":
            return True
        return price <= limit if resting.buys else price >= limit

    def _trail(self, resting, price):
        mark = resting.price("hwm")
        pick = min if resting.buys else max
        mark = price if mark is None else pick(mark, price)
        percent = resting.price("trail_percent")
        trail = resting.price("trail_price") or mark * (percent or D(0)) / 100
        stop = mark + trail if resting.buys else mark - trail
        resting.told |= {"hwm": text(mark), "stop_price": text(stop)}

    def fill(self, resting, quantity, price):
        """One execution, whatever the prices are: also a late one on an order that has ended."""
        quantity, price = D(quantity), D(price)
        stamp = self.now()
        before, average = resting.filled, resting.price("filled_avg_price") or D(0)
        total = before + quantity
        average = (before * average + quantity * price) / total
        whole = total >= resting.qty
        ended = resting["status"] in ENDED
        execution = self.uuid()
        resting.told |= {
            "filled_qty": text(total),
            "filled_avg_price": text(average.quantize(D("0.0001"))),
            "updated_at": stamp,
        }
        if whole or not ended:
            resting.told["status"] = "filled" if whole else "partially_filled"
        if whole:
            resting.told["filled_at"] = stamp
        self._move(resting, quantity, price)
        self.trades.append(
            {
                "id": f"{stamp[:23].translate(str.maketrans('', '', '-:T.'))}::{execution}",
                "activity_type": "FILL",
                "transaction_time": stamp,
                "type": "fill" if whole else "partial_fill",
                "price": text(price),
                "qty": text(quantity),
                "side": resting["side"],
                "symbol": resting["symbol"],
                "leaves_qty": text(max(resting.leaves, D(0))),
                "order_id": resting["id"],
                "cum_qty": text(total),
                "order_status": resting["status"],
            }
        )
        more = {"execution_id": execution, "price": text(price), "qty": text(quantity)}
        self._tell("fill" if whole else "partial_fill", resting, **more)
        if whole:
            self._after(resting)
        return self.trades[-1]

    def _move(self, resting, quantity, price):
        sign = 1 if resting.buys else -1
        units = 100 if resting["asset_class"] == "us_option" else 1
        self.cash -= sign * quantity * price * units
        held = self.positions.get(resting["symbol"], D(0)) + sign * quantity
        self.positions[resting["symbol"]] = held

    def _after(self, resting):
        """An entry that is done wakes its exits; an exit that is done ends the other."""
        if resting["order_class"] == "bracket" and resting.legs:
            for leg in resting.legs:
                leg.told["status"] = "new"
                self._tell("new", leg)
        for other in resting.legs if resting["order_class"] == "oco" else ():
            self.end(other, "canceled")
        if resting.parent is not None:
            family = [*resting.parent.legs, resting.parent]
            for other in family:
                if other is not resting and other["status"] not in ENDED:
                    self.end(other, "canceled")

    # ---------------------------------------------------------------------------- ending, changing

    def end(self, resting, status):
        stamp = self.now()
        resting.told |= {"status": status, "updated_at": stamp}
        if f"{status}_at" in resting.told:
            resting.told[f"{status}_at"] = stamp
        self._tell(status, resting)
        for leg in resting.legs:
            if leg["status"] not in ENDED:
                self.end(leg, "canceled")

    def cancel(self, venue_id):
        resting = self._open(venue_id, "cancel")
        if self.eager:
            self.end(resting, "canceled")
        else:
            resting.told["status"] = "pending_cancel"
            self._tell("pending_cancel", resting)

    def cancel_all(self):
        found = [one for one in self.orders if one["status"] in OPEN and one.parent is None]
        done = []
        for one in found:
            self.cancel(one["id"])
            done.append({"id": one["id"], "status": 200})
        return done

    def replace(self, venue_id, body):
        old = self._open(venue_id, "replace")
        if old["status"] in ("accepted", "pending_new", "pending_cancel", "pending_replace"):
            raise Refused(422, 42210000, f"cannot replace order in {old['status']} status")
        quantity = D(body.get("qty") or old["qty"])
        if quantity % 1 or quantity <= 0:
            raise Refused(422, 42210000, "qty must be integer")
        key = body.get("client_order_id") or self.uuid()
        if self.unique and self.by_client(key):
            raise Refused(422, 40010001, "client_order_id must be unique")
        same = ("side", "type", "order_class", "extended_hours")
        names = ("limit_price", "stop_price", "time_in_force")
        trail = "trail_price" if old["trail_price"] else "trail_percent"
        wanted = {name: old[name] for name in (*same, *names, "trail_price", "trail_percent")}
        wanted |= {name: body[name] for name in names if name in body}
        wanted |= {trail: body["trail"]} if "trail" in body else {}
        wanted |= {"qty": text(quantity), "client_order_id": key}
        asset = self.assets[old["symbol"]]
        new = self._new(wanted, asset, replaces=old["id"])
        new.parent = old.parent
        if old.parent is not None:
            old.parent.legs[old.parent.legs.index(old)] = new
        if self.counts_filled:
            new.told["filled_qty"] = old["filled_qty"]
        old.told |= {"status": "replaced", "replaced_by": new["id"], "replaced_at": self.now()}
        self._tell("replaced", old)
        if self.eager:
            self.settle()
        return new

    def _open(self, venue_id, verb):
        resting = self.find(venue_id)
        if resting is None:
            raise Refused(404, 40410000, f"order not found for {venue_id}")
        if resting["status"] in ENDED:
            message = f'cannot {verb}: order is already in "{resting["status"]}" state'
            raise Refused(422, 42210000, message)
        return resting

    # ----------------------------------------------------------------------- what goes wrong later

    def bust(self, trade, *, still_listed=False):
        """An execution that never was."""
        resting = self.find(trade["order_id"])
        if not still_listed:
            self.trades.remove(trade)
        self._move(resting, -D(trade["qty"]), D(trade["price"]))
        resting.told["filled_qty"] = text(resting.filled - D(trade["qty"]))
        self._tell("trade_bust", resting, execution_id=trade["id"].split("::")[1])

    def correct(self, trade, price):
        """An execution at another price than was told."""
        resting = self.find(trade["order_id"])
        self._move(resting, -D(trade["qty"]), D(trade["price"]))
        self._move(resting, D(trade["qty"]), D(price))
        new = trade | {
            "id": f"{trade['id'].split('::')[0]}::{self.uuid()}",
            "price": text(D(price)),
        }
        self.trades[self.trades.index(trade)] = new
        self._tell("trade_correct", resting, execution_id=new["id"].split("::")[1])

    def book(self, kind, amount="0", **more):
        """An activity that is no trade."""
        stamp = self.now()
        key = f"{stamp[:23].translate(str.maketrans('', '', '-:T.'))}::{self.uuid()}"
        self.cash += D(amount)
        row = {"id": key, "activity_type": kind, "date": stamp[:10], "net_amount": amount}
        self.others.append(row | {"status": "executed", "currency": "USD"} | more)
        return key

    def _tell(self, event, resting, **more):
        stamp = self.now()
        data = {"event": event, "timestamp": stamp, "order": self.nested(resting), **more}
        message = {"stream": "trade_updates", "data": data}
        self.events.append(message)
        for heard in list(self.heard):
            heard(message)

    # -------------------------------------------------------------------------------- what it says

    def nested(self, resting):
        legs = [dict(leg.told) for leg in resting.legs] or None
        return dict(resting.told) | {"legs": legs}

    def account(self):
        held = sum(
            (q * self.quotes[s][0] for s, q in self.positions.items() if s in self.quotes), D(0)
        )
        return {
            "id": str(uuid.UUID(int=7)),
            "account_number": "PA0000000001",
            "status": "ACTIVE",
            "currency": "USD",
            "cash": text(self.cash),
            "portfolio_value": text(self.cash + held),
            "equity": text(self.cash + held),
            "buying_power": text(self.power()),
            "multiplier": self.multiplier,
            "trading_blocked": False,
            "transfers_blocked": False,
            "account_blocked": False,
            "trade_suspended_by_user": False,
            "shorting_enabled": True,
            "created_at": "2026-01-01T00:00:00Z",
            **self.account_extra,
        }

    def holdings(self):
        return [
            {
                "asset_id": self.assets[symbol]["id"],
                "symbol": symbol.replace("/", ""),
                "exchange": self.assets[symbol]["exchange"],
                "asset_class": self.assets[symbol]["class"],
                "avg_entry_price": text(self.quotes[symbol][0]),
                "qty": text(quantity),
                "side": "long" if quantity > 0 else "short",
                "market_value": text(quantity * self.quotes[symbol][0]),
                "cost_basis": text(quantity * self.quotes[symbol][0]),
                "unrealized_pl": "0",
                "unrealized_plpc": "0",
                "unrealized_intraday_pl": "0",
                "unrealized_intraday_plpc": "0",
                "current_price": text(self.quotes[symbol][0]),
                "lastday_price": text(self.quotes[symbol][0]),
                "change_today": "0",
                "asset_marginable": True,
            }
            for symbol, quantity in self.positions.items()
            if quantity
        ]
