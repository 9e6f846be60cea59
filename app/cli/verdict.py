"""Whether what was found may go on to paper trading, in the terminal."""

from __future__ import annotations

from typing import Any

from app.visible import visible


def show_verdict(found: dict[str, Any]) -> None:
    """What the tests say against earning nothing and against holding, and the reasons."""
    trials, hedged = found["trials"], found.get("benchmark")
    if found.get("note"):
        print(visible(found["note"]))
    overfitting = (
        ""
        if found["overfitting"] is None
        else f", probability of overfitting {_said(found['overfitting'])}"
    )
    print(
        f"{trials:,} {'trial' if trials == 1 else 'trials'}. Against earning nothing: "
        f"{_tests(found)}{overfitting}."
    )
    if hedged is not None:
        earned = hedged.get("total_return")
        words = "" if earned is None else f"which earned {earned:+.1%}; "
        print(
            visible(
                f"Without what {hedged['name']} explains ({words}{_said(hedged['beta'])} times its "
                f"moves leave a Sharpe ratio of {_said(hedged['sharpe'])}): {_tests(hedged)}."
            )
        )
    print("Promoted to paper trading." if found["promoted"] else "Not promoted to paper trading.")
    for reason in found["reasons"]:
        print(f"! {visible(reason)}")


def _tests(found: dict[str, Any]) -> str:
    return (
        f"deflated Sharpe ratio {_said(found['deflated_sharpe'])}, chance that luck does as well "
        f"{_said(found['luck'])}"
    )


def _said(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"
