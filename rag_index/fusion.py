"""Joins the two rankings into passages: weighted reciprocal ranks, a floor, and variety."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from rag_index.rows import Hit

PER_DOCUMENT = 2

# Tried on 44 questions about the articles, k from 5 to 60: with k = 20 and a weight of 0.3 for
# words, 40 found their article first (by meaning alone 39, by words alone 37). The plateau is wide,
# and the questions were written by the authors of the articles.
RRF_K = 20
DENSE_WEIGHT, WORDS_WEIGHT = 0.7, 0.3

# Is the question about the subject at all? Of 40 texts of nonsense or about other things ("asdf
# qwer zxcv", the weather, cooking) 38 had a best cosine below 0.30, gibberish at most 0.27; the
# exceptions were "order a pizza" and the leverage of a wrench. Of 44 questions that an article
# answers the lowest was 0.33. A question that passes gets the passages that are not far off: the
# lowest cosine of a right article was 0.28. Neither floor shows that a passage answers anything.
QUESTION_FLOOR = 0.30
PASSAGE_FLOOR = 0.22


@dataclass(frozen=True, slots=True)
class Passage:
    """A span of an article: `start` and `end` in characters of its body, `known_at` aware UTC.

    `score` is 1 for a passage that is first by meaning and by words, and falls towards 0.
    """

    id: str
    document: str
    title: str
    section: str
    text: str
    start: int
    end: int
    score: float
    known_at: datetime
    sha256: str
    source: str


def fuse(near: Sequence[Hit], matching: Sequence[Hit]) -> list[tuple[float, Hit]]:
    """Join two rankings by weighted reciprocal ranks; nothing if nothing is relevant."""
    if not near or near[0].cosine < QUESTION_FLOOR:
        return []
    scores: defaultdict[str, float] = defaultdict(float)
    hits: dict[str, Hit] = {}
    for weight, ranking in ((DENSE_WEIGHT, near), (WORDS_WEIGHT, matching)):
        for rank, hit in enumerate(ranking):
            hits[hit.row.id] = hit
            scores[hit.row.id] += weight * (RRF_K + 1) / (RRF_K + 1 + rank)
    relevant = [(scores[i], hit) for i, hit in hits.items() if hit.cosine >= PASSAGE_FLOOR]
    return sorted(relevant, key=lambda scored: (-scored[0], -scored[1].cosine, scored[1].row.id))


def diverse(ranked: Sequence[tuple[float, Hit]], limit: int) -> tuple[Passage, ...]:
    """Give the best passages, at most `limit` and at most PER_DOCUMENT of one article."""
    taken: Counter[str] = Counter()
    passages: list[Passage] = []
    for score, hit in ranked:
        row = hit.row
        if len(passages) == limit or taken[row.document] == PER_DOCUMENT:
            continue
        taken[row.document] += 1
        passages.append(
            Passage(
                id=row.id,
                document=row.document,
                title=row.title,
                section=row.section,
                text=row.text,
                start=row.start,
                end=row.end,
                score=score,
                known_at=row.known_at,
                sha256=row.sha256,
                source=row.source,
            )
        )
    return tuple(passages)
