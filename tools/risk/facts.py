"""What the rules of the gate have in common about one case, worked out once.

Money is in the account's currency, prices in the listing's, quantities in shares (or contracts).
"Open orders" are those of the Snapshot, with the order that this one replaces left out.
"""

from __future__ import annotations

from decimal import Decimal

from tools.domain.instrument import AssetClass, Instrument
from tools.domain.order import Order, OrderGroup, Side
from tools.domain.portfolio import Activity, Health, OpenOrder, Snapshot
from tools.risk.bounds import ONE, SHORT_FACTOR, Incomplete, bound_of
from tools.risk.case import Case, MarketView
from tools.risk.kept import Kept
from tools.risk.limits import Limits
from tools.risk.totals import ZERO, Sides, Tally, Totals, largest, tally, totals


class Facts:
    """One case with what follows from it; a fact that can't be told is not there and raises.

    - ``limits``: those that hold for this order (``Limits.held_to``).
    - ``held``: the signed quantity held; ``pending`` and ``against``: what open orders may still
      trade on the order's side and on the other.
    - ``replaced``: the open order that this one takes the place of, None when there is none.
    - ``leaves``: what the order may still trade. Of a replacement that is its quantity less what
      the old one has filled, and no less than what the old one (or another exit of its group) may
      still trade: the larger of old and new.
    - ``raising``: whether it could open, grow or flip a position, alone or with the open orders on
      its side. False says that it can only make one smaller; a bracket always raises, because its
      exits trade too.
    - ``short``: how many shares short the account would be if this sell and all open sells were
      filled and no buy; zero for a buy and for a sell of what is held.
    - ``bound``: the worst fill (``fill_bound``); ``price``: the highest price that a share may
      stand for: of a buy its bound; of a sell the bid, or its limit if that is higher, and of a
      sell that leaves a short position at least 1.03 times the ask.
    - ``scale``: from quantity times price to the account's money, multiplier and exchange rate.
    - ``value``: the most money that the order may still move, fees left out: ``leaves`` at
      ``price``. ``exposure``: the same, but of an option at least its delta in the underlying.
    - ``equity``: cash and marked positions, None while something held has no price.
    - ``sides``: the value of the symbol if only the open buys fill and if only the open sells do;
      ``after``: the same with this order on its side. ``more`` is by how much the larger of them,
      signs left out, is then above that of now, and ``gross`` the account's gross exposure
      (``Totals``) with it.
    """

    __slots__ = (
        "account", "activity", "after", "against", "bound", "buy", "case", "digest", "equity",
        "exposure", "gross", "health", "held", "leaves", "limits", "limits_hash", "listed",
        "market", "more", "old_value", "opened", "order", "pending", "price", "quantity",
        "raising", "replaced", "scale", "short", "sides", "totals", "value",
    )  # fmt: skip

    case: Case
    order: Order
    account: Snapshot
    market: MarketView
    listed: Instrument
    limits: Limits
    health: Health
    activity: Activity
    totals: Totals
    digest: str
    limits_hash: str
    buy: bool
    quantity: Decimal
    held: Decimal
    replaced: OpenOrder | None
    old_value: Decimal
    opened: Tally
    pending: Decimal
    against: Decimal
    leaves: Decimal
    raising: bool
    short: Decimal
    scale: Decimal
    bound: Decimal
    price: Decimal
    value: Decimal
    exposure: Decimal
    equity: Decimal | None
    sides: Sides
    after: Sides
    more: Decimal
    gross: Decimal

    def learn(self, case: Case) -> None:
        """Find out everything; raises at the first thing that can't be told."""
        self.case = case
        order = self.order = case.order
        limits, account, market = case.limits, case.account, case.market
        if limits is None:
            raise Incomplete
        limits = self.limits = limits.held_to(order)
        self.buy = order.side is Side.BUY
        self.quantity = order.quantity
        if case.health is not None:
            self.health = case.health
        if case.activity is not None:
            self.activity = case.activity
        if market is not None:
            self.market = market
            if market.instrument is not None:
                self.listed = market.instrument
        if account is None:
            raise Incomplete
        self.account = account
        self.totals = totals(account)
        self._position(order)
        self._price(order)
        self._worth()

    def _position(self, order: Order) -> None:
        sums, symbol = self.totals, order.symbol
        row = sums.positions.get(symbol)
        held = self.held = ZERO if row is None else row.quantity
        self.opened = sums.tally(symbol)
        self.replaced = None
        self.leaves = order.quantity
        if order.replaces:
            self._replace(order)
        buys, sells, _, _ = self.opened
        if self.buy:
            self.pending, self.against, self.short = buys, sells, ZERO
            inward = held < ZERO
        else:
            self.pending, self.against = sells, buys
            self.short = max(sells + self.leaves - held, ZERO)
            inward = held > ZERO
        self.raising = (
            not inward
            or order.group is OrderGroup.BRACKET
            or self.leaves + self.pending > abs(held)
        )

    def _replace(self, order: Order) -> None:
        """Leave the old order, and the exits it shares a group with, out of what is open."""
        old = self.totals.by_id.get(order.replaces)
        if old is None or old.symbol != order.symbol or old.side is not order.side:
            return  # G33 refuses it; what is open counts in full
        self.replaced = old
        rows = self.totals.orders[order.symbol]
        mine = [o for o in rows if o is old or (old.group and o.group == old.group)]
        self.opened = tally(o for o in rows if not any(o is m for m in mine))
        most = max((o.leaves for o in mine if o.side is order.side), default=ZERO)
        self.leaves = max(order.quantity - old.filled, most, ZERO)
        self.old_value = max(o.leaves * o.worst_price * o.scale for o in mine)

    def _price(self, order: Order) -> None:
        market, listed = self.market, self.listed
        self.scale = listed.multiplier * (ONE if market.rate is None else market.rate)
        self.bound = bound_of(order, market, self.limits)
        if self.buy:
            self.price = self.bound
        else:
            if market.bid is None or market.ask is None:
                raise Incomplete
            limit = order.limit_price
            self.price = market.bid if limit is None or limit < market.bid else limit
            if self.short > ZERO:
                self.price = max(self.price, SHORT_FACTOR * market.ask)
        self.value = self.leaves * self.price * self.scale
        if self.replaced is not None:
            self.value = max(self.value, self.old_value)
        self.exposure = self.value
        if listed.asset_class is AssetClass.OPTION and self.raising:
            self.exposure = max(self.value, self._delta())

    def _delta(self) -> Decimal:
        """An option's share of the underlying, in the account's money."""
        market = self.market
        if market.delta is None or market.underlying_price is None:
            raise Incomplete
        return self.leaves * abs(market.delta) * market.underlying_price * self.scale

    def _worth(self) -> None:
        sums = self.totals
        self.equity = sums.equity
        if self.equity is None:
            return
        symbol = self.order.symbol
        now = before = self.sides = sums.sides(symbol)
        if self.replaced is not None:
            held = sums.positions.get(symbol)
            worth = ZERO if held is None else held.value or ZERO
            before = (worth + self.opened[2], worth - self.opened[3])
        longest, shortest = before
        if self.buy:
            after = self.after = (longest + self.exposure, shortest)
        else:
            after = self.after = (longest, shortest - self.exposure)
        more = self.more = largest(after) - largest(now)
        self.gross = sums.gross + more


def _facts_of(case: Case) -> Facts:
    facts = Facts()
    try:
        facts.learn(case)
    except Exception:  # noqa: BLE001 - a rule that needs the missing fact refuses
        return facts
    return facts


facts_of = Kept(_facts_of)
"""All that can be told of a case, the rest missing; call it with the gate's arithmetic."""
