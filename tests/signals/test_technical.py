from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.domain.errors import DataUnavailable, InputError
from tools.domain.market import AsOf
from tools.domain.signal import Direction
from tools.features.prices import PriceArrays, adjusted_prices
from tools.market_data.feeds.sample import SampleFeed
from tools.signals.technical import direction_of, technical_signal

NOW = datetime(2012, 6, 1, 20, 0, tzinfo=UTC)
NAMES = ["trend", "macd", "rsi", "bollinger", "momentum"]


def made(close: np.ndarray, spread: float = 0.5) -> PriceArrays:
    days = tuple(date(2010, 1, 1) + timedelta(days=i) for i in range(len(close)))
    return PriceArrays(
        close, close + spread, close - spread, close, np.full(len(close), 1e6), days, True
    )


def sample(symbol: str, count: int) -> PriceArrays:
    bars = SampleFeed().bars(symbol)[:count]
    return adjusted_prices(AsOf(symbol, bars[-1].known_at, bars, "sample"))


@given(st.sampled_from(["AAPL", "GOOG", "IBM", "MSFT"]), st.integers(60, 2100))
def test_score_is_the_mean_of_votes_between_minus_one_and_one(symbol, count):
    signal = technical_signal(symbol, NOW, sample(symbol, count))
    values = [vote.value for vote in signal.votes]
    assert [vote.indicator for vote in signal.votes] == NAMES
    assert all(-1 <= value <= 1 for value in values)
    assert signal.score == pytest.approx(sum(values) / len(values))
    assert signal.direction is direction_of(signal.score)


@given(st.sampled_from(["AAPL", "IBM"]), st.integers(60, 2100))
def test_each_reading_is_one_sentence_with_its_figures(symbol, count):
    for vote in technical_signal(symbol, NOW, sample(symbol, count)).votes:
        assert re.search(r"\d", vote.sentence)
        assert vote.sentence[0].isupper()
        assert re.fullmatch(r"[^\n]*[^.]\.", vote.sentence)
        assert "nan" not in vote.sentence


@given(st.integers(60, 400), st.floats(0.1, 1000), st.floats(0.5, 30))
def test_the_unit_of_the_price_changes_no_vote(count, scale, spread):
    close = sample("IBM", count).close
    ours = technical_signal("X", NOW, made(close, spread))
    theirs = technical_signal("X", NOW, made(close * scale, spread * scale))
    for one, other in zip(ours.votes, theirs.votes, strict=True):
        assert one.value == pytest.approx(other.value, abs=1e-6)


def test_a_steady_rise_follows_the_trend_and_warns_that_it_is_stretched():
    signal = technical_signal("X", NOW, made(100 * 1.004 ** np.arange(300)))
    votes = {vote.indicator: vote.value for vote in signal.votes}
    assert votes["trend"] == 1
    assert votes["momentum"] > 0.5
    assert votes["rsi"] == -1
    assert votes["bollinger"] < 0


def test_a_steady_fall_is_the_mirror_of_a_rise():
    signal = technical_signal("X", NOW, made(1000 * 0.996 ** np.arange(300)))
    votes = {vote.indicator: vote.value for vote in signal.votes}
    assert votes["trend"] == -1
    assert votes["momentum"] < -0.5
    assert votes["rsi"] == 1
    assert votes["bollinger"] > 0


def test_a_flat_price_has_nothing_to_say():
    for spread in (0.0, 0.5):
        signal = technical_signal("X", NOW, made(np.full(300, 42.1), spread))
        assert signal.direction is Direction.NEUTRAL
        assert [vote.value for vote in signal.votes] == [0, 0, 0, 0, 0]


def test_short_history_is_said_and_halves_the_trend():
    signal = technical_signal("X", NOW, made(100 * 1.004 ** np.arange(199)))
    trend = signal.votes[0]
    assert trend.value == 0.5
    assert "too few bars for the 200-day mean" in trend.sentence


def test_fewer_than_sixty_bars_are_refused_with_the_number_needed():
    with pytest.raises(DataUnavailable, match="at least 60 daily bars; X has 59 at 2012-06-01"):
        technical_signal("X", NOW, made(np.full(59, 42.0)))
    assert technical_signal("X", NOW, made(np.full(60, 42.0)))


def test_the_moment_needs_a_time_zone():
    with pytest.raises(InputError, match="time zone"):
        technical_signal("X", NOW.replace(tzinfo=None), made(np.full(60, 42.0)))


@pytest.mark.parametrize(
    ("score", "direction"),
    [
        (0.25, Direction.BUY),
        (0.2499, Direction.NEUTRAL),
        (0.0, Direction.NEUTRAL),
        (-0.2499, Direction.NEUTRAL),
        (-0.25, Direction.SELL),
    ],
)
def test_a_quarter_is_the_threshold_on_both_sides(score, direction):
    assert direction_of(score) is direction
