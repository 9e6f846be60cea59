"""One collection opened for reading; it follows what writers in other processes publish."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from rag_index.backend import Backend
from rag_index.errors import IndexCorrupt, OtherModel
from rag_index.manifest import Manifest, read_manifest, snapshot_path
from rag_index.rows import Store
from rag_index.snapshot import SnapshotStore
from rag_index.store import LanceStore

Answer = TypeVar("Answer")
_TRIES = 4  # a writer may publish, and tidy up, between reading the manifest and opening its files


class Collection:
    """A folder with a manifest; any number of threads may use one."""

    def __init__(
        self,
        folder: Path,
        model_id: str,
        *,
        in_memory: bool = True,
        server: Backend | None = None,
    ) -> None:
        """Open it; raises IndexMissing, OtherModel, or IndexCorrupt if it is damaged.

        A `server` is asked nothing before the first question.
        """
        self._folder, self._model, self._in_memory = folder, model_id, in_memory
        self._server = server
        self._lock = threading.Lock()
        self._opened = self._open()

    def ask(self, question: Callable[[Store], Answer]) -> Answer:
        """Ask the store as it is published now, whole: all of an update or nothing of it."""
        store = self._current()
        for left in reversed(range(_TRIES)):
            try:
                answer = question(store)
            except IndexCorrupt:
                fresh = self._current()  # a version that was open too long has been tidied away
                if fresh is store:
                    raise
                return question(fresh)
            # A server has no versions: rows that this store shows may have been deleted meanwhile.
            if self._server is None or not left or not self._cleaned():
                break
            store = self._current()
        return answer

    def _current(self) -> Store:
        now = read_manifest(self._folder)
        with self._lock:
            if now != self._opened[0]:
                self._opened = self._open()
            return self._opened[1]

    def _cleaned(self) -> bool:
        now, before = read_manifest(self._folder), self._opened[0]
        return (now.table, now.version) != (before.table, before.version)

    def _open(self) -> tuple[Manifest, Store]:
        for left in reversed(range(_TRIES)):
            now = read_manifest(self._folder)
            if now.model != self._model:
                raise OtherModel(f"the index in {self._folder}", now.model, self._model)
            try:
                return now, self._store(now)
            except IndexCorrupt:
                if not left or read_manifest(self._folder) == now:
                    raise
        raise AssertionError

    def _store(self, now: Manifest) -> Store:
        if self._server is not None:
            return self._server.store(now)
        if self._in_memory and now.snapshot_sha256 is not None:
            return SnapshotStore(snapshot_path(self._folder, now.generation), now.snapshot_sha256)
        return LanceStore(self._folder, now.table, now.chunks, now.version)
