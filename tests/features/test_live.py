"""Bar by bar gives the bits of the whole history."""

from __future__ import annotations

import numpy as np
import pytest

from tests.features.made import ROWS, daily, minutes, replaced
from tools.domain.errors import InputError
from tools.features.compute import compute
from tools.features.from_indicators import refused
from tools.features.live import COLUMNS, DATED, Live
from tools.indicators.registry import indicators
from tools.indicators.streaming.stream import stream

BARS_ONLY = [
    name
    for name, row in ROWS.items()
    if set(row.inputs) <= {*COLUMNS, *DATED, "calendar"} and row.warm_up is not None
]
STREAMED = [row.name for row in indicators() if not refused(row) and stream(row.name).bounded]
INDICATORS = ("rsi_14", "sma_20", "ema_12", "atr_14", "macd", "bb_upper", "hurst_32",
              "variance", "parkinson", "roc_10")  # fmt: skip


def pushed(live, inputs):
    rows = zip(*(getattr(inputs, name).tolist() for name in (*COLUMNS, *DATED)), strict=True)
    found = []
    for row in rows:
        # What a bar is while it forms must leave no trace.
        live.peek(row[0], row[0] * 1.5, row[0] / 2, row[0], 1.0, *row[5:])
        peeked = live.peek(*row)
        found.append(live.push(*row))
        np.testing.assert_array_equal(peeked, found[-1])
    return np.array(found)


def agree(names, inputs):
    live = Live(names, inputs.calendar)
    got, whole = pushed(live, inputs), compute(inputs, names)
    assert set(live.keys) == set(whole.names)
    for place, key in enumerate(live.keys):
        np.testing.assert_array_equal(got[:, place], whole.column(key), err_msg=key)


@pytest.mark.parametrize("name", BARS_ONLY)
def test_every_feature_of_bars_alone_agrees_bit_for_bit(name):
    agree((name,), daily(290))


def test_indicators_agree_bit_for_bit_and_with_them_what_is_none():
    agree((*INDICATORS, "log_move_5", "gap"), daily(120))


def test_a_gap_in_the_stream_is_a_gap_in_both():
    inputs = daily(120)
    close = inputs.close.copy()
    close[50] = np.nan
    agree(
        ("log_move_5", "volatility_20", "rsi_14", "range_place_20"), replaced(inputs, close=close)
    )


def test_a_close_of_zero_or_nearly_gives_nan_in_both_and_nothing_infinite():
    inputs = daily(60)
    for odd in (0.0, 1e-300, -5.0):
        close = inputs.close.copy()
        close[40] = odd
        agree(("sma_5", "variance_5", "roc_3"), replaced(inputs, close=close))


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("frama", "all bars"),
        ("beta_60", "market"),
        ("rsi_14@1w", "timeframe"),
        ("magic", "no feature"),
    ],
)
def test_what_cannot_be_streamed_is_refused(name, said):
    with pytest.raises(InputError, match=said):
        Live((name,))


def test_what_reads_dates_is_refused_without_a_calendar_and_without_a_date():
    with pytest.raises(InputError, match="only bars"):
        Live(("weekday",))
    with pytest.raises(InputError, match="session and moment"):
        Live(("weekday",), "XNYS").push(1.0, 1.0, 1.0, 1.0, 1.0)


@pytest.mark.parametrize("name", STREAMED)
def test_every_indicator_as_a_feature_agrees_bit_for_bit_within_the_day(name):
    inputs = minutes(2).rows(330, 460)
    agree((name,), inputs)
