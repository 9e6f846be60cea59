"""A recording plays in its own order at any speed, and can stand still."""

import math
import queue
import time
from dataclasses import replace
from datetime import date
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.streaming.made import at, bar, quote, tick
from tools.domain.errors import InputError, StateError
from tools.domain.market import TakenBack
from tools.streaming import recorder as recorder_file
from tools.streaming.pace import LONGEST_GAP_S, Pace, pace_of
from tools.streaming.playing import between
from tools.streaming.reading import read
from tools.streaming.recorder import Recorder
from tools.streaming.recording import recorded
from tools.streaming.replay import Replay

FAST = Pace(math.inf)
MIXED = [tick(0, "100.10"), quote(0), tick(1, "0.1", symbol="BTC/USD"), bar(0), quote(70)]


def played(replay, symbols=()):
    """Everything that a replay says until its end."""
    heard = queue.SimpleQueue()
    line = replay.stream(symbols, heard.put)
    found = []
    while line.connected() or not heard.empty():
        try:
            found.append(heard.get(timeout=0.05))
        except queue.Empty:
            continue
    line.close()
    return found


def test_what_was_heard_comes_again_as_it_was():
    again = played(Replay(recorded(MIXED), FAST))
    assert [(d.symbol, d.event_time, d.known_at) for d in again] == [
        (d.symbol, d.event_time, d.known_at) for d in sorted(MIXED, key=lambda d: d.known_at)
    ]
    assert {type(d) for d in again} == {type(d) for d in MIXED}
    assert again[0].price == MIXED[0].price
    assert again[1].ask_size is None


@given(st.lists(st.tuples(st.integers(0, 5), st.sampled_from("AB")), min_size=1, max_size=30))
def test_the_order_is_by_when_it_was_known_and_then_as_it_came(rows):
    data = [tick(second, str(n + 1), symbol=name) for n, (second, name) in enumerate(rows)]
    order = [(d.known_at, int(d.price)) for d in recorded(data).rows()]
    assert order == sorted(order)


def test_only_the_symbols_asked_for_are_heard():
    assert {d.symbol for d in played(Replay(recorded(MIXED), FAST), ["BTC/USD"])} == {"BTC/USD"}


def test_a_pause_holds_it_and_steps_play_one_by_one():
    heard = queue.SimpleQueue()
    replay = Replay(recorded([tick(n, str(n + 1)) for n in range(5)]), FAST, paused=True)
    line = replay.stream((), heard.put)
    replay.step(2)
    assert [int(heard.get(timeout=20).price) for _ in range(2)] == [1, 2]
    assert (replay.state, replay.played, replay.moment) == ("paused", 2, at(1))
    assert heard.empty()
    replay.resume()
    assert [int(heard.get(timeout=20).price) for _ in range(3)] == [3, 4, 5]
    line.close()
    assert replay.state == "ended"


def test_it_goes_on_from_where_it_stood_for_the_next_listener():
    heard = queue.SimpleQueue()
    replay = Replay(recorded([tick(n, str(n + 1)) for n in range(4)]), FAST, paused=True)
    first = replay.stream((), heard.put)
    replay.step()
    heard.get(timeout=20)
    first.close()
    assert not first.connected()
    second = replay.stream((), heard.put)
    replay.step()
    assert int(heard.get(timeout=20).price) == 2
    second.close()


@pytest.mark.parametrize("speed", [600, 6000])
def test_each_row_comes_when_its_time_has_come(speed):
    began, heard = time.monotonic(), queue.SimpleQueue()
    replay = Replay(recorded([tick(n * 60) for n in range(4)]), Pace(speed))
    line = replay.stream((), lambda datum: heard.put((datum, time.monotonic() - began)))
    for n in range(4):
        assert heard.get(timeout=20)[1] >= n * 60 / speed
    line.close()


def test_sessions_are_played_at_so_many_a_second_however_far_apart():
    known = np.array([0, 0, 86_400, 4 * 86_400], np.int64) * 10**9
    assert Pace(2, steps=True).scale(known).tolist() == [0, 0, 1, 2]
    assert Pace(1).scale(known).tolist() == [0, 0, LONGEST_GAP_S, 2 * LONGEST_GAP_S]


@pytest.mark.parametrize("text", ["0", "-1", "nan", "inf", "soon", "", "1e9"])
def test_an_impossible_speed_is_refused(text):
    with pytest.raises(InputError):
        pace_of(text, daily=False)


