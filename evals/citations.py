"""Every citation of some 300 answers, opened again at its source and cut out byte for byte.

What is compared is read from the files themselves, by code that shares nothing with the index: the
article's body after its front matter, the document's text by the hash in its record.
"""

from __future__ import annotations

import hashlib
import json
import re
import time
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from evals.citation_reports import reports
from evals.retrieval_sets import own_questions
from knowledge_base.articles import ARTICLES as FOLDER
from tools.domain.errors import TradingError

Ask = Callable[[str], AsyncIterator[dict[str, Any]]]
Progress = Callable[[int, int, str], None]

NO_EVIDENCE = (
    "Who is the president of France?", "Give me a recipe for pasta with tomatoes",
    "How do I remove a wine stain from a carpet?", "Which team won the cup final?",
    "What is the capital of Mongolia?", "Write a poem about the sea",
    "How tall is Mount Kilimanjaro?", "When did the Roman empire fall?",
    "What does the moon do to the tides?", "How do bees make honey?",
    "Who painted the Night Watch?", "Translate good morning into Finnish",
    "How long must I boil an egg?", "What is the boiling point of ethanol?",
    "Name the moons of Jupiter", "How do I prune a rose?",
    "What is photosynthesis?", "Who wrote War and Peace?",
    "How do I fix a flat bicycle tyre?", "What is the plot of Hamlet?",
)  # fmt: skip
"""Questions to which neither the articles nor the reports have an answer."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question and the set that it belongs to."""

    kind: str
    question: str


@dataclass(slots=True)
class Line:
    """What became of one set of questions; ``failed`` are sentences about what did not resolve.

    ``told`` are answers from tools alone, and what can't be answered for another reason.
    """

    kind: str
    questions: int = 0
    answered: int = 0
    refused: int = 0
    told: int = 0
    citations: int = 0
    quotations: int = 0
    numbers: int = 0
    failed: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Measured:
    """The lines by set, and milliseconds of this process's own work for each question."""

    lines: tuple[Line, ...]
    cpu_ms: float


def questions() -> list[Asked]:
    """Those of evals/questions, three about each report, and some without an answer."""
    asked = [Asked("articles", judged.question) for judged in own_questions()]
    asked += [Asked("reports", q) for report in reports() for q in report.questions]
    return asked + [Asked("no evidence", q) for q in NO_EVIDENCE]


async def measure(
    ask: Ask, knowledge: Path, asked: Sequence[Asked], progress: Progress
) -> Measured:
    """Ask everything and resolve what the answers cite; ``knowledge`` is the index's folder."""
    sources = Sources(knowledge)
    lines: dict[str, Line] = {}
    started = time.process_time()
    for n, one in enumerate(asked):
        progress(n, len(asked), "questions")
        line = lines.setdefault(one.kind, Line(one.kind))
        line.questions += 1
        try:
            answer = [event async for event in ask(one.question)][-1]
        except TradingError:
            line.told += 1  # an impossible order, or a symbol without prices: a sentence says so
            continue
        line.refused += bool(answer["refused"])
        line.answered += bool(answer["citations"])
        line.told += not answer["refused"] and not answer["citations"]
        line.citations += len(answer["citations"])
        line.quotations += len(answer["quotations"])
        line.numbers += sum("document" in row for row in answer["figures"])
        line.failed += [f"{one.question}: {problem}" for problem in sources.problems(answer)]
    spent = (time.process_time() - started) * 1000 / max(len(asked), 1)
    return Measured(tuple(lines.values()), round(spent, 1))


class Sources:
    """Opens articles and documents as files."""

    def __init__(self, knowledge: Path) -> None:
        """``knowledge`` is the folder with the documents' records and texts."""
        self._documents = knowledge / "documents"
        self._articles = {path.stem: path for path in FOLDER.rglob("*.md")}

    def text(self, collection: str, document: str) -> str:
        """The whole text that a span is of; OSError where there is none."""
        if collection == "articles":
            return self._articles[document].read_text("utf-8").split("---\n", 2)[2]
        record = json.loads((self._documents / "records" / f"{document}.json").read_text("utf-8"))
        kept = self._documents / "texts" / f"{record['text_sha256']}.json"
        return str(json.loads(kept.read_text("utf-8"))["text"])

    def problems(self, answer: dict[str, Any]) -> list[str]:
        """Whatever an answer cites, quotes or counts that does not stand where it says."""
        found: list[str] = []
        where: dict[str, str] = {}
        for row in answer["citations"]:
            where[row["document"]] = row["collection"]
            cut = self.text(row["collection"], row["document"])[row["start"] : row["end"]]
            told = row["text"].encode("utf-8")
            if cut.encode("utf-8") != told or hashlib.sha256(told).hexdigest() != row["sha256"]:
                found.append(f"citation {row['id']}")
            for section, start, end in row["at"]:
                if answer["sections"][section]["text"][start:end] != f"[{row['number']}]":
                    found.append(f"the place of [{row['number']}]")
        spans = [(row, row["text"]) for row in answer["quotations"]]
        spans += [(row, row["value"]) for row in answer["figures"] if "document" in row]
        for row, told in spans:
            if row["document"] not in where:
                found.append(f"{told[:40]!r} is quoted and not cited")
                continue
            cut = self.text(where[row["document"]], row["document"])[row["start"] : row["end"]]
            section, start, end = row["at"]
            shown = answer["sections"][section]["text"][start:end].replace("\\", "")
            if cut.encode("utf-8") != told.encode("utf-8") or _plain(shown) != _plain(cut):
                found.append(f"{told[:40]!r} in {row['document']}")
        return found


def _plain(text: str) -> str:
    """White space and quotation marks made alike: nothing else may differ in what is shown."""
    return re.sub("[“”„«»\"‘’‚‹›']", "'", " ".join(text.split()))
