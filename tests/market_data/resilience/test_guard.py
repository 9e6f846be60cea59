from __future__ import annotations

import random
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.market_data.clocks import SetClock
from tests.market_data.resilience.scripted import NOON, THURSDAY, NoTime, Scripted, bars_to
from tools.domain.errors import DataUnavailable
from tools.domain.feed_health import CircuitState
from tools.market_data.feeds.feed import (
    EconomicFeed,
    IntradayFeed,
    OptionsFeed,
    QuotingFeed,
    StreamingFeed,
)
from tools.market_data.feeds.resilience.backoff import persistently
from tools.market_data.feeds.resilience.failure import Unanswered
from tools.market_data.feeds.resilience.guard import guarded
from tools.market_data.feeds.resilience.policy import Policy, Waiting
from tools.market_data.feeds.sample import SampleFeed
from tools.market_data.market import Market


def raises(error):
    def do():
        raise error

    return do


def guard(feed, time=None, **named):
    time = time or NoTime()
    return guarded(feed, time.clock, waiting=time.waiting, **named)


def test_a_guarded_feed_offers_what_the_feed_offers_and_no_more():
    class Whole(Scripted):
        def status(self, symbol): ...
        def range(self, symbol, timeframe, start, end): ...
        def chain(self, underlying): ...
        def observations(self, series, as_of): ...
        def streams(self, symbol): ...
        def lists(self, symbol): ...
        def stream(self, symbols, heard): ...

        timeframes = ()

    kinds = (QuotingFeed, IntradayFeed, OptionsFeed, EconomicFeed, StreamingFeed)
    assert all(isinstance(guard(Whole()), kind) for kind in kinds)
    assert not any(isinstance(guard(SampleFeed()), kind) for kind in kinds)


def test_a_passing_failure_is_asked_again_and_nobody_notices():
    answers = [Unanswered("busy"), Unanswered("busy"), bars_to(THURSDAY)]

    def does():
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    time, feed = NoTime(), Scripted(does)
    kept = guard(feed, time)
    assert kept.bars("IBM") == bars_to(THURSDAY)
    assert kept.notice() == ""
    assert (feed.asked, len(time.slept)) == (3, 2)
    assert 0 < time.slept[0] <= 0.5
    assert time.slept[1] <= 1.0


def test_what_asking_again_cannot_mend_is_asked_once():
    feed, time = Scripted(raises(Unanswered("the key is wrong", again=False))), NoTime()
    assert guard(feed, time).bars("IBM") is None
    assert (feed.asked, time.slept) == (1, [])


def test_the_wait_that_the_source_asks_for_is_kept_to_before_it_is_asked_again():
    answers = [Unanswered("busy", retry_after_s=4.0, limited=True), bars_to(THURSDAY)]

    def does():
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    time = NoTime()
    kept = guard(Scripted(does), time)
    assert kept.bars("IBM")
    assert [4.0 < slept <= 4.5 for slept in time.slept] == [True]
    assert kept.health().state is CircuitState.CLOSED


def test_no_attempt_begins_after_the_budget():
    time, asked = NoTime(), []

    def attempt():
        asked.append(time.clock.wall())
        raise Unanswered("busy", retry_after_s=6.0)

    with pytest.raises(Unanswered):
        persistently(attempt, Policy(), time.waiting, lambda wait: True)
    assert len(asked) == 2  # a third would begin after more than ten seconds


@given(st.integers(), st.integers(1, 8))
def test_waits_are_random_and_below_a_bound_that_doubles(seed, attempts):
    time = NoTime(seed=seed)
    policy = Policy(attempts=attempts, budget_s=1e9)
    with pytest.raises(Unanswered):
        persistently(raises(Unanswered("busy")), policy, time.waiting, lambda wait: True)
    assert len(time.slept) == attempts - 1
    drawn = random.Random(seed)
    for count, slept in enumerate(time.slept):
        assert slept == drawn.uniform(0, 0.5 * 2**count)


def test_an_hour_of_429_costs_few_requests():
    clock = SetClock(NOON)
    feed = Scripted(raises(Unanswered("too many requests", limited=True)))
    kept = guarded(feed, clock, waiting=NoTime(clock).waiting)
    start = clock.wall()
    while clock.wall() < start + timedelta(hours=1):
        assert kept.bars("IBM") is None
        assert kept.notice() == "too many requests"
        clock.advance(timedelta(seconds=1))
    # Pauses of 1, 1, 1, 1, 2, 4, 8, 15, 15 and 15 minutes.
    assert feed.asked <= 10


def test_an_hour_of_429_with_retry_after_costs_one_request():
    clock = SetClock(NOON)
    feed = Scripted(raises(Unanswered("later", retry_after_s=3600, limited=True)))
    kept = guarded(feed, clock, waiting=NoTime(clock).waiting)
    for _ in range(3599):
        assert kept.bars("IBM") is None
        clock.advance(timedelta(seconds=1))
    assert feed.asked == 1


@given(st.lists(st.integers(0, 1200), max_size=80), st.booleans())
def test_an_open_circuit_lets_no_request_through(steps, limited):
    clock = SetClock(NOON)
    feed = Scripted(raises(Unanswered("no", limited=limited)))
    kept = guarded(feed, clock, waiting=NoTime(clock).waiting)
    for seconds in steps:
        clock.advance(timedelta(seconds=seconds))
        before, state = feed.asked, kept.health().state
        kept.bars("IBM")
        asked = feed.asked - before
        most = {CircuitState.OPEN: 0, CircuitState.HALF_OPEN: 1, CircuitState.CLOSED: 3}
        assert asked <= most[state]


