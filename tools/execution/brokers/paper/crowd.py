"""Several orders in one symbol and one market event: who gets what of it, and in which order.

Price-time priority: on each side those that take at any price come first, then the better limit,
then the earlier order; between the sides the earlier has its turn. All share one event's volume. Of
two exits of the same position the stop comes first, so that a bar that reaches both is a loss.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from heapq import merge

from tools.domain.altering import altered
from tools.domain.making import quickly_made
from tools.domain.market import Bar, Quote
from tools.domain.order import OrderState
from tools.execution.brokers.paper.matching import meet
from tools.execution.brokers.paper.resting import MarketEvent, Progress, Resting, Step, Trade
from tools.execution.brokers.paper.stops import in_bar
from tools.execution.brokers.paper.taking import ZERO
from tools.execution.brokers.paper.terms import Terms

S = OrderState
IN_MARKET = frozenset({S.ACCEPTED, S.PARTIAL})
ALIVE = IN_MARKET | {S.HELD}


@quickly_made
@dataclass(frozen=True, slots=True)
class Live:
    """An order, how far it is, and its state; ``reason`` says why it ended.

    ``entry`` is the order that a held exit waits for. Orders with the same ``pair`` are exits of
    the same position: what one of them trades is no longer left for the other. ``filled`` is what
    it has traded, and what the orders that it replaced have.
    """

    resting: Resting
    progress: Progress
    state: OrderState
    reason: str = ""
    entry: str = ""
    pair: str = ""
    filled: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class Swept:
    """The orders after an event, in the same sequence, and the trades by the order's key.

    ``turned`` says that the order of their turns may be another now.
    """

    lives: tuple[Live, ...]
    trades: tuple[tuple[str, Trade], ...]
    turned: bool = False


Meets = Callable[[Resting], bool]


def sweep(
    lives: Sequence[Live],
    event: MarketEvent,
    room: Callable[[int], Decimal],
    terms: Terms,
    meets: Meets = lambda resting: True,
    order: Sequence[int] | None = None,
) -> Swept:
    """Let every order that ``meets`` the event meet it, in the ``order`` that ``turns`` gave.

    ``room`` is what the event has for buys (+1) and sells (-1); a bar and a trade have one room for
    both sides, a quote has one on each.
    """
    now = list(lives)
    trades: list[tuple[str, Trade]] = []
    both = not isinstance(event, Quote)
    free: dict[int, Decimal] = {}
    turned = False
    for at in turns(lives) if order is None else order:
        live = now[at]
        if not meets(live.resting):
            continue
        if live.state not in IN_MARKET or live.progress.left <= 0:
            continue  # another one's trade ended it a moment ago
        side = 1 if both else live.resting.sign
        if side not in free:
            free[side] = room(side)
        step = meet(live.resting, live.progress, event, free[side], terms)
        if step.trade is not None:
            trades.append((live.resting.key, step.trade))
            free[side] -= step.trade.quantity
        if step.progress is live.progress and step.trade is None and step.end is None:
            continue
        changed = stepped(live, step)
        now[at] = changed
        turned = turned or changed.progress.triggered != live.progress.triggered
        if step.trade is not None or step.end is not None:
            turned = True
            coupled(now, at, ZERO if step.trade is None else step.trade.quantity)
            if changed.state not in ALIVE and isinstance(event, Bar):
                _rest_of_bar(now, changed, event, free, terms, trades)
    return Swept(tuple(now), tuple(trades), turned)


def stepped(live: Live, step: Step) -> Live:
    """The order after a step."""
    traded = ZERO if step.trade is None else step.trade.quantity
    state = step.end or (S.PARTIAL if traded else live.state)
    return altered(
        live,
        progress=step.progress,
        state=state,
        reason=step.reason if step.end else live.reason,
        filled=live.filled + traded,
    )


def ended(live: Live, state: OrderState, reason: str) -> Live:
    """The order, ended; one that had ended before is left as it was."""
    return live if live.state not in ALIVE else altered(live, state=state, reason=reason)


def coupled(now: list[Live], at: int, traded: Decimal) -> None:
    """What a trade or the end of ``now[at]`` means for the other exits and for those it holds."""
    live = now[at]
    over = live.state not in ALIVE
    for other, one in enumerate(now):
        if other == at or one.state not in ALIVE:
            continue
        if live.pair and one.pair == live.pair:
            left = one.progress.left - traded
            if left <= 0:
                now[other] = ended(one, S.CANCELED, "the other exit traded all that was held")
            elif over:
                now[other] = ended(one, S.CANCELED, f"the other exit ended: {live.state.value}")
            elif traded:
                now[other] = altered(one, progress=altered(one.progress, left=left))
        elif over and one.entry == live.resting.key:
            if live.filled <= 0:
                now[other] = ended(one, S.CANCELED, "its entry ended without a trade")
            else:
                now[other] = altered(
                    one, state=S.ACCEPTED, progress=altered(one.progress, left=live.filled)
                )


def turns(lives: Sequence[Live]) -> list[int]:
    """In which order those in the market have their turn."""
    sides: dict[int, list[int]] = {1: [], -1: []}
    for at, live in enumerate(lives):
        if live.state in IN_MARKET:
            sides[live.resting.sign].append(at)

    def best_first(at: int) -> tuple[int, Decimal, int]:
        resting, progress = lives[at].resting, lives[at].progress
        if resting.limit is None or (resting.waits and not progress.triggered):
            return 0, ZERO, resting.arrival
        return 1, -resting.sign * resting.limit, resting.arrival

    buys, sells = (sorted(side, key=best_first) for side in sides.values())
    return list(merge(buys, sells, key=lambda at: lives[at].resting.arrival))


def _rest_of_bar(
    now: list[Live],
    entry: Live,
    bar: Bar,
    free: dict[int, Decimal],
    terms: Terms,
    trades: list[tuple[str, Trade]],
) -> None:
    """A stop that an entry released within a bar meets the rest of it: its worst may follow.

    Its take-profit does not: that the best came after the entry is not known.
    """
    for at, live in enumerate(now):
        if live.entry != entry.resting.key or live.state not in IN_MARKET:
            continue
        if not live.resting.waits or in_bar(live.resting, live.progress, bar)[0] is None:
            continue
        step = meet(live.resting, live.progress, bar, free[1], terms)
        now[at] = stepped(live, step)
        if step.trade is not None:
            trades.append((live.resting.key, step.trade))
            free[1] -= step.trade.quantity
        if step.trade is not None or step.end is not None:
            coupled(now, at, ZERO if step.trade is None else step.trade.quantity)
