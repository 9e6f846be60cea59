"""Whether the figures may be believed: what the tests say, and a red banner where they can't be."""

from __future__ import annotations

import math

from tools.backtest.metrics import returns_of
from tools.backtest.report.shapes import Beyond, Decider, Validation
from tools.backtest.report.tables import listed, note, said, table
from tools.backtest.report.words import safe
from tools.backtest.validation.sharpe import probabilistic_sharpe
from tools.domain.errors import InputError
from tools.market_data.columns import Floats

TOO_GOOD = 6.0


def banner(validation: Validation | None, sharpe: float | None) -> str:
    """Red where a leak was found, or the Sharpe ratio is one that only leaks have."""
    if validation is not None and validation.red:
        why = " ".join(validation.reasons) or "A test for leaks has found one."
    elif sharpe is not None and sharpe > TOO_GOOD:
        why = f"A Sharpe ratio of {sharpe:.1f} a year is a leak until proven otherwise."
    else:
        return ""
    return f'<p class="red" role="alert"><b>Do not believe these figures.</b> {safe(why)}</p>'


def box(validation: Validation | None, equity: Floats | None, *, alone: bool) -> str:
    """The tests as a table with the verdict; ``alone`` where no search is known of.

    ``equity`` is that of the one that is judged, where it is at hand.
    """
    rows = []
    if equity is not None:
        sure = said(_sure(equity), "{:.3f}")
        rows.append(["true Sharpe ratio above 0, if it was the only try", sure, "≥ 0.950"])
    if validation is None:
        words = (
            "Nothing is known of how many others were tried before this run was kept. With every "
            "one, luck shows as good a best one more easily: a sweep or a walk forward counts them."
        )
        return table(("probability", "here", "wanted"), rows) + (note(words) if alone else "")
    rows += _tests(validation.deflated_sharpe, validation.luck, "")
    beyond = validation.benchmark
    if beyond is not None:
        rows += _tests(beyond.deflated_sharpe, beyond.luck, f"without {beyond.name}: ")
    if not alone:
        overfitted = said(validation.overfitting, "{:.3f}")
        rows.append(["the best one is overfitted", overfitted, "< 0.500"])
    word = "Promoted to paper trading." if validation.promoted else "Not promoted."
    kind = "good" if validation.promoted else "bad"
    tries = "" if validation.trials is None else f" {_count(validation.trials)} counted."
    verdict = f'<p class="verdict {kind}"><b>{word}</b>{tries}</p>'
    shown = verdict + listed(validation.reasons) + table(("probability", "here", "wanted"), rows)
    shown += note(_hedge(beyond)) if beyond is not None else ""
    return shown + (note(validation.note) if validation.note else "")


def _tests(deflated: float | None, luck: float | None, against: str) -> list[list[str]]:
    best = f"{against}above the best of as many worthless tries (deflated)"
    return [
        [best, said(deflated, "{:.3f}"), "≥ 0.950"],
        [f"{against}luck alone shows as good a best one", said(luck, "{:.3f}"), "≤ 0.030"],
    ]


def _hedge(beyond: Beyond) -> str:
    """What was taken out of the returns, and what it left."""
    earned = said(beyond.total_return, "{:+.1%}")
    return (
        f"{beyond.name[:1].upper()}{beyond.name[1:]} of the same days earned {earned}; this moved "
        f"{said(beyond.beta, '{:.2f}')} times as it did. Without that part, which holding would "
        f"have earned as well, its Sharpe ratio is {said(beyond.sharpe, '{:.2f}')}."
    )


def decided_by(decider: Decider) -> str:
    """What the decider may have known of the days that it decided about."""
    sentences = [decider.note] if decider.note else []
    if decider.knowledge_ends:
        sentences.insert(0, f"Its knowledge ends on {decider.knowledge_ends[:10]}.")
    elif not decider.note:
        sentences = ["Where its knowledge ends is unknown: it may remember what came next."]
    if decider.share_before is not None:
        sentences.append(
            f"Of the days that it decided on, {decider.share_before:.0%} lie before that: of these "
            "it may have known the outcome."
        )
    words = "".join(f"<p>{safe(one)}</p>" for one in sentences)
    return f"<p><b>{safe(decider.name)}</b></p>{words}"


def _sure(equity: Floats) -> float | None:
    moves = returns_of(equity)
    try:
        found = probabilistic_sharpe(moves)
    except InputError:
        return None
    return found if math.isfinite(found) else None


def _count(trials: int) -> str:
    return "1 try is" if trials == 1 else f"{trials:,} tries are"
