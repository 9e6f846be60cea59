"""What was not shown, and why: nothing is dropped silently."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class Counts:
    """``heard`` is everything that came; the others are parts of it that no price was made of.

    ``old``: happened well before what was shown already (a feed that sends yesterday again);
    ``ahead``: says that it happened after it was heard of; ``bad``: no price, or a bid above its
    ask; ``unasked``: of a symbol that nobody asked for; ``dropped``: made room for newer data when
    more came than could be worked off; ``unpublished``: the bus could not take it;
    ``unrecorded``: shown, but not written to the recording; ``uncomputed``: shown, but a feature
    of it failed; ``uncorrected``: a trade that was taken back and is no longer held, so that its
    bar stays as it was.
    """

    heard: int = 0
    old: int = 0
    ahead: int = 0
    bad: int = 0
    unasked: int = 0
    dropped: int = 0
    unpublished: int = 0
    unrecorded: int = 0
    uncomputed: int = 0
    uncorrected: int = 0
