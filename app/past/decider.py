"""Who decides on the past, and what they could have known of what came next."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from tools.domain.errors import InputError
from tools.settings import Settings

if TYPE_CHECKING:
    from agents.recording import Recording
    from agents.services import Mind

PLANNER, MODEL = "planner", "model"
ROOMS = ("agents", "mcp_server", "rag_index", "app/past")
OPENAI = "OpenAI"
WHOSE = (
    "Side, symbol and quantity of each order come from the instruction and from the tools' figures "
    "in either case; a model chooses what is looked at and words the answer."
)


@dataclass(frozen=True, slots=True)
class Decider:
    """``recording`` has a model's answers, None for the planner; ``played`` says whence they are.

    ``knowledge_ends`` is the last day that a model was told of, None where nobody knows.
    """

    mind: Mind
    recording: Recording | None = None
    played: bool = False
    knowledge_ends: date | None = None

    @property
    def principal(self) -> str:
        """Who proposes, as the live desk would name them."""
        return f"agent:{self.mind.label.split()[0]}"

    def told(self, days: Sequence[date]) -> dict[str, Any]:
        """What they could have known on the ``days`` of decisions, as plain values."""
        ends = self.knowledge_ends
        before = None if ends is None or not days else sum(d <= ends for d in days) / len(days)
        return {
            "name": self.mind.label,
            "kind": PLANNER if self.recording is None else MODEL,
            "knowledge_ends": None if ends is None else ends.isoformat(),
            "share_before": before,
            "days": len(days),
            "requests": 0 if self.recording is None else self.recording.requests,
            "tokens": 0 if self.recording is None else self.recording.tokens,
            "note": self._note(len(days), before),
        }

    def _note(self, days: int, before: float | None) -> str:
        if self.recording is None:
            return (
                "The planner has no knowledge of its own: on each day it went by what its tools "
                "told as of then. Its rules were written by people who know what came later."
            )
        name, ends = self.mind.label.removeprefix("language model "), self.knowledge_ends
        if ends is None or before is None:
            return (
                f"Up to when {name} knows the past is unknown (--knowledge-ends says it), so it "
                f"may remember what came after each of the {days} days of decisions: the result is "
                f"not to be trusted on any of them. {WHOSE}"
            )
        if before == 0:
            said = "all lie after that, so it can't have read of them."
        elif before == 1:
            said = "none lies after that, so the result is not to be trusted on any of them."
        else:
            said = (
                f"{before:.0%} lie before that, where it may remember what came next: only what it "
                "did afterwards says anything of its judgement."
            )
        return f"{name} knows the past up to {ends}. Of its {days} days of decisions {said} {WHOSE}"


def choose_decider(
    settings: Settings, record: Path | None, recorded: Path | None, ends: date | None
) -> Decider:
    """The recorded model, else the one that the settings name, else the planner.

    Raises InputError for options that don't go together or a file that is no recording.
    """
    if record is not None and recorded is not None:
        raise InputError("--record asks a model and --recorded plays one back: say one of them.")
    if recorded is not None:
        return _played(settings, recorded, ends)
    if not settings.has_model:
        if record is not None:
            raise InputError(
                "--record needs a language model: set OPENAI_API_KEY or OPENAI_BASE_URL."
            )
        if ends is not None:
            raise InputError(
                "--knowledge-ends is about a language model, and none is set: the planner has no "
                "knowledge of its own."
            )
        from agents.planner import Planner

        return Decider(Planner())
    return _asked(settings, record, ends or settings.model_knowledge_ends)


def _asked(settings: Settings, record: Path | None, ends: date | None) -> Decider:
    from agents.llm import Model
    from agents.recording import Recording

    where = _address(settings.openai_base_url)
    recording = Recording(settings.model, where, ends.isoformat() if ends else "")
    if record is not None:
        recording.keep_in(record)
    key = settings.openai_api_key
    mind = Model(
        settings.model,
        api_key=key.get_secret_value() if key else None,
        base_url=settings.openai_base_url,
        timeout_s=settings.model_timeout_s,
        proxy=settings.openai_proxy,
        recording=recording,
    )
    return Decider(mind, recording, knowledge_ends=ends)


def _address(url: str | None) -> str:
    """Where a model is, without a password that may stand in its address."""
    if url is None:
        return OPENAI
    parts = urlsplit(url)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2], query="", fragment="").geturl()


def _played(settings: Settings, path: Path, ends: date | None) -> Decider:
    from agents.llm import Model
    from agents.recording import Recording

    recording = Recording.read(path)
    if not recording.kept:
        raise InputError(
            f"{path} has no answer of a model in it: recording was stopped before the first, or "
            "the model only failed. Record it again with --record."
        )
    mind = Model(
        recording.model,
        api_key=None,
        base_url=None if recording.where == OPENAI else recording.where,
        timeout_s=settings.model_timeout_s,
        recording=recording,
        played=True,
    )
    try:
        written = date.fromisoformat(recording.knowledge_ends) if recording.knowledge_ends else None
    except ValueError:
        raise InputError(f"{path} is no recording of a model (its date is none).") from None
    return Decider(mind, recording, played=True, knowledge_ends=ends or written)


def program() -> str:
    """SHA-256 over the source and the prompts of all that answers: agents, tools by MCP, index.

    The room ``tools`` has a hash of its own in every record.
    """
    root = Path(__file__).resolve().parents[2]
    digest = hashlib.sha256()
    for room in ROOMS:
        for path in sorted((root / room).rglob("*")):
            if path.suffix in (".py", ".md"):
                digest.update(f"{path.relative_to(root).as_posix()}\0".encode())
                digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()
