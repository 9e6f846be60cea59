"""What an order could lead to, worked out from its definition and held against the limits.

Written from the table of checks, not from the gate: integers only, nothing of ``tools.risk`` is
imported. ``breaches`` names every check that an order must not have passed. An order that the gate
lets through and that has a breach is a fault of the gate.
"""

from __future__ import annotations

from collections.abc import Iterator

from evals.soundness.world import ONE, Wish, Working, World

# A short is counted at no less than 1.03 times the ask.
SHORT_PERCENT = 103


def breaches(world: World, wish: Wish) -> set[str]:
    """The codes of every check that ``wish`` breaks in ``world``; empty when it may go."""
    return {
        *_stopped(world, wish),
        *_priced(world, wish),
        *_crossing(world, wish),
        *_sized(world, wish),
        *_exposed(world, wish),
        *_counted(world, wish),
    }


def worst_fill(world: World, wish: Wish) -> int:
    """The worst price, in cents, that a fill may have for the trader."""
    collar = _collar(world)
    if wish.kind in ("limit", "stop_limit"):
        return wish.limit
    touch = world.ask if wish.buys else world.bid
    start = wish.stop if wish.kind == "stop" else touch
    banded = world.low_band > 0 and world.high_band > 0 and wish.kind == "market"
    if wish.buys:
        worst = start * (ONE + collar) // ONE
        return min(worst, world.high_band) if banded else worst
    worst = -(-start * (ONE - collar) // ONE)
    return max(worst, world.low_band) if banded else worst


def adds_risk(world: World, wish: Wish) -> bool:
    """Whether it could open, grow or flip the position, with all that is on its way."""
    held = world.held[wish.symbol].shares if wish.symbol in world.held else 0
    against = -held if wish.buys else held
    if against <= 0:
        return True
    return _same_way(world, wish) + _new(world, wish) > against


def _collar(world: World) -> int:
    banded = world.low_band > 0 and world.high_band > 0
    return world.rules.banded_collar if banded else world.rules.collar


def _others(world: World, wish: Wish) -> list[Working]:
    """Working orders but the one that is replaced: its rest is what the new one takes over."""
    return [o for o in world.working if o.key != wish.replaces]


def _old(world: World, wish: Wish) -> Working | None:
    return next((o for o in world.working if o.key == wish.replaces), None)


def _new(world: World, wish: Wish) -> int:
    """Shares that may still trade for it: of a replacement the larger of the old and the new."""
    old = _old(world, wish)
    return wish.shares if old is None else max(wish.shares - old.filled, old.left)


def _same_way(world: World, wish: Wish) -> int:
    return sum(
        o.left for o in _others(world, wish) if o.symbol == wish.symbol and o.buys == wish.buys
    )


def _stopped(world: World, wish: Wish) -> Iterator[str]:
    rules, risky = world.rules, adds_risk(world, wish)
    if world.mode == "halted" or (world.mode == "reduce_only" and risky):
        yield "G01"
    if world.price_days > rules.stale_days:
        yield "G03"
    if risky and any(h.shares and h.mark_days > rules.stale_days for h in world.held.values()):
        yield "G03"
    late = world.reconciled_s > rules.stale_reconciliation
    lost = any(o.unknown and o.symbol == wish.symbol for o in world.working)
    if risky and (late or world.differences or not world.connected or lost):
        yield "G04"
    if world.halted:
        yield "G11"
    if not world.tradable or wish.symbol in rules.restricted:
        yield "G29"
    if risky and world.disabled:
        yield "G26"


def _priced(world: World, wish: Wish) -> Iterator[str]:
    rules, collar = world.rules, _collar(world)
    if not 0 < world.bid <= world.ask:
        yield "G12"
        return
    wide = 2 * (world.ask - world.bid) * ONE > rules.spread * (world.ask + world.bid)
    if wide and adds_risk(world, wish):  # who wants out may pay for it
        yield "G12"
    if wish.kind == "limit":
        if wish.buys and wish.limit * ONE > world.ask * (ONE + collar):
            yield "G10"
        if not wish.buys and wish.limit * ONE < world.bid * (ONE - collar):
            yield "G10"
        if abs(2 * wish.limit - world.bid - world.ask) * ONE > rules.passive * (
            world.bid + world.ask
        ):
            yield "G10"
    if wish.kind in ("stop", "stop_limit"):
        wrong = wish.stop < world.ask if wish.buys else wish.stop > world.bid
        if wrong:
            yield "G09"
    banded = bool(world.low_band) and wish.kind in ("limit", "stop_limit")
    if banded and not world.low_band <= wish.limit <= world.high_band:
        yield "G11"


def _crossing(world: World, wish: Wish) -> Iterator[str]:
    """An own order on the other side that this one could trade with."""
    mine = wish.limit if wish.kind in ("limit", "stop_limit") else 0
    for other in _others(world, wish):
        if other.symbol != wish.symbol or other.buys == wish.buys:
            continue
        bought, sold = (mine, other.limit) if wish.buys else (other.limit, mine)
        # An order without a limit meets any price; two limits meet when the buy reaches the sell.
        if not mine or not other.limit or bought >= sold:
            yield "G31"


def _sized(world: World, wish: Wish) -> Iterator[str]:
    rules, equity = world.rules, world.equity()
    if wish.shares > rules.max_shares:
        yield "G13"
    value = wish.shares * _value_price(world, wish)
    part = adds_risk(world, wish) and value * ONE > rules.order_equity * max(equity, 0)
    if value > rules.max_value or part:
        yield "G14"
    if wish.shares * ONE > rules.volume_share * world.volume:
        yield "G15"
    old = _old(world, wish)
    if wish.replaces and (
        old is None
        or old.changing
        or old.unknown
        or old.symbol != wish.symbol
        or old.buys != wish.buys
        or wish.shares < old.filled
    ):
        yield "G33"


def _value_price(world: World, wish: Wish) -> int:
    """What a share of it may stand for: at least the market, and more for a short."""
    if wish.buys:
        return worst_fill(world, wish)
    price = max(world.bid, wish.limit, wish.stop)
    if _short_after(world, wish) > 0:
        price = max(price, -(-world.ask * SHORT_PERCENT // 100))
    return price


def _short_after(world: World, wish: Wish) -> int:
    if wish.buys:
        return 0
    held = world.held[wish.symbol].shares if wish.symbol in world.held else 0
    return max(_same_way(world, wish) + _new(world, wish) - held, 0)


def _exposed(world: World, wish: Wish) -> Iterator[str]:
    rules, equity = world.rules, world.equity()
    held = world.held[wish.symbol].shares if wish.symbol in world.held else 0
    way = 1 if wish.buys else -1
    after = held + way * (_same_way(world, wish) + _new(world, wish))
    if wish.buys and after > rules.max_long:
        yield "G16"
    if not wish.buys and after < -rules.max_short:
        yield "G16"
    lent = rules.short_selling and world.borrow == "easy"
    below = world.short_restricted and wish.limit <= world.bid
    if _short_after(world, wish) > 0 and (not lent or below):
        yield "G30"
    if not adds_risk(world, wish):
        return
    mine = _value(world, wish, wish.symbol, way)
    if mine * ONE > rules.concentration * equity:
        yield "G17"
    # An order on the side that counts for less in its symbol makes neither sum larger.
    sector = rules.sectors.get(wish.symbol, "")
    together, gross = _gross(world, wish, sector), _gross(world, wish)
    larger = gross > _gross(world, _nothing(wish))
    if larger and together * ONE > rules.sector * equity:
        yield "G17"
    if larger and gross * ONE > rules.gross * equity:
        yield "G18"
    net = sum(_value(world, wish, symbol, way) for symbol in _symbols(world, wish))
    if net > 0 and net * ONE > rules.net * equity:
        yield "G18"
    needed = _new(world, wish) * _value_price(world, wish) + rules.fee_minimum
    taken = sum(o.left * o.worst + rules.fee_minimum for o in _others(world, wish) if o.buys)
    opening = _new(world, wish) if wish.buys else _short_after(world, wish)
    if opening and wish.buys and needed > world.cash - taken:
        yield "G19"


def _gross(world: World, wish: Wish, sector: str | None = None) -> int:
    """What is in the market, or in one sector of it: each symbol with the side larger at worst."""
    sectors = world.rules.sectors
    return sum(
        max(abs(_value(world, wish, symbol, 1)), abs(_value(world, wish, symbol, -1)))
        for symbol in _symbols(world, wish)
        if sector is None or sectors.get(symbol, "") == sector
    )


def _nothing(wish: Wish) -> Wish:
    """The same wish for no shares at all and in nobody's place."""
    return Wish(wish.key, wish.symbol, wish.buys, 0, wish.kind, wish.limit, wish.stop)


def _symbols(world: World, wish: Wish) -> set[str]:
    return {*world.held, *(o.symbol for o in world.working), wish.symbol}


def _value(world: World, wish: Wish, symbol: str, way: int) -> int:
    """A symbol's worth to one side (1 long, -1 short) if all that is open to that side fills."""
    found = world.held[symbol].shares * world.held[symbol].mark * way if symbol in world.held else 0
    for other in _others(world, wish):
        if other.symbol == symbol and (1 if other.buys else -1) == way:
            found += other.left * other.worst
    if wish.symbol == symbol and (1 if wish.buys else -1) == way:
        found += _new(world, wish) * _value_price(world, wish)
    return found


def _counted(world: World, wish: Wish) -> Iterator[str]:
    rules, risky = world.rules, adds_risk(world, wish)
    equity = world.equity()
    if risky and (world.equity_open - equity) * ONE > rules.day_loss * world.equity_open:
        yield "G21"
    if risky and (world.equity_peak - equity) * ONE > rules.drawdown * world.equity_peak:
        yield "G22"
    # What a replaced order has traded was counted when that one was sent.
    value = _new(world, wish) * _value_price(world, wish)
    if risky and world.sent_today + value > rules.day_value:
        yield "G23"
    if risky and (
        world.messages_account >= rules.messages_account
        or world.messages_symbol >= rules.messages_symbol
    ):
        yield "G24"
    if world.twins >= 2:
        yield "G25"
    if risky and world.executions > rules.executions:
        yield "G26"
    here = sum(o.symbol == wish.symbol for o in _others(world, wish))
    if here >= rules.per_symbol or len(_others(world, wish)) >= rules.per_account:
        yield "G28"
