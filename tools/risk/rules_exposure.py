"""Rules about what the account would hold at worst: G16, G17, G18, G19, G20.

Only orders that raise exposure are held to them: one that can only make a position smaller is never
refused because too much is held already, or because the money is tied up.
"""

from __future__ import annotations

from decimal import Decimal

from tools.domain.instrument import AssetClass
from tools.domain.venue import MarginRegime
from tools.domain.verdict import Reason
from tools.risk.bounds import Incomplete
from tools.risk.facts import Facts
from tools.risk.rules_words import NOTHING, against, at_most, money, percent, shares, shown
from tools.risk.totals import ZERO, fee

# The pattern day trader rule that ended in 2026: under this equity no fourth day trade.
DAY_TRADER_EQUITY = Decimal(25_000)
DAY_TRADES = 3

# What is borrowed to be sold; contracts and currencies are sold short without a loan of them.
BORROWED = frozenset({AssetClass.EQUITY, AssetClass.CRYPTO})


def position(facts: Facts) -> tuple[Reason, ...]:
    """G16: the position if everything open on this side is filled, in shares.

    A buy: held plus open buys plus leaves is at most ``max_long``. A sell: ``Facts.short`` is at
    most ``max_short``.
    """
    if not facts.raising:
        return NOTHING
    order, limits, held, waiting = facts.order, facts.limits, facts.held, facts.pending
    lot = facts.listed.lot
    if facts.buy:
        after = held + waiting + facts.leaves
        if after <= limits.max_long:
            return NOTHING
        return against(
            "G16",
            f"You would hold {shares(after)} {order.symbol} ({shares(held)} held, "
            f"{shares(waiting)} in open buys), over the {shares(limits.max_long)} allowed; "
            f"{at_most(limits.max_long - held - waiting, lot)}.",
        )
    if facts.short <= limits.max_short:
        return NOTHING
    allowed = (
        f"over the {shares(limits.max_short)} allowed"
        if limits.max_short
        else "and these limits allow no short selling"
    )
    return against(
        "G16",
        f"You hold {shares(held)} {order.symbol} with {shares(waiting)} in open sells; selling "
        f"{shares(order.quantity)} would leave {shares(facts.short)} short, {allowed}; "
        f"{at_most(limits.max_short + held - waiting, lot, 'sell')}.",
    )


def concentration(facts: Facts) -> tuple[Reason, ...]:
    """G17: not too much of the equity in one symbol, sector or class.

    A symbol: its value with the order and what is open on the order's side (for a sell: short) is
    at most ``max_concentration`` of the equity. Its sector (of the limits' table; symbols without
    one count together) and its class (rows that don't say theirs count with every class): each of
    their symbols at its worst side, added up, is at most ``max_sector`` and ``max_class`` of the
    equity, unless the order doesn't make that sum larger.
    """
    if not facts.raising:
        return NOTHING
    equity = _equity(facts)
    order, limits, mine = facts.order, facts.limits, facts.account.currency
    found: tuple[Reason, ...] = NOTHING
    worth = facts.after[0] if facts.buy else -facts.after[1]
    most = limits.max_concentration * equity
    if worth > most and worth > ZERO:
        found += against(
            "G17",
            f"{order.symbol} would be {money(worth, mine)} of the account, over the "
            f"{percent(limits.max_concentration)} of equity ({money(most, mine)}) allowed in one "
            "symbol.",
        )
    sums = facts.totals
    more = facts.more
    if more <= ZERO:
        return found
    sector = limits.sector(order.symbol)
    after = sums.sectors(limits).get(sector, ZERO) + more
    if after > limits.max_sector * equity:
        found += against(
            "G17",
            f"{money(after, mine)} would be in "
            f"{f'the sector {shown(sector)}' if sector else 'symbols without a sector'}, over the "
            f"{percent(limits.max_sector)} of equity allowed in one.",
        )
    kind = facts.listed.asset_class
    after = sums.classes.get(kind, ZERO) + sums.classes.get(None, ZERO) + more
    if after > limits.max_class * equity:
        found += against(
            "G17",
            f"{money(after, mine)} would be in {kind}, over the {percent(limits.max_class)} of "
            "equity allowed in one class.",
        )
    return found


