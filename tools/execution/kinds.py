"""The kinds of event in the journal; a desk that meets another keeps it and goes on."""

from __future__ import annotations

from enum import StrEnum


class Kind(StrEnum):
    """What happened."""

    PROPOSED = "proposed"
    VERDICT = "verdict"
    APPROVED = "approved"
    DECLINED = "declined"
    APPROVAL_EXPIRED = "approval_expired"
    CANCEL_REQUESTED = "cancel_requested"
    CANCELED = "canceled"
    SEND_INTENT = "send_intent"
    OUTCOME_UNKNOWN = "outcome_unknown"
    VENUE = "venue"
    FILL = "fill"
    MODE = "mode"
