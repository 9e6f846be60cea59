"""The whitelist of moves between an order's states; every other move raises Conflict."""

from __future__ import annotations

from tools.domain.errors import Conflict
from tools.domain.order import TERMINAL, OrderState

S = OrderState

# The venue's word: what it may say of an order that it has, or may have.
_AT_VENUE = frozenset({S.ACCEPTED, S.PARTIAL, S.FILLED, S.CANCELED, S.EXPIRED, S.REJECTED})
# The ends of an order that the venue has proved never to have seen.
_NEVER_ARRIVED = frozenset({S.DENIED, S.APPROVAL_EXPIRED, S.CANCELED})

MOVES: dict[OrderState, frozenset[OrderState]] = {
    S.PROPOSED: frozenset({S.DENIED, S.AWAITING_APPROVAL, S.APPROVED, S.CANCELED}),
    S.AWAITING_APPROVAL: frozenset({S.APPROVED, S.DECLINED, S.APPROVAL_EXPIRED, S.CANCELED}),
    S.APPROVED: frozenset({S.SEND_INTENT, S.DENIED, S.APPROVAL_EXPIRED, S.CANCELED}),
    # SEND_INTENT and UNKNOWN lead back to SEND_INTENT only with the same client order id, and only
    # at a venue that keeps ids unique.
    S.SEND_INTENT: _AT_VENUE | _NEVER_ARRIVED | {S.UNKNOWN, S.SEND_INTENT},
    S.UNKNOWN: _AT_VENUE | _NEVER_ARRIVED | {S.SEND_INTENT},
    S.ACCEPTED: frozenset({S.PARTIAL, S.FILLED, S.CANCELED, S.EXPIRED, S.REJECTED}),
    S.PARTIAL: frozenset({S.PARTIAL, S.FILLED, S.CANCELED, S.EXPIRED}),
    **{end: frozenset() for end in TERMINAL},
}

RESERVING = frozenset({S.APPROVED, S.SEND_INTENT, S.UNKNOWN, S.ACCEPTED, S.PARTIAL})
"""Orders whose exposure and cash count in full: at the venue, on the way there, or maybe there."""

UNSETTLED = frozenset({S.APPROVED, S.SEND_INTENT, S.UNKNOWN})
"""Orders that a killed process may have left between the journal and the venue."""

RESTING = frozenset({S.ACCEPTED, S.PARTIAL})
"""Orders that the venue has and that may still trade."""


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
