"""Random worlds and orders from a seed: most near some limit, where mistakes are made."""

from __future__ import annotations

from random import Random

from evals.soundness.world import ONE, Held, Rules, Wish, Working, World

SYMBOLS = ("AAA", "BBB", "CCC", "DDD")
KINDS = ("market", "market", "limit", "limit", "limit", "stop", "stop_limit")
RARELY = 0.03


def rules_from(r: Random) -> Rules:
    """One set of limits: most of them wide, so that the few tight ones decide."""
    sectors = {symbol: r.choice(("tech", "oil", "")) for symbol in SYMBOLS}
    return Rules(
        collar=r.choice((0, 100, 500, 2_000, 2_000)),
        banded_collar=r.choice((500, 1_000, 3_000)),
        passive=r.choice((1_000, 3_000, 9_000)),
        spread=r.choice((50, 500, 2_000)),
        max_shares=r.choice((50, 1_000, 100_000, 100_000)),
        max_value=r.choice((2_500_000, 100_000_000, 100_000_000)),
        order_equity=r.choice((500, 2_000, ONE, 3 * ONE)),
        volume_share=r.choice((10, ONE, ONE)),
        max_long=r.choice((100, 1_000, 100_000)),
        max_short=r.choice((0, 100, 10_000, 10_000)),
        concentration=r.choice((2_500, ONE, 3 * ONE, 9 * ONE)),
        sector=r.choice((5_000, 3 * ONE, 9 * ONE)),
        gross=r.choice((3_000, 3 * ONE, 9 * ONE)),
        net=r.choice((2_000, 3 * ONE, 9 * ONE)),
        day_loss=r.choice((100, 1_000, ONE)),
        drawdown=r.choice((1_000, 2_500, ONE)),
        day_value=r.choice((1_000_000, 10_000_000, 10**10)),
        fee_minimum=r.choice((0, 100)),
        per_symbol=r.choice((1, 3, 5)),
        per_account=r.choice((2, 8, 20)),
        messages_account=r.choice((10, 60)),
        messages_symbol=r.choice((5, 20)),
        executions=r.choice((3, 30)),
        stale_days=r.choice((0, 3, 5)),
        stale_reconciliation=r.choice((30, 120)),
        short_selling=r.random() < 0.8,
        restricted=("DDD",) if r.random() < 0.2 else (),
        sectors={symbol: name for symbol, name in sectors.items() if name},
    )


def world_from(r: Random, rules: Rules) -> World:
    """An account and a market under ``rules``."""
    middle = {symbol: r.choice((150, 3_000, 20_000, 90_000)) for symbol in SYMBOLS}
    held = {
        symbol: Held(
            r.choice((-200, -50, 20, 20, 100, 100, 400)),
            price,
            r.choice((0, 1, 9)) if _rare(r) else 0,
        )
        for symbol, price in middle.items()
        if r.random() < 0.5
    }
    symbol = r.choice(SYMBOLS)
    spread = r.choice((0, 1, 2, max(1, middle[symbol] // 50)))
    bid = max(middle[symbol] - spread // 2, 1)
    banded = r.random() < 0.3
    equity = r.choice((1_000_000, 10_000_000, 10_000_000, 50_000_000))
    cash = equity - sum(h.shares * h.mark for h in held.values())
    return World(
        rules=rules,
        cash=cash,
        held=held,
        working=[_working(r, n, middle) for n in range(r.choice((0, 0, 1, 2, 4, 8)))],
        symbol=symbol,
        bid=bid,
        ask=bid + spread,
        price_days=r.choice((0, 0, 0, 1, 4, 9)) if _rare(r) else 0,
        volume=r.choice((1_000, 100_000, 5_000_000)),
        low_band=bid * 95 // 100 if banded else 0,
        high_band=(bid + spread) * 105 // 100 if banded else 0,
        halted=_rare(r),
        tradable=not _rare(r),
        borrow=r.choice(("easy",) * 6 + ("hard", "none")),
        short_restricted=r.random() < 0.1,
        mode=r.choice(("active",) * 8 + ("reduce_only", "halted")),
        reconciled_s=r.choice((0, 20, 200)) if _rare(r) else 1,
        differences=_rare(r),
        connected=not _rare(r),
        equity_open=equity * r.choice((98, 100, 100, 105)) // 100,
        equity_peak=equity * r.choice((100, 104, 120)) // 100,
        sent_today=r.choice((0, 0, 0, 900_000, 9_000_000)),
        messages_account=r.choice((0, 0, 3, 9, 12)),
        messages_symbol=r.choice((0, 0, 2, 6)),
        executions=r.choice((0, 2, 40)) if _rare(r) else 0,
        disabled=_rare(r),
        twins=r.choice((0,) * 8 + (1, 2)),
        approved=r.random() < 0.6,
    )


def wish_from(r: Random, world: World, number: int) -> Wish:
    """An order in ``world``, often at the very edge of something."""
    kind, buys = r.choice(KINDS), r.random() < 0.5
    touch = world.ask if buys else world.bid
    rules = world.rules
    edges = (rules.max_shares, rules.max_long, rules.max_value // max(touch, 1))
    shares = max(r.choice(edges) + r.choice((-1, 0, 0, 1)), 1)
    if r.random() < 0.7:
        shares = r.choice((1, 5, 10, 30, 100))
    held = world.held.get(world.symbol)
    if held and held.shares and r.random() < 0.3:
        shares = max(abs(held.shares) + r.choice((-1, 0, 1)), 1)
        buys = held.shares < 0 or r.random() < 0.1
    limit = stop = 0
    near = r.choice((0, 0, 1, -1, rules.collar, -rules.collar, rules.passive, 50, -50))
    if kind in ("limit", "stop_limit"):
        limit = max(touch * (ONE + near) // ONE + r.choice((-1, 0, 1)), 1)
    if kind in ("stop", "stop_limit"):
        away = r.choice((-1, 0, 1, 100, 300)) * (1 if buys else -1)
        stop = max(touch * (ONE + away) // ONE, 1)
        if kind == "stop_limit" and r.random() < 0.8:
            limit = max(stop + (5 if buys else -5), 1)
    replaces = ""
    mine = [o for o in world.working if o.symbol == world.symbol]
    if mine and r.random() < 0.15:
        old = r.choice(mine)
        replaces, buys = old.key, old.buys if r.random() < 0.9 else buys
    return Wish(f"wish-{number}", world.symbol, buys, shares, kind, limit, stop, replaces)


def _working(r: Random, number: int, middle: dict[str, int]) -> Working:
    symbol, buys = r.choice(SYMBOLS), r.random() < 0.5
    price = middle[symbol] * r.choice((90, 97, 100, 103, 110)) // 100
    return Working(
        key=f"open-{number}",
        symbol=symbol,
        buys=buys,
        left=r.choice((1, 10, 10, 100)),
        worst=price,
        limit=price if r.random() < 0.8 else 0,
        unknown=_rare(r),
        changing=_rare(r),
        filled=r.choice((0, 0, 5)),
    )


def _rare(r: Random) -> bool:
    return r.random() < RARELY
