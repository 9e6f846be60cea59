"""A folder of prices survives killed writers, several processes and damaged files."""

import os
import signal
import subprocess
import sys
import textwrap
import threading

import pytest

from tests.contracts.market_store import LATER, MINUTES, bars, read, span
from tests.market_data.clocks import SetClock
from tools.domain.errors import StateError
from tools.market_data.store.files import HALF, LocalFiles
from tools.market_data.store.parquet import ParquetParts, folder
from tools.market_data.store.parquet_part import PartName
from tools.market_data.store.store import MarketStore

WRITER = """
    import sys
    from datetime import timedelta
    from pathlib import Path
    from tests.contracts.market_store import LATER, MINUTES, bars, span
    from tests.market_data.clocks import SetClock
    from tools.market_data.store.files import LocalFiles
    from tools.market_data.store.parquet import ParquetParts
    from tools.market_data.store.store import MarketStore

    store = MarketStore(ParquetParts(LocalFiles(Path(sys.argv[1]))), SetClock(LATER))
    for minute in range(int(sys.argv[2]), int(sys.argv[3])):
        store.append(MINUTES, bars({minute: minute}), span(minute, minute + 1))
        print(minute, flush=True)
"""


def writer(root, first, last):
    command = [sys.executable, "-c", textwrap.dedent(WRITER), str(root), str(first), str(last)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


@pytest.fixture
def root(tmp_path):
    return tmp_path / "market"


@pytest.fixture
def store(root):
    return MarketStore(ParquetParts(LocalFiles(root)), SetClock(LATER))


def test_a_writer_that_is_killed_loses_nothing_it_had_kept(root, store):
    process = writer(root, 0, 100_000)
    said = [int(process.stdout.readline()) for _ in range(40)]
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    found = read(store)
    assert set(said) <= set(found)
    assert all(minute == close for minute, close in found.items())
    assert store.covered(MINUTES) == (span(0, max(found) + 1),)


def test_several_writers_and_a_reader_get_along(root, store):
    writers = [writer(root, 0, 60), writer(root, 30, 90)]
    sizes = []
    while any(process.poll() is None for process in writers):
        found = read(store)
        assert all(minute == close for minute, close in found.items())
        sizes.append(len(found))
    assert [process.wait() for process in writers] == [0, 0]
    assert sizes == sorted(sizes)
    assert read(store) == {minute: minute for minute in range(90)}
    assert store.covered(MINUTES) == (span(0, 90),)


def test_a_reader_meets_folding_without_noticing(root, store):
    for minute in range(12):
        store.append(MINUTES, bars({minute: minute}), span(minute, minute + 1))
    done = threading.Event()
    wrong = []

    def look():
        while not done.is_set():
            found = read(store)
            if set(range(12)) - set(found):
                wrong.append(found)

    thread = threading.Thread(target=look)
    thread.start()
    for minute in range(12, 30):
        store.append(MINUTES, bars({minute: minute}), span(minute, minute + 1))
        store.compact(MINUTES)
    done.set()
    thread.join()
    assert not wrong
    (held,) = store.holdings()
    assert (held.rows, held.parts) == (30, 1)


def test_a_slow_reader_reads_a_part_once_however_often_another_is_folded(root):
    """Otherwise a reader that is slower than the writers would begin anew for ever."""
    year = 60 * 24 * 365
    read_of = []

    class Folded(LocalFiles):
        def read(self, name):
            read_of.append(name)
            if 1 < len(read_of) < 10:
                number = len(read_of)
                other.append(MINUTES, bars({year + number: 1}), span(year, year + 11))
                other.compact(MINUTES)
            return super().read(name)

    other = MarketStore(ParquetParts(LocalFiles(root)), SetClock(LATER))
    for minute in (0, year):
        other.append(MINUTES, bars({minute: 1}), span(minute, minute + 1))
    found = read(MarketStore(ParquetParts(Folded(root)), SetClock(LATER)))
    assert set(found) == {0, year, *range(year + 2, year + 10)}
    assert sorted(set(read_of)) == sorted(read_of)


def test_a_list_that_was_torn_by_a_fold_is_not_believed(root, store):
    """A system may pass by where the new file appears, and reach the old one after its end."""
    torn = [{"new.parquet"}, set(), {"old.parquet"}]

    class Torn(LocalFiles):
        def _listed(self, folder):
            return torn.pop() if torn else {"new.parquet"}

    assert Torn(root).names("bars") == ["new.parquet"]


def test_a_fold_that_is_killed_before_it_removes_changes_nothing(root, store, monkeypatch):
    for minute in range(5):
        store.append(MINUTES, bars({minute: minute}), span(minute, minute + 1))
    with monkeypatch.context() as patch:
        patch.setattr(LocalFiles, "remove", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            store.compact(MINUTES)
    assert read(store) == {minute: minute for minute in range(5)}
    store.compact(MINUTES)
    (held,) = store.holdings()
    assert (held.rows, held.parts) == (5, 1)


def test_what_is_half_written_is_never_read_and_swept_away_in_time(root, store):
    store.append(MINUTES, bars({0: 1}), span(0, 1))
    place = root / folder(MINUTES)
    young, old = place / f"a{HALF}", place / f"b{HALF}"
    for path in (young, old):
        path.write_bytes(b"PAR1 half of something")
    os.utime(old, (0, 0))
    assert read(store) == {0: 1}
    store.append(MINUTES, bars({1: 2}), span(1, 2))
    assert young.exists()
    assert not old.exists()


def test_a_damaged_file_is_told_and_not_guessed_at(root, store):
    store.append(MINUTES, bars(dict.fromkeys(range(50), 7.25)), span(0, 50))
    (path,) = (root / folder(MINUTES)).iterdir()
    whole = path.read_bytes()
    bits = [
        whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :] for at in range(0, len(whole), 97)
    ]
    for damaged in (whole[: len(whole) // 2], b"", *bits):
        path.write_bytes(damaged)
        with pytest.raises(StateError, match=r"damaged.*fetched again"):
            read(store)
    path.rename(path.with_suffix(".away"))
    assert store.covered(MINUTES) == ()


def test_other_files_in_the_folder_are_left_alone(root, store):
    store.append(MINUTES, bars({0: 1}), span(0, 1))
    other = root / folder(MINUTES) / "notes.txt"
    other.write_text("mine")
    (root / "bars" / "mine").mkdir()
    store.compact(MINUTES)
    assert len(store.holdings()) == 1
    store.forget(MINUTES)
    assert other.read_text() == "mine"


def test_a_folder_that_cannot_be_written_is_told(root):
    root.write_text("a file")
    with pytest.raises(StateError, match="can't be used"):
        MarketStore(ParquetParts(LocalFiles(root)), SetClock(LATER)).append(
            MINUTES, bars({0: 1}), span(0, 1)
        )


def test_names_that_are_no_part_s_are_none():
    good = str(PartName(span(0, 1), True, "0" * 16))
    assert PartName.parse(good) == PartName(span(0, 1), True, "0" * 16)
    for name in (
        "",
        "a.parquet",
        good + "x",
        good.replace("2013", "9913", 1).replace("1007", "1399"),
    ):
        assert PartName.parse(name) is None
