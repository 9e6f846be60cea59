"""What a language model answered, a line each: played back, it needs no model and no network.

An answer is found by the moment and by the whole request: the prompts, the tools and their results.
Whatever changes one of them has no recording, and that is told instead of answered.
"""

from __future__ import annotations

import hashlib
import json
import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tools.domain.errors import DataUnavailable, InputError, StateError

FORMAT = 1
MOST_BYTES = 2**30


class NotRecorded(DataUnavailable):
    """The recording has no answer to a request."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: a status with the body's text, or the kind of failure in its place."""

    status: int = 0
    text: str = ""
    failure: str = ""

    @property
    def good(self) -> bool:
        """Whether the endpoint answered; what failed is asked again when recording goes on."""
        return not self.failure and self.status < 400


class Recording:
    """Answers by request; ``model`` and ``where`` name who gave them.

    ``knowledge_ends`` is the day (ISO) up to which the model knows the past, empty where nobody
    said. ``at`` is the moment that is asked about, set by whoever asks.
    """

    def __init__(self, model: str, where: str, knowledge_ends: str = "") -> None:
        """An empty one, kept in memory until ``keep_in`` names a file."""
        self.model, self.where, self.knowledge_ends = model, where, knowledge_ends
        self.at = ""
        self._answers: dict[str, Answer] = {}
        self._used: dict[str, None] = {}
        self._path: Path | None = None

    @classmethod
    def read(cls, path: Path) -> Recording:
        """The answers in a file; raises InputError for one that is none or can't be read.

        A last line that is torn, as a killed process leaves it, is left out.
        """
        lines = _lines(path)
        try:
            head = json.loads(lines[0]) if lines else {}
            if head["recording"] != FORMAT:
                raise ValueError("it is of another version")
            found = cls(str(head["model"]), str(head["where"]), str(head["knowledge_ends"]))
            for line in lines[1:]:
                row = json.loads(line)
                found._answers[str(row["key"])] = Answer(
                    int(row["status"]), str(row["text"]), str(row["failure"])
                )
        except (ValueError, KeyError, TypeError) as error:
            raise InputError(
                f"{path} is no recording of a model ({error}); --record makes one."
            ) from None
        return found

    def keep_in(self, path: Path) -> None:
        """Write every answer to ``path`` as it comes, after those that are there already.

        Raises InputError when they are another model's, StateError when it can't be written.
        """
        if path.exists() and path.stat().st_size:
            earlier = Recording.read(path)
            if (earlier.model, earlier.where) != (self.model, self.where):
                raise InputError(
                    f"{path} has the answers of {earlier.model} at {earlier.where}: record "
                    f"{self.model} in a file of its own."
                )
            self._answers = earlier._answers
            _mend(path)
        self._path = path
        if not path.exists() or not path.stat().st_size:
            head = {
                "recording": FORMAT,
                "model": self.model,
                "where": self.where,
                "knowledge_ends": self.knowledge_ends,
            }
            self._write(head)

    def key(self, body: bytes) -> str:
        """SHA-256 of a request at this moment; a JSON body's spacing and order don't count."""
        with suppress(ValueError):
            body = json.dumps(json.loads(body), sort_keys=True, separators=(",", ":")).encode()
        return hashlib.sha256(f"{self.at}\n".encode() + body).hexdigest()

    def find(self, key: str) -> Answer | None:
        """The answer to a request, None where there is none."""
        found = self._answers.get(key)
        if found is not None:
            self._used[key] = None
        return found

    def note(self, key: str, answer: Answer) -> None:
        """Keep an answer; a later one to the same request takes the place of an earlier."""
        self._answers[key] = answer
        self._used[key] = None
        if self._path is not None:
            row = {"at": self.at, "key": key, "status": answer.status}
            self._write(row | {"text": answer.text, "failure": answer.failure})

    @property
    def hash(self) -> str:
        """SHA-256 over every answer that was used, in the order of the first use."""
        digest = hashlib.sha256(f"{self.model}\n".encode())
        for key in self._used:
            one = self._answers[key]
            digest.update(json.dumps([key, one.status, one.text, one.failure]).encode())
        return digest.hexdigest()

    @property
    def kept(self) -> int:
        """How many requests have an answer."""
        return sum(one.good for one in self._answers.values())

    def _write(self, row: dict[str, Any]) -> None:
        if self._path is None:
            return
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
        try:
            with os.fdopen(os.open(self._path, flags, 0o600), "ab") as file:
                file.write(json.dumps(row).encode() + b"\n")
        except OSError as error:
            raise StateError(
                f"the answers can't be recorded in {self._path} ({error.strerror or error})."
            ) from None


def _lines(path: Path) -> list[bytes]:
    try:
        if path.stat().st_size > MOST_BYTES:
            raise InputError(f"{path} is over a gigabyte: that is no recording of a model.")
        whole = path.read_bytes()
    except OSError as error:
        raise InputError(f"{path} can't be read ({error.strerror or error}).") from None
    return whole.split(b"\n")[:-1]  # what stands after the last line's end is torn


def _mend(path: Path) -> None:
    """Cut a torn last line off, so that the next begins at its own."""
    try:
        whole = path.read_bytes()
        os.truncate(path, whole.rfind(b"\n") + 1)
    except OSError as error:
        raise StateError(f"{path} can't be written ({error.strerror or error}).") from None