def test_a_recorder_and_the_reader_agree(tmp_path):
    recorder = Recorder(tmp_path / "kept", rows=2)
    for datum in MIXED:
        recorder.hear(datum)
    recorder.close()
    again = read(tmp_path / "kept")
    assert len(list((tmp_path / "kept" / "2013-10-07").iterdir())) == 3
    assert list(again.rows()) == list(recorded(MIXED).rows())


def test_a_crash_while_a_part_is_written_leaves_the_parts_before(tmp_path, monkeypatch):
    recorder = Recorder(tmp_path, rows=2)
    for n in range(2):
        recorder.hear(tick(n))
    recorder.hear(tick(2))

    def full(self, target):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(recorder_file.Path, "replace", full)
        with pytest.raises(StateError, match="No space"):
            recorder.hear(tick(3))
    assert len(read(tmp_path)) == 2
    recorder.close()
    assert len(read(tmp_path)) == 4


def test_a_second_recorder_adds_to_the_folder(tmp_path):
    for n in range(2):
        recorder = Recorder(tmp_path)
        recorder.hear(tick(n))
        recorder.close()
    assert len(read(tmp_path)) == 2


def test_tidy_tables_of_trades_and_bars_are_read(tmp_path):
    (tmp_path / "a.trades.csv").write_text(
        "symbol,timestamp,price,size\nIBM,2013-10-07T14:30:00Z,100.5,10\n"
        "IBM,nonsense,100.5,10\nIBM,2013-10-07T14:30:05Z,,10\n"
    )
    (tmp_path / "b.csv").write_text(
        "Symbol,Timestamp,Open,High,Low,Close,Volume\n"
        "SPY,2013-10-07T14:30:00Z,1,2,0.5,1.5,7\nSPY,2013-10-07T14:31:00Z,1,2,0.5,1.6,7\n"
    )
    recording = read(tmp_path)
    first, one, two = recording.rows()
    assert (first.symbol, str(first.price), recording.left_out) == ("IBM", "100.5", 2)
    assert (one.event_time, one.known_at) == (at(0), at(60))
    assert two.known_at == at(120)


@pytest.mark.parametrize(
    "content",
    ["", "a,b\n1,2\n", "symbol,timestamp,price\n", "symbol,timestamp,price\n<x>,2013,1\n", "\x00"],
)
def test_what_is_no_recording_is_a_sentence(tmp_path, content):
    (tmp_path / "x.csv").write_text(content)
    with pytest.raises(InputError):
        read(tmp_path / "x.csv")


def test_broken_parquet_and_an_empty_folder_are_sentences(tmp_path):
    (tmp_path / "empty").mkdir()
    (tmp_path / "x.parquet").write_bytes(b"PAR1 not really")
    for path in (tmp_path / "empty", tmp_path / "x.parquet", tmp_path / "gone"):
        with pytest.raises(InputError):
            read(path)


def test_a_part_of_a_recording_is_cut_by_new_yorks_days():
    recording = recorded([tick(0), tick(86_400), tick(2 * 86_400)])
    cut = between(recording, date(2013, 10, 8), date(2013, 10, 8))
    assert [row.event_time for row in cut.rows()] == [at(86_400)]
    with pytest.raises(InputError, match="Nothing"):
        between(recording, date(2020, 1, 1), None)


def test_a_recording_keeps_trades_taken_back_and_bars_known_late(tmp_path):
    late = replace(bar(0, "101"), known_at=at(75), ends=at(60))
    data = [
        tick(1, "100.5"),
        TakenBack("IBM", Decimal("100.5"), Decimal(10), at(1), at(30)),
        TakenBack("IBM", Decimal("100.5"), Decimal(10), at(1), at(31), Decimal("99.5"), Decimal(9)),
        bar(0, "100"),
        late,
    ]
    recorder = Recorder(tmp_path)
    for datum in data:
        recorder.hear(datum)
    recorder.close()
    assert list(read(tmp_path).rows()) == data
    assert list(recorded(data).rows()) == data


def test_a_recording_with_rows_of_an_unknown_kind_is_refused(tmp_path):
    path = tmp_path / "odd.csv"
    path.write_text("symbol,timestamp,kind,price,size\nIBM,2013-10-07T14:30:00Z,9,1,1\n")
    with pytest.raises(InputError, match="kind of row that is unknown"):
        read(path)
