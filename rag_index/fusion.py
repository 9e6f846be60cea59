"""Joins the two rankings of a collection, by meaning and by words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from rag_index.rows import ARTICLES, DOCUMENTS, Hit

# Is the question about the subject at all? Of 40 texts of nonsense or about other things ("asdf
# qwer zxcv", the weather, cooking) 38 had a best cosine below 0.30, gibberish at most 0.27; the
# exceptions were "order a pizza" and the leverage of a wrench. Of 44 questions that an article
# answers the lowest was 0.33. A question that passes gets the passages that are not far off: the
# lowest cosine of a right article was 0.28. Neither floor shows that a passage answers anything.
QUESTION_FLOOR = 0.30
PASSAGE_FLOOR = 0.22

PER_DOCUMENT = 2  # passages of one article
TABLE_BARS = 8  # a text with so many cell bars is a table


@dataclass(frozen=True, slots=True)
class Recipe:
    """How a collection's rankings are joined, and what of it is shown.

    `words` and `table_words` weigh the words against the meaning, in prose and in tables.
    `diversity` is what a passage loses for repeating one chosen before it; see `variety`.
    """

    words: float
    table_words: float
    passage_floor: float
    per_document: int
    diversity: float = 0.0

    def weight(self, text: str) -> float:
        """Give the weight of the words for a passage."""
        return self.table_words if text.count("|") >= TABLE_BARS else self.words


# Prose leans on meaning, tables on words. Of the documents chosen in round figures on the even half
# of the questions of TAT-QA's dev part (nDCG@10 there and on the other half: docs/benchmarks.md).
# No floor for a document's passages: a table that answers may be far from the question by meaning.
# Diversity up to 0.1 costs the articles no nDCG@10; in reports, where the table and the text around
# it answer together, any costs a little (docs/benchmarks.md).
RECIPES = {
    ARTICLES: Recipe(
        words=0.3,
        table_words=0.3,
        passage_floor=PASSAGE_FLOOR,
        per_document=PER_DOCUMENT,
        diversity=0.05,
    ),
    DOCUMENTS: Recipe(words=0.4, table_words=0.6, passage_floor=-1.0, per_document=6),
}


@dataclass(frozen=True, slots=True)
class Scored:
    """A hit with its score: 1 where meaning and words both agree wholly, falling towards 0."""

    hit: Hit
    score: float


def fuse(
    near: Sequence[Hit],
    matching: Sequence[Hit],
    recipe: Recipe,
    question_floor: float = QUESTION_FLOOR,
) -> list[Scored]:
    """Join two rankings by the weighted sum of the cosine and of BM25 over the best BM25.

    Nothing if nothing is relevant: if even the nearest row is below `question_floor`. Sums of
    scores did better than reciprocal ranks: 0.59 against 0.57 on TAT-QA, with equal weights.
    """
    if not near or near[0].cosine < question_floor:
        return []
    best = max((hit.words for hit in matching), default=0.0) or 1.0
    hits = {hit.row.id: hit for hit in near} | {hit.row.id: hit for hit in matching}
    scored = [
        Scored(hit, _score(recipe.weight(hit.row.text), hit.cosine, hit.words / best))
        for hit in hits.values()
        if hit.cosine >= recipe.passage_floor
    ]
    return ranked(scored)


def ranked(scored: Sequence[Scored]) -> list[Scored]:
    """Put the best first, in an order that never depends on chance."""
    return sorted(scored, key=lambda s: (-s.score, -s.hit.cosine, s.hit.row.id))


def rescored(scored: Sequence[Scored], scores: Sequence[float]) -> list[Scored]:
    """Order anew by other scores between 0 and 1."""
    pairs = zip(scored, scores, strict=True)
    return ranked([replace(one, score=float(score)) for one, score in pairs])


def _score(weight: float, cosine: float, words: float) -> float:
    return min(1.0, max(1e-6, (1 - weight) * cosine + weight * words))
