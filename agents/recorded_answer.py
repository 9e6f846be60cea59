"""One answer of a language model, as it is kept."""

from __future__ import annotations

import hashlib
import json
from contextlib import suppress
from dataclasses import dataclass


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

    @property
    def tokens(self) -> int:
        """What the endpoint says that it read and wrote; 0 where it doesn't say."""
        with suppress(ValueError, KeyError, TypeError):
            return max(int(json.loads(self.text)["usage"]["total_tokens"]), 0)
        return 0

    @property
    def hash(self) -> str:
        """SHA-256 over all of it."""
        whole = json.dumps([self.status, self.text, self.failure])
        return hashlib.sha256(whole.encode()).hexdigest()
