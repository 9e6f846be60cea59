"""What the news sounds like, where there is news and something that scores it.

``news_score`` (sum of the scores) and ``news_count`` are put beside the bars by ``news.with_news``
from documents and a scorer that somebody gives; without both these features are unavailable, and
nothing stands in for them.
"""

from __future__ import annotations

import numpy as np

from tools.features.registry import feature
from tools.features.windows import after, over, total
from tools.indicators.arrays import Floats, by_stretch, window_of
from tools.indicators.rolling import lagged

_NEWS = ("news_score", "news_count")


@feature(
    "news_tone", "Tone of the news", family="sentiment", inputs=_NEWS,
    outputs=("news_tone_{window}",), windows=(1, 5, 20), unit="-1 to 1", warm_up=after(-1),
    source="mean score of the window's documents",
)  # fmt: skip
def news_tone(news_score: Floats, news_count: Floats, window: int = 5) -> Floats:
    """NaN where the window has no document: no news is not neutral news."""
    n = window_of(window)
    return by_stretch(lambda s, c: over(total(s, n), total(c, n)), news_score, news_count)[0]


@feature(
    "news_flow", "Amount of news", family="sentiment", inputs=("news_count",),
    outputs=("news_flow_{window}",), windows=(1, 5, 20), unit="documents a bar", warm_up=after(-1),
    source="number of documents over the number of bars",
)  # fmt: skip
def news_flow(news_count: Floats, window: int = 5) -> Floats:
    """Zero when nothing was written."""
    n = window_of(window)
    return by_stretch(lambda c: total(c, n) / n, news_count)[0]


@feature(
    "news_turn", "Change of the tone", family="sentiment", inputs=_NEWS, outputs=("news_turn",),
    params={"window": 5}, unit="-2 to 2", warm_up=lambda p: 2 * p["window"] - 1,
    source="tone of the window less that of the window before",
)  # fmt: skip
def news_turn(news_score: Floats, news_count: Floats, window: int = 5) -> Floats:
    """NaN unless both windows have documents."""
    tone = news_tone(news_score, news_count, window=window)
    return tone - lagged(tone, window_of(window))


@feature(
    "news_fading", "Tone that fades", family="sentiment", inputs=_NEWS, outputs=("news_fading",),
    params={"window": 20, "half": 3.0}, unit="-1 to 1", warm_up=after(-1),
    source="mean score with weights that halve every few bars",
)  # fmt: skip
def news_fading(
    news_score: Floats, news_count: Floats, window: int = 20, half: float = 3.0
) -> Floats:
    """NaN where the window has no document."""
    from tools.indicators.arrays import number_of
    from tools.indicators.rolling import weighted

    n, life = window_of(window), number_of(half, "half", 0.1, 1000)
    weights = 0.5 ** (np.arange(n)[::-1] / life)
    return by_stretch(
        lambda s, c: over(weighted(s, weights), weighted(c, weights)), news_score, news_count
    )[0]
