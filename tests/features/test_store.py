"""What is kept is what would be computed, and nothing that is kept can break the answer."""

from __future__ import annotations

import multiprocessing
from pathlib import Path

import numpy as np
import pytest

from tests.features.made import daily
from tools.cache.memory import MemoryCache
from tools.domain.errors import StateError
from tools.features.compute import compute
from tools.features.store import KEPT, FeatureStore

NAMES = ("log_move_5", "rsi_14@1w", "wavelet_energy", "weekday")
INPUTS = daily(150)


class Forgetful:
    """A cache that keeps nothing."""

    def get(self, key):
        return None

    def put(self, key, value, seconds):
        pass

    def delete(self, key):
        pass


class Lying(Forgetful):
    """A cache in which somebody else wrote."""

    def get(self, key):
        return b"PAR1 no matrix"


def same(one, other):
    assert one.names == other.names
    assert one.version == other.version
    assert one.lineage == other.lineage
    np.testing.assert_array_equal(one.times, other.times)
    np.testing.assert_array_equal(one.values, other.values)


def never(*_):
    raise AssertionError("computed again")


@pytest.mark.parametrize("cache", [None, MemoryCache(), Forgetful(), Lying()])
def test_what_comes_back_is_what_was_computed(tmp_path, cache):
    store = FeatureStore(tmp_path, cache)
    for _ in range(3):
        same(store.compute(INPUTS, NAMES), compute(INPUTS, NAMES))


def test_the_second_time_nothing_is_computed(tmp_path, monkeypatch):
    FeatureStore(tmp_path).compute(INPUTS, NAMES)
    monkeypatch.setattr("tools.features.store.compute", never)
    FeatureStore(tmp_path).compute(INPUTS, NAMES)
    with pytest.raises(AssertionError):
        FeatureStore(tmp_path).compute(INPUTS.rows(0, 149), NAMES)


def test_a_cache_answers_without_the_file(tmp_path, monkeypatch):
    cache = MemoryCache()
    store = FeatureStore(tmp_path, cache)
    store.compute(INPUTS, NAMES)
    assert store.clear("X") == 1
    monkeypatch.setattr("tools.features.store.compute", never)
    same(store.compute(INPUTS, NAMES), compute(INPUTS, NAMES))


@pytest.mark.parametrize("harm", ["empty", "cut", "bit", "text", "another"])
def test_a_damaged_file_is_computed_anew(tmp_path, harm, caplog):
    store = FeatureStore(tmp_path)
    store.compute(INPUTS, NAMES)
    (path,) = tmp_path.rglob("*.parquet")
    data = path.read_bytes()
    if harm == "another":
        other = FeatureStore(tmp_path / "other")
        other.compute(INPUTS.rows(0, 100), NAMES)
        (found,) = (tmp_path / "other").rglob("*.parquet")
        path.write_bytes(found.read_bytes())
    else:
        middle = len(data) // 3
        path.write_bytes(
            {
                "empty": b"",
                "cut": data[:middle],
                "bit": data[:middle] + bytes([data[middle] ^ 255]) + data[middle + 1 :],
                "text": b"not a table",
            }[harm]
        )
    same(store.compute(INPUTS, NAMES), compute(INPUTS, NAMES))
    assert "computed anew" in caplog.text
    caplog.clear()
    same(FeatureStore(tmp_path).compute(INPUTS, NAMES), compute(INPUTS, NAMES))
    assert not caplog.text


def test_every_flipped_byte_gives_the_right_answer(tmp_path):
    store = FeatureStore(tmp_path)
    inputs = INPUTS.rows(0, 20)
    right = store.compute(inputs, ("log_move_5",))
    (path,) = tmp_path.rglob("*.parquet")
    data = path.read_bytes()
    for place in range(0, len(data), 29):
        path.write_bytes(data[:place] + bytes([data[place] ^ 0x55]) + data[place + 1 :])
        same(store.compute(inputs, ("log_move_5",)), right)


def test_a_folder_that_cannot_be_written_costs_nothing_but_time(tmp_path, caplog):
    (tmp_path / "taken").write_text("a file")
    store = FeatureStore(tmp_path / "taken")
    same(store.compute(INPUTS, NAMES), compute(INPUTS, NAMES))
    assert "can't be kept" in caplog.text


def test_what_is_unavailable_is_asked_again_next_time(tmp_path):
    store = FeatureStore(tmp_path)
    store.compute(INPUTS, ("log_move_5", "beta_60"))
    assert not list(tmp_path.rglob("*.parquet"))


def test_only_so_many_versions_stay(tmp_path):
    store = FeatureStore(tmp_path)
    for count in range(30, 30 + KEPT + 5):
        store.compute(INPUTS.rows(0, count), ("log_move_5",))
    kept = store.versions("X")
    assert len(kept) == KEPT
    assert kept[0].rows == 30 + KEPT + 4


@pytest.mark.parametrize("symbol", ["EUR/USD", "../../etc", "BRK.B", ".", "a b", "Ω", "con:1"])
def test_no_symbol_leads_out_of_the_folder(tmp_path, symbol):
    store = FeatureStore(tmp_path / "kept")
    inputs = daily(30, symbol=symbol)
    store.compute(inputs, ("log_move_5",))
    (path,) = tmp_path.rglob("*.parquet")
    assert path.parent.parent == tmp_path / "kept"
    assert store.versions(symbol)[0].symbol == symbol


def test_two_symbols_do_not_share_a_folder(tmp_path):
    store = FeatureStore(tmp_path)
    for symbol in ("A_2f_B", "A/B"):
        store.compute(daily(30, symbol=symbol), ("log_move_5",))
    assert len(list(tmp_path.iterdir())) == 2


def _work(folder, seed):
    store = FeatureStore(folder)
    for count in range(40, 60):
        inputs = daily(count)
        same(store.compute(inputs, ("log_move_5",)), compute(inputs, ("log_move_5",)))


def test_processes_may_keep_and_read_at_the_same_time(tmp_path):
    context = multiprocessing.get_context("spawn")
    workers = [context.Process(target=_work, args=(tmp_path, seed)) for seed in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(120)
    assert [worker.exitcode for worker in workers] == [0, 0]
    assert not list(tmp_path.rglob("*.draft"))


def test_an_empty_matrix_is_kept_too(tmp_path):
    store = FeatureStore(tmp_path)
    for _ in range(2):
        assert len(store.compute(INPUTS.rows(0, 0), ("log_move_5",))) == 0


def test_what_cannot_be_removed_is_told(tmp_path, monkeypatch):
    def refuse(*_, **__):
        raise PermissionError(13, "Permission denied")

    store = FeatureStore(tmp_path)
    store.compute(INPUTS, ("log_move_5",))
    monkeypatch.setattr(Path, "unlink", refuse)
    with pytest.raises(StateError, match="removed"):
        store.clear("X")