def test_the_last_answer_is_given_with_its_age_when_the_feed_falls_silent():
    clock = SetClock(NOON)
    feed = Scripted()
    kept = guarded(feed, clock, waiting=NoTime(clock).waiting)
    good = kept.bars("IBM")
    clock.advance(timedelta(minutes=35))
    feed.does = raises(Unanswered("Scripted is down for maintenance.", again=False))
    assert kept.bars("IBM") == good
    assert kept.notice() == (
        "Scripted is down for maintenance; its answer of 2024-06-07 12:00 UTC, 35 minutes old, "
        "is used"
    )


def test_a_quote_is_never_an_older_one():
    feed = Scripted(lambda: "a quote")
    kept = guard(feed)
    assert kept.quote("IBM") == "a quote"
    feed.does = raises(Unanswered("no"))
    with pytest.raises(Unanswered, match="no"):
        kept.quote("IBM")


def test_without_an_older_answer_the_next_feed_answers_and_it_is_said():
    feed = Scripted(raises(Unanswered("Scripted did not answer.", again=False)))
    known = Market([guard(feed), SampleFeed()], SetClock(NOON)).history("IBM", NOON)
    assert known.feed == "sample"
    assert known.notice == "Scripted did not answer; these prices are from sample."


def test_a_feed_that_must_not_be_replaced_raises():
    feed = Scripted(raises(Unanswered("Scripted did not answer.")))
    with pytest.raises(Unanswered, match="did not answer"):
        guard(feed, yields=False).bars("IBM")


def test_a_plain_no_is_an_answer_and_opens_nothing():
    feed = Scripted(raises(DataUnavailable("no bid and ask now")))
    kept = guard(feed)
    for _ in range(10):
        with pytest.raises(DataUnavailable, match="no bid and ask now"):
            kept.quote("IBM")
    assert kept.health().state is CircuitState.CLOSED
    assert feed.asked == 10


def test_an_error_of_a_library_never_shows_the_key_in_its_text():
    feed = Scripted(raises(ConnectionError("https://x/?apikey=SECRET")))
    kept = guard(feed)
    assert kept.bars("IBM") is None
    assert kept.notice() == "scripted did not answer (ConnectionError)"
    assert "SECRET" not in repr(kept.health())


def test_a_feed_that_swallows_its_failure_is_left_alone_too():
    feed = Scripted(lambda: None)
    feed.words = "Scripted could not be reached"
    kept = guard(feed)
    for _ in range(10):
        assert kept.bars("IBM") is None
        assert kept.notice() == "Scripted could not be reached"
    assert feed.asked == 3
    assert kept.health().state is CircuitState.OPEN


def test_answers_that_a_feed_kept_itself_hide_no_failures():
    good = bars_to(THURSDAY)

    class Caching(Scripted):
        def bars(self, symbol):
            return good if symbol == "IBM" else self._answer()

    feed = Caching(raises(Unanswered("no", again=False)))
    kept = guard(feed)
    for _ in range(10):
        assert kept.bars("IBM") == good
        assert kept.bars("MSFT") is None
    assert feed.asked == 3


def test_a_kept_answer_does_not_close_the_circuit():
    good = bars_to(THURSDAY)
    clock = SetClock(NOON)
    feed = Scripted(lambda: good)
    kept = guarded(feed, clock, waiting=NoTime(clock).waiting)
    kept.bars("IBM")
    feed.does = raises(Unanswered("no"))
    kept.bars("MSFT")
    assert kept.health().state is CircuitState.OPEN
    clock.advance(timedelta(minutes=1))
    feed.does = lambda: good
    kept.bars("IBM")
    assert kept.health().state is CircuitState.HALF_OPEN
    feed.does = lambda: bars_to(THURSDAY)
    kept.bars("IBM")
    assert kept.health().state is CircuitState.CLOSED


def test_a_feed_that_sends_yesterday_again_is_told_and_the_newer_prices_stay():
    feed = Scripted(lambda: bars_to(THURSDAY))
    kept = guard(feed)
    kept.bars("IBM")
    feed.does = lambda: bars_to(date(2024, 6, 5))
    assert kept.bars("IBM")[-1].session == THURSDAY
    assert kept.notice() == (
        "scripted sent prices of IBM up to 2024-06-05 after it had sent them up to 2024-06-06; "
        "the newer ones are used"
    )


def test_prices_that_ended_long_ago_are_said_to_be_old():
    kept = guard(Scripted(lambda: bars_to(date(2024, 5, 3))))
    assert kept.bars("IBM")
    assert kept.notice() == (
        "the newest prices of IBM that scripted has are of 2024-05-03, though the session of "
        "2024-06-06 has ended: it may have been delisted, renamed or halted, or old prices are "
        "sent again"
    )


def test_a_weekend_and_a_holiday_make_no_prices_old():
    monday = SetClock(NOON.replace(month=5, day=28))  # the day after Memorial Day
    kept = guarded(Scripted(lambda: bars_to(date(2024, 5, 24))), monday)
    assert kept.bars("IBM")
    assert kept.notice() == ""


def test_health_tells_the_last_error_the_last_answer_and_the_newest_data():
    clock = SetClock(NOON)
    feed = Scripted()
    kept = guarded(feed, clock, waiting=NoTime(clock).waiting)
    kept.bars("IBM")
    feed.does = raises(Unanswered("no"))
    clock.advance(timedelta(minutes=5))
    kept.bars("MSFT")
    health = kept.health()
    assert (health.state, health.error, health.failures) == (CircuitState.OPEN, "no", 3)
    assert health.answered_at == NOON
    assert health.newest == bars_to(THURSDAY)[-1].known_at
    assert health.retry_at > health.failed_at > NOON


def test_real_waiting_is_the_default():
    import time

    assert Waiting().sleep is time.sleep
