"""The exits of a bracket or OCO order in the venue's record: made, held, released and ended."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tools.domain.altering import altered
from tools.domain.legs import legs
from tools.domain.order import OrderGroup, OrderState
from tools.execution.brokers.paper.placed import Placed
from tools.execution.brokers.paper.resting import Progress
from tools.execution.brokers.paper.taking import ZERO


def with_exits(placed: Placed) -> tuple[Placed, ...]:
    """An order and its exits: those of a bracket are held, those of an OCO order work with it."""
    order, key = placed.order, placed.key
    if order.group is OrderGroup.SIMPLE:
        return (placed,)
    bracket = order.group is OrderGroup.BRACKET
    exits = tuple(
        altered(
            placed,
            order=leg,
            collar=None,
            state=OrderState.HELD if bracket else placed.state,
            progress=Progress(placed.progress.left),
            carried=ZERO,
            entry=key if bracket else "",
            pair=key,
        )
        for leg in legs(order)
    )
    return (placed if bracket else altered(placed, pair=key), *exits)


def group_of(placed: Placed, orders: Sequence[Placed]) -> tuple[Placed, ...]:
    """The other open exits of the same position, and the exits that wait for this order."""
    return tuple(
        other
        for other in orders
        if other.key != placed.key
        and (other.entry == placed.key or (placed.pair and other.pair == placed.pair))
    )


def released(
    placed: Placed, others: Sequence[Placed], successor: Placed | None
) -> Iterator[Placed]:
    """What the end of an order by a person makes of the others of its group.

    An exit replaced alone leaves the other one as it is; an order replaced with its exits ends
    the old ones, which the successor has anew.
    """
    filled = placed.carried + placed.traded
    for other in others:
        if successor is not None:
            if other.entry == placed.key or successor.order.group is not OrderGroup.SIMPLE:
                why = "the order that it belongs to was replaced"
                yield altered(other, state=OrderState.CANCELED, reason=why)
        elif other.entry == placed.key and filled > 0:
            progress = altered(other.progress, left=filled)
            yield altered(other, state=OrderState.ACCEPTED, progress=progress)
        else:
            why = "its entry was canceled" if other.entry == placed.key else "the other exit ended"
            yield altered(other, state=OrderState.CANCELED, reason=why)
