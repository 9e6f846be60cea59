"""The runs that a search has done, so that an interrupted one goes on where it stopped."""

from __future__ import annotations

import json
import zipfile
import zlib
from pathlib import Path
from uuid import uuid4

import numpy as np

from tools.backtest.search.outcome import Outcome
from tools.domain.errors import StateError

FORMAT = 1
ARRAYS = ("at", "equity", "invested", "profits")


class Points:
    """One file a run, by the id of its record: the same run is never played twice."""

    def __init__(self, folder: Path) -> None:
        """``folder`` is made when the first one is kept."""
        self._folder = folder

    def get(self, run: str) -> Outcome | None:
        """What is kept of a run; None of one that isn't, or of which only a part is readable.

        Raises StateError when the folder can't be read.
        """
        try:
            with np.load(self._folder / f"{run}.npz", allow_pickle=False) as kept:
                plain = json.loads(str(kept["plain"]))
                arrays = {name: kept[name] for name in ARRAYS}
            if plain.pop("format") != FORMAT or plain["run"] != run:
                return None
            return Outcome(**plain, **arrays)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise self._unusable(error) from None
        except (ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile, zlib.error):
            return None  # torn or of another version: it is played again

    def keep(self, one: Outcome) -> None:
        """Write it down whole or not at all; raises StateError when the disk refuses."""
        plain = {
            "format": FORMAT,
            "run": one.run,
            "result": one.result,
            "figures": dict(one.figures),
            "traded": one.traded,
            "periods": one.periods,
        }
        arrays = {name: getattr(one, name) for name in ARRAYS}
        draft = self._folder / f".{one.run}.{uuid4().hex}"
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            try:
                with draft.open("xb") as file:
                    np.savez_compressed(file, plain=np.array(json.dumps(plain)), **arrays)
                draft.replace(self._folder / f"{one.run}.npz")
            finally:
                draft.unlink(missing_ok=True)
        except OSError as error:
            raise self._unusable(error) from None

    def _unusable(self, error: OSError) -> StateError:
        return StateError(
            f"the search's runs in {self._folder} can't be used ({error.strerror or error}). Make "
            "the folder readable and writable, or make room"
        )
