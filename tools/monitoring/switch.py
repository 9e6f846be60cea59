"""The second switch: a plain file that halts every desk over its folder, ledger or no ledger.

``tollgate halt`` writes it before it writes the ledger, and ``tollgate resume`` removes it. A
person without the program can write it too: any file of that name halts.
"""

from __future__ import annotations

import os
from pathlib import Path

from tools.domain.errors import StateError
from tools.monitoring.words import Word
from tools.risk.mode import Mode

NAME = "HALTED"
OFF = Word("switch", Mode.ACTIVE, "There is no file HALTED.")


class Switch:
    """The file called HALTED in the state folder; present or unreadable means halted."""

    def __init__(self, folder: Path) -> None:
        """Nothing is written when made."""
        self.path = folder / NAME

    def word(self) -> Word:
        """What the file says now; asks the disk each time and nobody's memory."""
        try:
            self.path.lstat()
        except FileNotFoundError:
            # A folder that is gone can't hold the file: then nothing is known.
            if self.path.parent.is_dir():
                return OFF
            return self._halted(f"{self.path.parent} is gone.")
        except OSError as error:
            return self._halted(f"{self.path} can't be looked at ({error.strerror}).")
        return self._halted(f"{self.path} is there; `tollgate resume` removes it.")

    def turn_on(self, said: str) -> None:
        """Write the file so that it outlasts a power cut; StateError when the disk refuses."""
        try:
            handle = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            try:
                self._fill(handle, said)
            finally:
                os.close(handle)
            folder = os.open(self.path.parent, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)
        except OSError as error:
            raise StateError(f"{self.path} can't be written ({error.strerror or error})") from error

    def turn_off(self) -> None:
        """Remove the file; StateError when the disk refuses."""
        try:
            self.path.unlink(missing_ok=True)
        except OSError as error:
            raise StateError(
                f"{self.path} can't be removed ({error.strerror or error}), so trading stays "
                "halted. Make the folder writable and resume again"
            ) from error

    def _fill(self, handle: int, said: str) -> None:
        """The reason, for people; on a full disk the empty file has to do."""
        try:
            os.write(handle, said.encode())
            os.fsync(handle)
        except OSError:
            return

    def _halted(self, sentence: str) -> Word:
        return Word("switch", Mode.HALTED, sentence)


class MemorySwitch(Switch):
    """The switch of a desk that is alone, as one on the past is: no file, and gone with it."""

    def __init__(self) -> None:
        """Off."""
        self._said = ""

    def word(self) -> Word:
        """What it says now."""
        return OFF if not self._said else self._halted(f"It was halted: {self._said}.")

    def turn_on(self, said: str) -> None:
        """Halt."""
        self._said = said.strip() or "for no reason"

    def turn_off(self) -> None:
        """Let trade again."""
        self._said = ""
