"""What a language model answered: played back, it needs no model and no network.

An answer is found by the moment and by the whole request: the prompts, the tools and their results.
Whatever changes one of them has no recording, and that is told instead of answered.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from contextlib import suppress
from itertools import islice
from pathlib import Path

from agents.recorded_answer import Answer
from agents.recording_file import FORMAT, append, mend, need_place, rows_of
from tools.domain.errors import DataUnavailable, InputError

Used = tuple[str, int]
"""The hash of an answer, and its tokens."""


class NotRecorded(DataUnavailable):
    """The recording has no answer to a request."""


class CallsSpent(InputError):
    """As many calls of the model were made as it may be asked."""


class Recording:
    """Answers by request; ``model`` and ``where`` name who gave them.

    ``knowledge_ends`` is the day (ISO) up to which the model knows the past, empty where nobody
    said. ``at`` and ``asked`` are the moment that is asked about and the instruction, set by
    whoever asks. ``most_calls`` is how often the model may be asked, None for any number.
    """

    def __init__(self, model: str, where: str, knowledge_ends: str = "") -> None:
        """An empty one, kept in memory until ``keep_in`` names a file."""
        self.model, self.where, self.knowledge_ends = model, where, knowledge_ends
        self.at = self.asked = ""
        self.most_calls: int | None = None
        self.calls = 0
        self._answers: dict[str, Answer] = {}
        self._used: dict[str, Used] = {}
        self._moments: dict[str, dict[str, None]] = {}
        self._path: Path | None = None
        self._headed = False

    @classmethod
    def read(cls, path: Path) -> Recording:
        """The answers in a file; raises InputError for one that is none or can't be read."""
        rows = rows_of(path)
        try:
            head = next(rows, {})
            if head["recording"] != FORMAT:
                raise ValueError("it is of another version")
            found = cls(str(head["model"]), str(head["where"]), str(head["knowledge_ends"]))
            for row in rows:
                answer = Answer(int(row["status"]), str(row["text"]), str(row["failure"]))
                found._answers[str(row["key"])] = answer
                found._moments.setdefault(str(row["at"]), {})[str(row["asked"])] = None
        except (ValueError, KeyError, TypeError) as error:
            raise InputError(
                f"{path} is no recording of a model ({error}); --record makes one."
            ) from None
        return found

    def keep_in(self, path: Path) -> None:
        """Write every answer to ``path`` as it comes, after those that are there already.

        The file is begun with the first. Raises InputError when they are another model's,
        StateError when it can't be written.
        """
        if path.exists() and path.stat().st_size:
            earlier = Recording.read(path)
            if (earlier.model, earlier.where) != (self.model, self.where):
                raise InputError(
                    f"{path} has the answers of {earlier.model} at {earlier.where}: record "
                    f"{self.model} in a file of its own."
                )
            self._answers, self._moments = earlier._answers, earlier._moments
            self._headed = True
            mend(path)
        need_place(path)
        self._path = path

    def key(self, body: bytes) -> str:
        """SHA-256 of a request at this moment; a JSON body's spacing and order don't count."""
        with suppress(ValueError):
            body = json.dumps(json.loads(body), sort_keys=True, separators=(",", ":")).encode()
        return hashlib.sha256(f"{self.at}\n".encode() + body).hexdigest()

    def find(self, key: str) -> Answer | None:
        """The answer to a request, None where there is none."""
        found = self._answers.get(key)
        if found is not None:
            self._used[key] = (found.hash, found.tokens)
        return found

    def spend(self) -> None:
        """Count a call that is about to be made; raises CallsSpent where it is one too many."""
        if self.most_calls is not None and self.calls >= self.most_calls:
            raise CallsSpent(
                f"{self.model} was asked {self.calls:,} times, as often as --most-calls allows, "
                f"and the run has come to {self.at}."
            )
        self.calls += 1

    def note(self, key: str, answer: Answer) -> None:
        """Keep an answer; a later one to the same request takes the place of an earlier."""
        self._answers[key] = answer
        self._used[key] = (answer.hash, answer.tokens)
        self._moments.setdefault(self.at, {})[self.asked] = None
        if self._path is None:
            return
        if not self._headed:
            head = {"recording": FORMAT, "model": self.model, "where": self.where}
            append(self._path, head | {"knowledge_ends": self.knowledge_ends})
            self._headed = True
        row = {"at": self.at, "asked": self.asked, "key": key, "status": answer.status}
        append(self._path, row | {"text": answer.text, "failure": answer.failure})

    def used_since(self, count: int) -> dict[str, Used]:
        """The answers by request that were used after the first ``count`` of them."""
        return dict(islice(self._used.items(), count, None))

    def use_again(self, used: Mapping[str, Used]) -> bool:
        """Count answers of an earlier time as used; False where the file hasn't these very ones."""
        if self._path is not None and any(
            key not in self._answers or self._answers[key].hash != one[0]
            for key, one in used.items()
        ):
            return False
        self._used |= used
        return True

    @property
    def requests(self) -> int:
        """How many different requests were answered, by whomever."""
        return len(self._used)

    @property
    def tokens(self) -> int:
        """What the endpoint told of tokens for these."""
        return sum(tokens for _, tokens in self._used.values())

    @property
    def hash(self) -> str:
        """SHA-256 over every answer that was used, in the order of the first use."""
        digest = hashlib.sha256(f"{self.model}\n".encode())
        for key, (one, _) in self._used.items():
            digest.update(f"{key} {one}\n".encode())
        return digest.hexdigest()

    @property
    def kept(self) -> int:
        """How many requests have an answer."""
        return sum(one.good for one in self._answers.values())

    def missing(self) -> NotRecorded:
        """Why there is no answer to what is asked now, as far as the recording tells."""
        return NotRecorded(f"{self._why_missing()} Record it again with --record.")

    def _why_missing(self) -> str:
        at, moments = self.at, sorted(self._moments)
        said = self._moments.get(at)
        if not moments:
            return f"The recording has no answer at all, so none to what is asked at {at}."
        if said is not None and self.asked not in said:
            return (
                f"At {at} the recorded model was asked “{' | '.join(said)}”, and not "
                f"“{self.asked}”."
            )
        if said is not None:
            return (
                f"What is asked at {at} is not what the recorded model was asked then: the prices, "
                "the knowledge, cash, costs, limits, prompts or tools differ from those it was "
                "made with, or the recording was stopped in the middle of that moment."
            )
        if moments[0] < at < moments[-1]:
            return (
                f"The recording has no answer at {at}, though it has some before and after: it was "
                "made with another --every, or lines were taken out of it."
            )
        return (
            f"The recording has answers from {moments[0]} to {moments[-1]} and none at {at}: it "
            "was made over other dates, or stopped before its end."
        )
