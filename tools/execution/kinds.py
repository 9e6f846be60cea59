"""The kinds of event in the journal; a desk that meets another keeps it and goes on."""

from __future__ import annotations

from enum import StrEnum


class Kind(StrEnum):
    """What happened. Those of an account and not of one order have an empty order id."""

    PROPOSED = "proposed"
    VERDICT = "verdict"
    APPROVED = "approved"
    DECLINED = "declined"
    APPROVAL_EXPIRED = "approval_expired"
    CANCEL_REQUESTED = "cancel_requested"
    CANCELED = "canceled"
    SEND_INTENT = "send_intent"
    PENDING_REPLACE = "pending_replace"
    OUTCOME_UNKNOWN = "outcome_unknown"
    # The venue said that it has never seen the order; SETTLED is what the desk concluded from that.
    NOT_SEEN = "not_seen"
    SETTLED = "settled"
    # An exit that the venue made of a bracket or OCO order, and an order that somebody sent past
    # this desk: both begin a record, as PROPOSED does.
    LEG = "leg"
    EXTERNAL = "external"
    VENUE = "venue"
    FILL = "fill"
    # An answer of the venue lacked an execution that we know of, or has it again. One such answer
    # may only be behind; the second in a row is a BUST.
    MISSING = "missing"
    # The venue took an execution back, or told it again with other figures.
    BUST = "bust"
    CORRECT = "correct"
    # What changed the account without a trade: a dividend, a split, a fee.
    ENTRY = "entry"
    # Something that a person must hear of; it stops nothing by itself.
    ALARM = "alarm"
    # The desk's own watch stops trading until a person resumes.
    TRIPPED = "tripped"
    RECONCILED = "reconciled"
    MODE = "mode"
    LIMITS = "limits"
    EQUITY = "equity"
    STRATEGY = "strategy"