def exposure(facts: Facts) -> tuple[Reason, ...]:
    """G18: not too much in the market altogether, gross and net.

    Gross: every symbol at its worst side, added up, is at most ``max_gross`` of the equity, unless
    the order doesn't make it larger. Net: what is held plus all open orders on the order's side
    and the order itself is, in that direction, at most ``max_net`` of the equity.
    """
    if not facts.raising:
        return NOTHING
    whole, limits, mine = _equity(facts), facts.limits, facts.account.currency
    found: tuple[Reason, ...] = NOTHING
    gross = facts.gross
    if gross > limits.max_gross * whole and facts.more > ZERO:
        found += against(
            "G18",
            f"{money(gross, mine)} would be in the market, over {percent(limits.max_gross)} of the "
            f"equity of {money(whole, mine)}.",
        )
    sums, full = facts.totals, facts.sides
    if facts.buy:
        net = sums.longest - full[0] + facts.after[0]
    else:
        net = full[1] - facts.after[1] - sums.shortest
    if net > limits.max_net * whole and net > ZERO:
        way = "long" if facts.buy else "short"
        found += against(
            "G18",
            f"You would be {money(net, mine)} net {way}, over {percent(limits.max_net)} of the "
            f"equity of {money(whole, mine)}.",
        )
    return found


def cash(facts: Facts) -> tuple[Reason, ...]:
    """G19: what is free pays for the order with fees at the worst price.

    Needed is ``Facts.value`` with the fee; of a sell everything that would be short (open sells
    included, since they reserve nothing) at the order's own price. Free is the cash where the venue
    tells no buying power, else the smaller of both in a cash account and the buying power in a
    margin account; each less what open buys reserve and a fee for every open order.
    """
    if not facts.raising:
        return NOTHING
    account, limits, leaves = facts.account, facts.limits, facts.leaves
    opening = leaves if facts.buy else facts.short
    if opening <= ZERO:
        return NOTHING
    reserved = facts.totals.reserved + facts.totals.fees(limits)
    if facts.replaced is not None:
        full = facts.totals.tally(facts.order.symbol)
        reserved -= full[2] - facts.opened[2] + fee(limits, facts.replaced.leaves)
    needed = facts.value + fee(limits, leaves)
    if opening != leaves:
        needed = facts.value * opening / leaves + fee(limits, leaves)
    power = account.buying_power
    if power is None:
        power = account.cash
    elif account.margin is MarginRegime.CASH:
        power = min(account.cash, power)
    free = power - reserved
    if needed <= free:
        return NOTHING
    mine = account.currency
    unit = facts.price * facts.scale + limits.fee_per_share
    return against(
        "G19",
        f"{shares(leaves)} {facts.order.symbol} may cost {money(needed, mine)} with fees; "
        f"{money(free, mine)} of cash is free ({money(reserved, mine)} is reserved by open "
        f"orders); {at_most((free - limits.fee_minimum) / unit, facts.listed.lot)}.",
    )


def margin(facts: Facts) -> tuple[Reason, ...]:
    """G20: what the broker lends stays covered.

    A cash account borrows nothing: no shares or coins to sell short (its cash is G19's). In a
    margin account the equity less the order's fee is at least ``maintenance_margin`` times
    ``margin_buffer`` of the gross exposure of G18. Under the old day-trader rule an account with
    an equity under 25,000 and three day trades opens nothing more, coins excepted.
    """
    if not facts.raising:
        return NOTHING
    account, limits, mine = facts.account, facts.limits, facts.account.currency
    if account.margin is MarginRegime.CASH:
        if facts.short > 0 and facts.listed.asset_class in BORROWED:
            return against("G20", "A cash account can't sell what it doesn't own.")
        return NOTHING
    equity = _equity(facts)
    found: tuple[Reason, ...] = NOTHING
    left = equity - fee(limits, facts.leaves)
    must = facts.gross * limits.maintenance_margin * limits.margin_buffer
    if left < must:
        found += against(
            "G20",
            f"The equity would be {money(left, mine)}, under the {money(must, mine)} that must "
            "stay for what would be in the market; ask for less.",
        )
    if (
        account.margin is MarginRegime.LEGACY_PDT
        and facts.listed.asset_class is not AssetClass.CRYPTO
        and equity < DAY_TRADER_EQUITY
        and facts.activity.day_trades >= DAY_TRADES
    ):
        found += against(
            "G20",
            f"There were {facts.activity.day_trades} day trades and the equity is under "
            f"{money(DAY_TRADER_EQUITY, mine)}; only orders that make a position smaller are let "
            "through.",
        )
    return found


def _equity(facts: Facts) -> Decimal:
    if facts.equity is None:
        raise Incomplete
    return facts.equity
