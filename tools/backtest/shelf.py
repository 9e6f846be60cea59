"""What is kept, a row for each document: enough for a list, read again only when a file changed."""

from __future__ import annotations

from pathlib import Path
from threading import Lock
from typing import Any

from tools.backtest.keeping import Runs, read
from tools.domain.errors import StateError

Row = dict[str, Any]
RUN, LOTS = "run", "monte-carlo"
LONGEST, MOST = 200, 100


class Shelf:
    """Rows of a folder of runs; one may be shared by threads."""

    def __init__(self, folder: Path) -> None:
        """Nothing is read yet."""
        self._runs = Runs(folder)
        self._lock = Lock()
        self._known: dict[Path, tuple[tuple[int, int], Row]] = {}

    def rows(self) -> list[Row]:
        """The newest first; one that can't be read has its id and a sentence in ``error``."""
        with self._lock:
            found = {}
            for path in self._runs.paths():
                try:
                    stat = path.stat()
                except OSError:
                    continue  # gone since it was listed
                mark = (stat.st_mtime_ns, stat.st_size)
                kept = self._known.get(path)
                found[path] = kept if kept and kept[0] == mark else (mark, _row(path))
            self._known = found
            return [row for _, row in found.values()]

    def lots_of(self, run: str) -> dict[str, Any] | None:
        """The newest Monte Carlo of a run, None where none is kept."""
        for row in self.rows():
            if row["kind"] == LOTS and row["of"] == run:
                try:
                    return self._runs.get(row["id"])
                except StateError:
                    continue
        return None


def _row(path: Path) -> Row:
    try:
        return row_of(read(path)) | {"id": path.stem}
    except StateError as error:
        return {"id": path.stem, "kind": "", "of": "", "title": path.stem, "strategy": "",
                "symbols": [], "parameters": {}, "from": "", "to": "", "figures": {},
                "error": _plain(error)}  # fmt: skip


def row_of(document: dict[str, Any]) -> Row:
    """One row; raises StateError for a document that doesn't say what it is."""
    record = document.get("record")
    if not isinstance(record, dict):
        raise StateError("it doesn't say what it is a record of. Run it again")
    kind = _plain(document.get("kind", RUN))
    symbols = record.get("symbols")
    named = " ".join(map(str, symbols[:6])) if isinstance(symbols, list) else ""
    figures = _figures(document)
    return {
        "id": _plain(document.get("id")),
        "kind": kind,
        "of": _plain(document.get("of", "")),
        "title": _plain(f"{record.get('strategy')} on {named}"),
        "strategy": _plain(record.get("strategy")),
        "symbols": list(map(_plain, symbols[:MOST])) if isinstance(symbols, list) else [],
        "parameters": _params(record.get("params")),
        "from": _plain(record.get("start"))[:10],
        "to": _plain(record.get("end"))[:10],
        "figures": {_plain(key): _number(value) for key, value in list(figures.items())[:MOST]},
        "error": "",
    }


def _params(found: object) -> Row:
    if not isinstance(found, dict):
        return {}
    named = list(found.items())[:MOST]
    return {_plain(k): _plain(v) if _number(v) is None else v for k, v in named}


def _figures(document: dict[str, Any]) -> dict[str, Any]:
    """A run's own, a sweep's best."""
    found = document.get("figures")
    points, best = document.get("points"), document.get("best")
    if isinstance(points, list) and isinstance(best, int) and 0 <= best < len(points):
        found = points[best].get("figures") if isinstance(points[best], dict) else None
    return found if isinstance(found, dict) else {}


def _plain(value: object) -> str:
    """As short text that any encoding can carry."""
    return str(value)[:LONGEST].encode("utf-8", "replace").decode()


def _number(value: object) -> float | int | None:
    return value if isinstance(value, (int, float)) and abs(value) < 1e300 else None
