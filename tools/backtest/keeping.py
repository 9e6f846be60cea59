"""The runs of this desk, one file each in the state folder."""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from tools.backtest.result import FORMAT, Result
from tools.domain.errors import NotFound, StateError

SEAL = "seal"
_ID = re.compile(r"[0-9a-f]{1,12}")


class Runs:
    """Kept by the id of their record: the same run again takes the place of itself."""

    def __init__(self, folder: Path) -> None:
        """``folder`` is made when the first run is kept."""
        self._folder = folder

    def keep(self, result: Result) -> Path:
        """Write it down whole or not at all; raises StateError when the disk refuses."""
        return self.put(result.document)

    def put(self, document: Mapping[str, Any]) -> Path:
        """Keep a document of any kind under its id; raises StateError as ``keep``."""
        path = self._folder / f"{document['id']}.json"
        draft = path.with_name(f".{path.name}.{os.getpid()}")
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            sealed = {**document, SEAL: _sealed(document)}
            draft.write_text(json.dumps(sealed, allow_nan=False), "utf-8")
            draft.replace(path)
        except OSError as error:
            with suppress(OSError):
                draft.unlink(missing_ok=True)
            raise StateError(
                f"the run can't be kept in {self._folder} ({error.strerror or error}). Make it "
                "writable, or make room"
            ) from None
        return path

    def otherwise(self, result: Result) -> str:
        """The hash of another result that is kept of the same record; empty where there is none."""
        try:
            kept = str(read(self._folder / f"{result.record.id}.json").get("hash", ""))
        except StateError:
            return ""
        return "" if kept == result.hash else kept

    def get(self, run_id: str) -> dict[str, Any]:
        """A run's document by the start of its id; NotFound, or StateError when unreadable."""
        wanted = run_id.strip().lower()
        found = sorted(self._folder.glob(f"{wanted}*.json")) if _ID.fullmatch(wanted) else []
        if len(found) != 1:
            many = f"{len(found)} runs begin with" if found else "there is no run"
            raise NotFound(f"{many} {run_id[:20]!r}; `tollgate backtest list` shows all")
        return read(found[0])

    def all(self) -> Iterator[dict[str, Any]]:
        """Every document that can be read, the newest first."""
        for path in self.paths():
            with suppress(StateError):
                yield read(path)

    def paths(self) -> list[Path]:
        """The files, the newest first."""
        try:
            return sorted(self._folder.glob("*.json"), key=lambda p: -p.stat().st_mtime)
        except OSError:
            return []


def read(path: Path) -> dict[str, Any]:
    """A kept document; raises StateError when it can't be read."""
    try:
        document = json.loads(path.read_text("utf-8"), parse_constant=_no_number)
    except (OSError, ValueError, RecursionError) as error:
        raise StateError(f"the run in {path} can't be read ({error}). Run it again") from None
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise StateError(f"the run in {path} is of another version of Tollgate. Run it again")
    seal = document.pop(SEAL, None)
    if seal is not None and seal != _sealed(document):
        raise StateError(
            f"the run in {path} was changed since it was kept: its figures are not those that were "
            "sealed. Run it again"
        )
    return document


def _sealed(document: Mapping[str, Any]) -> str:
    """SHA-256 of a document as it is written, whatever the spaces: tells a slip, proves nothing."""
    return hashlib.sha256(json.dumps(document).encode()).hexdigest()


def _no_number(name: str) -> float:
    raise ValueError(f"{name} is no number")
