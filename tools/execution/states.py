"""The whitelist of moves between an order's states; every other move raises Conflict.

Of the venue's words each has a rank. Words that may have come late, twice or out of order only move
an order up in rank, so any order of the same words ends in the same state. A word on a question
that was asked after all that is known may also move it back among the states of an order that
lives: the venue was slow to cancel, or took up again what it had suspended.
"""

from __future__ import annotations

from tools.domain.errors import Conflict
from tools.domain.order import OrderState

S = OrderState

LIVE = (
    S.SENT,
    S.HELD,
    S.ACCEPTED,
    S.PARTIAL,
    S.DONE_FOR_DAY,
    S.SUSPENDED,
    S.PENDING_CANCEL,
    S.PENDING_REPLACE,
    S.NEEDS_HUMAN,
)
"""What a venue may say of an order that can still trade, the weakest word first."""

ENDED = (S.REJECTED, S.EXPIRED, S.CANCELED, S.REPLACED, S.FILLED_LATE, S.FILLED)
"""What it may say of one that can't, the weakest word first; each outranks every living state."""

RANK = {state: rank for rank, state in enumerate((*LIVE, *ENDED), 1)}
"""The rank of the venue's words; what the desk concluded by itself ranks below all of them."""

_VENUE = frozenset(RANK) - {S.FILLED_LATE}
# The ends of an order that the venue has proved never to have seen.
_NEVER_ARRIVED = frozenset({S.DENIED, S.APPROVAL_EXPIRED, S.CANCELED, S.NOT_FOUND})
# What the desk concluded without the venue's word, which overrules it.
CONCLUDED = frozenset({S.DENIED, S.APPROVAL_EXPIRED, S.CANCELED, S.NOT_FOUND})

MOVES: dict[OrderState, frozenset[OrderState]] = {
    S.PROPOSED: frozenset({S.DENIED, S.AWAITING_APPROVAL, S.APPROVED, S.CANCELED}),
    S.AWAITING_APPROVAL: frozenset({S.APPROVED, S.DECLINED, S.APPROVAL_EXPIRED, S.CANCELED}),
    S.APPROVED: frozenset({S.SEND_INTENT, S.DENIED, S.APPROVAL_EXPIRED, S.CANCELED}),
    # SEND_INTENT and UNKNOWN lead back to SEND_INTENT only with the same client order id, and only
    # at a venue that keeps ids unique.
    S.SEND_INTENT: _VENUE | _NEVER_ARRIVED | {S.UNKNOWN, S.SEND_INTENT},
    S.UNKNOWN: _VENUE | _NEVER_ARRIVED | {S.SEND_INTENT},
    **{live: _VENUE | {S.FILLED_LATE} for live in LIVE},
    S.NEEDS_HUMAN: _VENUE | {S.FILLED_LATE, S.NOT_FOUND, S.CANCELED, S.SEND_INTENT},
    S.DECLINED: frozenset(),
    # The ends: a stronger word of the venue, a fill that came late, or a bust that opens it again.
    **{end: _VENUE | {S.FILLED_LATE} for end in (*ENDED, *CONCLUDED)},
}

RESERVING = frozenset({S.APPROVED, S.SEND_INTENT, S.UNKNOWN, *LIVE} - {S.HELD})
"""Orders whose exposure and cash count in full: at the venue, on the way there, or maybe there.

An exit that waits for its entry counts from when it is active.
"""

UNSETTLED = frozenset({S.APPROVED, S.SEND_INTENT, S.UNKNOWN})
"""Orders that a killed process may have left between the journal and the venue."""

RESTING = frozenset(LIVE)
"""Orders that the venue has, or wants a person to say whether it has, and that may still trade."""

REPLACEABLE = frozenset({S.ACCEPTED, S.PARTIAL, S.HELD, S.DONE_FOR_DAY})
"""Orders that another may take the place of: no change of them is under way."""


def may_move(old: OrderState, new: OrderState) -> bool:
    """Whether the move is on the list."""
    return new in MOVES[old]


def move(old: OrderState, new: OrderState, order_id: str) -> OrderState:
    """The new state; raises Conflict when the list doesn't have the move."""
    if not may_move(old, new):
        raise Conflict(f"order {order_id} is {words(old)} and can't become {words(new)}")
    return new


def words(state: OrderState) -> str:
    """The state as people say it."""
    return state.value.replace("_", " ")
