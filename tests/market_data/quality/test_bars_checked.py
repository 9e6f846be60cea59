"""Planted faults are found; what is real stays."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.market_data.quality.made import daily, minutes
from tools.market_data.quality.finding import Kind, Severity, Treatment
from tools.market_data.quality.report import document
from tools.market_data.quality.validation import validate_bars


def picked(bars, rows):
    arrays = {f.name: getattr(bars, f.name) for f in fields(bars)}
    return replace(bars, **{k: v[rows] for k, v in arrays.items() if isinstance(v, np.ndarray)})


def changed(bars, row, **values):
    arrays = {name: getattr(bars, name).copy() for name in values}
    for name, value in values.items():
        arrays[name][row] = value
    return replace(bars, **arrays)


def kinds(validation, kind):
    return [one for one in validation.findings if one.kind is kind]


def only(validation, kind):
    assert {one.kind for one in validation.findings} == {kind}
    (one,) = validation.findings
    return one


def test_a_clean_series_has_a_hundred_and_no_findings():
    checked = validate_bars(daily(), "XNYS")
    assert checked.findings == ()
    assert checked.score == 100
    assert checked.usable
    assert len(checked.clean) == len(checked.raw)


def test_a_missing_session_is_a_gap_and_a_holiday_is_none():
    bars = daily()
    checked = validate_bars(picked(bars, np.delete(np.arange(300), [50, 51, 200])), "XNYS")
    two, one = kinds(checked, Kind.GAP)
    assert (two.missing, one.missing) == (2, 1)
    assert two.moment == bars.start[50]
    assert two.severity is Severity.ERROR
    assert checked.score == pytest.approx(100 * (1 - 3 / 300))


def test_half_a_day_is_a_warning_and_a_whole_day_an_error():
    day = minutes()
    half = picked(day, np.r_[0:100, 300:390])
    one = only(validate_bars(half, "XNYS"), Kind.GAP)
    assert (one.missing, one.severity) == (200, Severity.WARNING)
    both = [minutes(), minutes(day=day_after(3))]
    joined = replace(
        both[0],
        **{f.name: np.concatenate([getattr(b, f.name) for b in both]) for f in fields(day)
           if isinstance(getattr(day, f.name), np.ndarray)},
    )  # fmt: skip
    (gap,) = kinds(validate_bars(joined, "XNYS"), Kind.GAP)
    assert (gap.missing, gap.severity) == (2 * 390, Severity.ERROR)


def test_a_series_that_begins_or_ends_within_a_session_says_so_and_loses_nothing():
    checked = validate_bars(picked(minutes(), np.arange(30, 195)), "XNYS")
    begin, end = kinds(checked, Kind.GAP)
    assert (begin.missing, end.missing) == (30, 195)
    assert {one.severity for one in checked.findings} == {Severity.NOTE}
    assert checked.score == 100


def day_after(days):
    from datetime import UTC, datetime, timedelta

    return datetime(2013, 10, 7, tzinfo=UTC) + timedelta(days=days)


def test_a_bar_on_a_holiday_or_at_night_is_told():
    bars = minutes()
    night = changed(bars, 389, start=bars.start[389] + 8 * 3600 * 10**9,
                    known=bars.known[389] + 8 * 3600 * 10**9)  # fmt: skip
    found = kinds(validate_bars(night, "XNYS"), Kind.OUTSIDE_HOURS)
    assert [one.row for one in found] == [389]


def test_a_day_that_was_sent_twice_is_kept_once():
    bars = picked(daily(), np.r_[0:100, 99, 100:300])
    checked = validate_bars(bars, "XNYS")
    one = only(checked, Kind.DUPLICATE)
    assert (one.row, one.treatment) == (100, Treatment.REMOVED)
    assert len(checked.clean) == 300
    assert len(checked.raw) == 301


def test_bars_that_contradict_each_other_are_both_out_of_the_clean_view():
    bars = picked(daily(), np.r_[0:100, 99, 100:300])
    bars = changed(bars, 100, volume=1.0)
    one = only(validate_bars(bars, "XNYS"), Kind.CONFLICT)
    assert one.rows.tolist() == [99, 100]


def test_a_restated_bar_is_no_fault():
    bars = picked(daily(), np.r_[0:100, 99, 100:300])
    bars = changed(bars, 100, volume=1.0, known=bars.known[100] + 1)
    checked = validate_bars(bars, "XNYS")
    assert only(checked, Kind.RESTATED).severity is Severity.NOTE
    assert len(checked.clean) == 301


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ({"close": np.nan}, Kind.NOT_A_NUMBER),
        ({"high": np.inf}, Kind.NOT_A_NUMBER),
        ({"low": 0.0}, Kind.NOT_POSITIVE),
        ({"low": -5.0}, Kind.NOT_POSITIVE),
        ({"volume": -1.0}, Kind.NOT_POSITIVE),
        ({"high": 1.0}, Kind.OUT_OF_RANGE),
    ],
)
def test_a_bar_that_can_not_be_is_out_of_the_clean_view_and_in_the_raw_one(values, kind):
    bars = changed(daily(), 120, **values)
    checked = validate_bars(bars, "XNYS")
    one = only(checked, kind)
    assert (one.rows.tolist(), one.treatment) == ([120], Treatment.REMOVED)
    assert bars.start[120] not in checked.clean.start
    assert bars.start[120] in checked.raw.start


def test_oil_below_zero_is_real():
    bars = replace(changed(daily(), 120, low=-40.32, close=-37.63), symbol="CL=F")
    checked = validate_bars(bars, "XNYS")
    (one,) = kinds(checked, Kind.NOT_POSITIVE)
    assert (one.severity, one.treatment) == (Severity.NOTE, Treatment.FLAGGED)
    assert len(checked.clean) == 300


def test_a_volume_of_nothing_is_doubtful_where_the_price_moved():
    bars = changed(daily(), 120, volume=0.0)
    assert only(validate_bars(bars, "XNYS"), Kind.ZERO_VOLUME).severity is Severity.WARNING
    flat = dict.fromkeys(("open", "high", "low"), bars.close[120])
    still = validate_bars(changed(bars, 120, **flat), "XNYS")
    assert only(still, Kind.ZERO_VOLUME).severity is Severity.NOTE


def test_a_feed_that_repeats_itself_is_stale():
    bars = daily()
    same = {name: getattr(bars, name)[100] for name in ("open", "high", "low", "close", "volume")}
    for row in range(101, 107):
        bars = changed(bars, row, **same)
    one = only(validate_bars(bars, "XNYS"), Kind.STALE)
    assert one.rows.tolist() == list(range(101, 107))


def test_a_bar_that_no_price_leads_to_and_from_is_removed():
    bars = daily()
    wrong = {name: getattr(bars, name)[150] * 10 for name in ("open", "high", "low", "close")}
    checked = validate_bars(changed(bars, 150, **wrong), "XNYS")
    one = only(checked, Kind.OUTLIER)
    assert (one.row, one.treatment) == (150, Treatment.REMOVED)
    assert len(checked.clean) == 299


def test_a_crash_stays_and_so_does_one_that_is_made_up_for_the_day_after():
    for after in (0.79, 1.0):
        bars = daily()
        fall = bars.close[149] * 0.79
        tail = np.where(np.arange(300) > 150, after, 1.0)
        bars = replace(
            bars, **{n: getattr(bars, n) * tail for n in ("open", "high", "low", "close")}
        )
        bars = changed(bars, 150, close=fall, low=fall - 1)
        checked = validate_bars(bars, "XNYS")
        assert len(checked.clean) == 300
        assert all(one.treatment is not Treatment.REMOVED for one in checked.findings)
        kind = Kind.LARGE_MOVE if after < 1 else Kind.OUTLIER
        assert [one.row for one in kinds(checked, kind)] == [150]


def test_an_open_far_off_its_own_minute_is_flagged():
    bars = minutes()
    one = only(validate_bars(changed(bars, 100, open=645.59, high=645.59), "XNYS"), Kind.BAD_TICK)
    assert (one.row, one.treatment) == (100, Treatment.FLAGGED)


def split(bars, row, ratio, volume=True):
    after = np.arange(len(bars)) >= row
    less = np.where(after, 1 / ratio, 1.0)
    prices = {n: getattr(bars, n) * less for n in ("open", "high", "low", "close")}
    more = np.where(after, ratio, 1.0) if volume else 1.0
    return replace(bars, **prices, volume=bars.volume * more)


@pytest.mark.parametrize("ratio", [2, 3, 7, 10, 1.5, 1 / 8])
def test_a_split_that_is_not_taken_out_is_told(ratio):
    one = only(validate_bars(split(daily(), 150, ratio), "XNYS"), Kind.SPLIT)
    assert (one.row, one.treatment) == (150, Treatment.FLAGGED)
    assert (f"{ratio:g}:1" if ratio > 1 else "1:8") in one.says
    assert "volume" not in one.says


def test_a_split_that_the_volume_does_not_show_says_so():
    one = only(validate_bars(split(daily(), 150, 2, volume=False), "XNYS"), Kind.SPLIT)
    assert "though the volume doesn't show it" in one.says


def test_a_split_that_the_adjusted_closes_know_is_a_note():
    bars = daily()
    checked = validate_bars(split(bars, 150, 4), "XNYS", adjusted=bars.close / 4)
    one = only(checked, Kind.SPLIT)
    assert (one.severity, checked.score) == (Severity.NOTE, 100)


def test_the_document_counts_and_lists_what_was_found():
    bars = picked(changed(daily(), 120, close=np.nan), np.delete(np.arange(300), [50, 51]))
    told = document(validate_bars(bars, "XNYS"), "XNYS")
    assert told["counts"] == {"gap": 2, "not_a_number": 1}
    assert told["rows"] == 298
    assert told["clean_rows"] == 297
    assert told["usable"] is True
    assert told["score"] == pytest.approx(100 * (1 - 3 / 300))
    assert [f["rows"] for f in told["findings"]] == [[50], [118]]


@settings(max_examples=50, deadline=None)
@given(data=st.data())
def test_nothing_is_dropped_without_a_finding(data):
    """Whatever the rows say, each is in the clean view or in a finding that removed it."""
    count = data.draw(st.integers(1, 30))
    number = st.one_of(st.floats(-10, 300), st.sampled_from([0.0, np.nan, np.inf, 100.0]))
    columns = {
        name: np.array(data.draw(st.lists(number, min_size=count, max_size=count)))
        for name in ("open", "high", "low", "close", "volume")
    }
    again = data.draw(st.lists(st.integers(0, count - 1), min_size=count, max_size=count))
    bars = picked(daily(count, **columns), np.sort(again))
    checked = validate_bars(bars, "XNYS")
    removed = {
        int(row)
        for one in checked.findings
        if one.treatment is Treatment.REMOVED
        for row in one.rows
    }
    assert len(checked.clean) == len(bars) - len(removed)
    assert 0 <= checked.score <= 100
    assert checked.raw is bars
    document(checked, "XNYS")


def test_no_bars_at_all_are_not_usable():
    checked = validate_bars(picked(daily(), np.arange(0)), "XNYS")
    assert (checked.score, checked.usable) == (0, False)
    assert document(checked, "XNYS")["first"] is None
