"""Ask again after a wait that grows and is never the same, within a budget of time."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from tools.market_data.feeds.resilience.failure import Unanswered
from tools.market_data.feeds.resilience.policy import Policy, Waiting

if TYPE_CHECKING:
    from tenacity import RetryCallState

T = TypeVar("T")


def persistently(
    question: Callable[[], T], policy: Policy, waiting: Waiting, go_on: Callable[[float], bool]
) -> T:
    """The first answer of ``question``; raises its last Unanswered, and any other error at once.

    Waits are drawn evenly from nothing to ``first_wait_s``, doubled each time ("full jitter",
    Brooker, AWS Architecture Blog, 2015), and are added to what the source asked for. It gives up
    when a wait would end after the budget, and when ``go_on`` of that wait in seconds is False.
    """
    began = waiting.monotonic()
    try:
        return question()  # most often that is all: the library is loaded only for the rest
    except Unanswered as error:
        if not error.again:
            raise
        first = [error]

    from tenacity import Retrying, retry_if_exception

    def attempt() -> T:
        if first:
            raise first.pop()
        return question()

    def pause(state: RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome else None
        asked = error.retry_after_s if isinstance(error, Unanswered) else None
        drawn = waiting.draw.uniform(0, policy.first_wait_s * 2 ** (state.attempt_number - 1))
        return drawn + (asked or 0.0)

    def enough(state: RetryCallState) -> bool:
        spent = waiting.monotonic() - began
        late = spent + state.upcoming_sleep >= policy.budget_s
        return state.attempt_number >= policy.attempts or late or not go_on(state.upcoming_sleep)

    retrying = Retrying(
        retry=retry_if_exception(lambda error: isinstance(error, Unanswered) and error.again),
        wait=pause,
        stop=enough,
        sleep=waiting.sleep,
        reraise=True,
    )
    return retrying(attempt)
