"""The error of a feed that got no answer, told apart from an answer that says no."""

from __future__ import annotations

from collections.abc import Mapping

from tools.domain.errors import DataUnavailable


class Unanswered(DataUnavailable):
    """The source did not answer, or not readably; its text is a sentence without any key.

    ``retry_after_s`` is how long it asked to be left alone, in seconds, None where it said nothing.
    ``limited`` says that it wants fewer questions (429). ``again`` is False where the same question
    cannot do better until a person has changed something, such as a key.
    """

    def __init__(
        self,
        said: str,
        *,
        retry_after_s: float | None = None,
        limited: bool = False,
        again: bool = True,
    ) -> None:
        super().__init__(said)
        self.retry_after_s = retry_after_s
        self.limited = limited
        self.again = again


def told_wait(headers: Mapping[str, str]) -> float | None:
    """Seconds of a Retry-After header (RFC 9110, 10.2.3); None without a usable one.

    Of its two forms only seconds are read: a date would have to be set against our own clock.
    """
    told = str(headers.get("Retry-After") or headers.get("retry-after") or "").strip()
    return float(told) if told.isascii() and told.isdigit() and len(told) < 10 else None
