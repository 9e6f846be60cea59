"""Gives variety: passages that repeat little of each other, and not all from one document."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from rag_index.fusion import RECIPES, Recipe, Scored, ranked
from rag_index.rows import Vector


def diverse(
    ordered: Sequence[Scored], limit: int, recipes: Mapping[str, Recipe] = RECIPES
) -> list[Scored]:
    """Choose at most `limit` of those given best first, and give them best first.

    So many of one document, and no text of a report twice. The next one chosen has the greatest
    marginal relevance (Carbonell and Goldstein, 1998): (1 - d) times its score less d times its
    cosine with the nearest chosen one, d being the diversity of its collection. Where d is 0, or
    the store gave no vectors, the best scores win.
    """
    taken: Counter[str] = Counter()
    seen: set[tuple[str, str, int]] = set()
    chosen: list[Scored] = []
    repeats = [0.0] * len(ordered)
    left = list(range(len(ordered)))

    def worth(place: int) -> float:
        weight = recipes[ordered[place].hit.row.collection].diversity
        return (1 - weight) * ordered[place].score - weight * repeats[place]

    while left and len(chosen) < limit:
        best = max(left, key=worth)  # of equals the first
        left.remove(best)
        row = ordered[best].hit.row
        said = (row.sha256, row.company, row.fiscal_year)
        if taken[row.document] == recipes[row.collection].per_document or said in seen:
            continue
        taken[row.document] += 1
        seen.add(said)
        chosen.append(ordered[best])
        for place in left:
            if recipes[ordered[place].hit.row.collection].diversity:
                alike = _cosine(ordered[place].hit.vector, ordered[best].hit.vector)
                repeats[place] = max(repeats[place], alike)
    return ranked(chosen)


def _cosine(one: Vector | None, other: Vector | None) -> float:
    return 0.0 if one is None or other is None else float(one @ other)
