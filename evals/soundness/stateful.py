"""A long life of one account: orders, fills, cancels and prices, with the gate deciding each time.

After every step the account is held against what must be true whatever happened, however the
orders that were let through were filled.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from evals.soundness.making import SYMBOLS, rules_from, wish_from
from evals.soundness.oracle import breaches, worst_fill
from evals.soundness.world import Held, Wish, Working, World

Passes = Callable[[World, Wish], bool]
"""Whether the gate lets an order through, with a person's yes."""

LIFE = 2_000
"""Steps before another account with other limits begins."""


def live(steps: int, seed: int, passes: Passes) -> tuple[list[str], int]:
    """What was found wrong in ``steps`` steps, and how many orders were let through."""
    r, passed = Random(seed), 0  # noqa: S311 (a seed that anybody may know)
    wrong: list[str] = []
    world = _begun(r)
    for step in range(1, steps + 1):
        if step % LIFE == 0:
            world = _begun(r)
        passed += _step(r, world, step, passes, wrong)
        wrong += [f"seed {seed} step {step}: {said}" for said in _untrue(world)]
        if len(wrong) > 20:
            break
    return wrong, passed


def _begun(r: Random) -> World:
    rules = rules_from(r)
    world = World(
        rules=rules,
        cash=10_000_000,
        held={},
        working=[],
        symbol=SYMBOLS[0],
        bid=0,
        ask=0,
        price_days=0,
        volume=5_000_000,
        low_band=0,
        high_band=0,
        halted=False,
        tradable=True,
        borrow="easy",
        short_restricted=False,
        mode="active",
        reconciled_s=0,
        differences=False,
        connected=True,
        equity_open=10_000_000,
        equity_peak=10_000_000,
        sent_today=0,
        messages_account=0,
        messages_symbol=0,
        executions=0,
        disabled=False,
        twins=0,
        approved=True,
    )
    world.marks = {symbol: r.choice((500, 3_000, 20_000)) for symbol in SYMBOLS}
    return world


def _step(r: Random, world: World, number: int, passes: Passes, wrong: list[str]) -> int:
    what = r.random()
    if what < 0.45:
        return _ordered(r, world, number, passes, wrong)
    if what < 0.80 and world.working:
        _filled(r, world, r.choice(world.working))
    elif what < 0.85 and world.working:
        world.working.remove(r.choice(world.working))
    elif what < 0.97:
        symbol = r.choice(SYMBOLS)
        world.marks[symbol] = max(
            world.marks[symbol] * r.choice((97, 99, 100, 101, 103)) // 100, 50
        )
        if symbol in world.held:
            world.held[symbol].mark = world.marks[symbol]
    else:
        _next_day(world)
    return 0


def _ordered(r: Random, world: World, number: int, passes: Passes, wrong: list[str]) -> int:
    world.symbol = r.choice(SYMBOLS)
    price = world.marks[world.symbol]
    world.bid, world.ask = price, price + r.choice((0, 1, 2))
    wish = wish_from(r, world, number)
    if not passes(world, wish):
        return 0
    found = breaches(world, wish)
    if found:
        wrong.append(f"{wish} passed in {world} against {sorted(found)}")
    old = next((o for o in world.working if o.key == wish.replaces), None)
    filled = 0
    if old is not None:
        world.working.remove(old)
        filled = old.filled
    worst = worst_fill(world, wish)
    if not wish.buys:
        worst = max(world.bid, wish.limit, wish.stop)
    limit = wish.limit if wish.kind in ("limit", "stop_limit") else 0
    left = wish.shares - filled
    if left:
        world.working.append(
            Working(wish.key, wish.symbol, wish.buys, left, worst, limit, filled=filled)
        )
    world.sent_today += wish.shares * worst
    return 1


def _filled(r: Random, world: World, order: Working) -> None:
    """Some of an order at a price no worse than it may have."""
    shares = r.randint(1, order.left)
    price = order.worst if order.buys else max(order.worst * 90 // 100, 1)
    signed = shares if order.buys else -shares
    world.cash -= signed * price + (world.rules.fee_minimum if not order.filled else 0)
    held = world.held.setdefault(order.symbol, Held(0, world.marks[order.symbol]))
    held.shares += signed
    order.left -= shares
    order.filled += shares
    if not order.left:
        world.working.remove(order)


def _next_day(world: World) -> None:
    world.sent_today = 0
    world.equity_open = max(world.equity(), 1)
    world.equity_peak = max(world.equity_peak, world.equity_open)


def _untrue(world: World) -> list[str]:
    """What must hold whatever was filled; empty when all of it does."""
    rules, said = world.rules, []
    for symbol, held in world.held.items():
        buys = sum(o.left for o in world.working if o.symbol == symbol and o.buys)
        sells = sum(o.left for o in world.working if o.symbol == symbol and not o.buys)
        if held.shares + buys > max(rules.max_long, held.shares):
            said.append(f"{symbol}: {held.shares} held and {buys} on the way in: over the limit")
        if held.shares - sells < min(-rules.max_short, held.shares) and sells:
            said.append(f"{symbol}: {held.shares} held and {sells} on the way out: over the limit")
    if not _shorts(world) and world.cash < 0:
        said.append(f"cash is {world.cash}")
    if len(world.working) > rules.per_account:
        said.append(f"{len(world.working)} orders are open")
    return said


def _shorts(world: World) -> bool:
    """Whether anything is short or may become so: only then may cash have another sign."""
    return world.rules.short_selling and world.rules.max_short > 0
