"""How long a run will be and what it costs, told before it begins and after its first question."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tools.domain.errors import InputError

if TYPE_CHECKING:
    from agents.recording import Recording

LEAST, MOST = 4, 24
"""Calls of a model for a question: four agents, of which each may ask it six times."""

MOST_CALLS = 2_000
SECONDS = 0.1
LONG = 100


def ahead(questions: int, kept: int, recording: Recording | None, *, played: bool) -> str:
    """What is ahead of a run of so many questions, of which some are answered; empty for a short.

    Raises InputError when a model would have to be asked more often than it may.
    """
    left = questions - kept
    begun = f"{kept:,} of {questions:,} questions are answered already. " if kept else ""
    if recording is None or played:
        if questions < LONG and not kept:
            return ""
        who = "the recording" if played else "the planner"
        return (
            f"{begun}{left:,} questions are ahead; {who} takes about {SECONDS:g} s for each, so "
            f"about {_time(left * SECONDS)}."
        )
    most = recording.most_calls
    if most is not None and left * LEAST > most:
        raise InputError(
            f"{left:,} questions take at least some {left * LEAST:,} calls of {recording.model}, "
            f"and --most-calls allows {most:,}. Ask less often (--every week or month), over fewer "
            "days, or allow more."
        )
    limit = "" if most is None else f"; it ends after {most:,} (--most-calls)"
    return (
        f"{begun}{left:,} questions are ahead, with {LEAST} to {MOST} calls of {recording.model} "
        f"each: {left * LEAST:,} to {left * MOST:,} calls{limit}."
    )


def after_the_first(left: int, recording: Recording, before: tuple[int, int]) -> str:
    """What the first question took of a model, and what the rest would at that; empty if nothing.

    ``before`` are the requests and the tokens until then.
    """
    calls, tokens = recording.requests - before[0], recording.tokens - before[1]
    if not calls or not left or not recording.calls:
        return ""
    told = f" and {tokens:,} tokens" if tokens else ""
    rest = f" and {left * tokens:,} tokens" if tokens else " (it doesn't tell its tokens)"
    return (
        f"The first question took {calls} calls{told}: at that the other {left:,} take "
        f"{left * calls:,} calls{rest}."
    )


def _time(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min"
