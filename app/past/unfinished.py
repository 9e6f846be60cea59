"""What the agents of an unfinished run were asked and answered: the same command goes on there.

A line for each question, on the disk before the next is asked. Played again, what was proposed is
proposed again at the same moments, so that the run ends as if it had never been stopped.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Self

from tools.domain.errors import ModelUnavailable, StateError

Used = tuple[str, int]
Fits = Callable[[Mapping[str, Used]], bool]


@dataclass(frozen=True, slots=True)
class Answered:
    """One question that was answered, as plain values.

    ``proposed`` has the arguments of each order, ``failed`` the name of the error, ``used`` what of
    a model's recording stands behind it.
    """

    decision: dict[str, Any]
    proposed: list[dict[str, Any]] = field(default_factory=list)
    failed: str = ""
    used: dict[str, Used] = field(default_factory=dict)

    @property
    def silent(self) -> bool:
        """Whether the model gave no answer."""
        return self.failed == ModelUnavailable.__name__


class Unfinished:
    """The answers of one run; whoever holds it is the only one that plays this run."""

    def __init__(self, path: Path, fits: Fits = lambda used: True) -> None:
        """Take up what is there, up to the first answer that ``fits`` refuses or that is damaged.

        Raises StateError when it can't be written, or when another process plays the same run.
        """
        self._path = path
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise self._refused(error) from None
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(self._file)
            raise StateError(
                "This very run is being played by another process already: wait for it, or stop it "
                "and give the command again, which goes on there."
            ) from None
        self.answered = self._read(fits)
        self.begun_with = len(self.answered)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._file)

    def keep(self, one: Answered) -> None:
        """Write an answer down before the next is asked for; StateError when the disk refuses."""
        try:
            os.write(self._file, _line(one))
            os.fsync(self._file)
        except OSError as error:
            raise self._refused(error) from None
        self.answered.append(one)

    def end(self) -> None:
        """The run is kept whole: these aren't needed any more."""
        self._path.unlink(missing_ok=True)

    def _read(self, fits: Fits) -> list[Answered]:
        found: list[tuple[int, Answered]] = []
        end = 0
        for line in self._path.read_bytes().splitlines(keepends=True):
            one = _answered(line)
            if one is None or not fits(one.used):
                break
            end += len(line)
            found.append((end, one))
        # Where the model was gone at the end, it is asked again.
        while found and found[-1][1].silent:
            found.pop()
        os.ftruncate(self._file, found[-1][0] if found else 0)
        return [one for _, one in found]

    def _refused(self, error: OSError) -> StateError:
        why = error.strerror or error
        return StateError(
            f"the answers so far can't be kept in {self._path.parent} ({why}). Make it writable, "
            "or make room"
        )


def _line(one: Answered) -> bytes:
    text = json.dumps(asdict(one))
    return f"{_sum(text)} {text}\n".encode()


def _answered(line: bytes) -> Answered | None:
    """None for a line that is torn or was changed."""
    try:
        told, _, text = line.decode().partition(" ")
        if told != _sum(text.removesuffix("\n")) or not text.endswith("\n"):
            return None
        row = json.loads(text)
        used = {key: (str(one[0]), int(one[1])) for key, one in row.pop("used").items()}
        return Answered(**row, used=used)
    except (ValueError, TypeError, KeyError, AttributeError, IndexError):
        return None


def _sum(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]
