"""The parts of an order's card, each from the fields of the ledger's record."""

from __future__ import annotations

from app.chat.bits import Text, amount, box, chip, fold, moment
from app.chat.board import Row
from tools.domain.order import TERMINAL

ENDED = frozenset(str(state) for state in TERMINAL)
STATES = {
    "proposed": "proposed",
    "denied": "refused by the gate",
    "awaiting_approval": "waits for you",
    "approved": "approved, not sent yet",
    "declined": "rejected",
    "approval_expired": "expired, nobody approved",
    "send_intent": "being sent",
    "unknown": "outcome unknown",
    "needs_human": "needs a person to look at the venue",
    "sent": "sent, not confirmed yet",
    "held": "waits for its entry",
    "suspended": "suspended at the venue",
    "done_for_day": "done for today, rests until tomorrow",
    "pending_cancel": "being canceled",
    "pending_replace": "being changed",
    "filled_late": "filled after it had ended",
    "replaced": "replaced by another order",
    "not_found": "never reached the venue",
    "accepted": "at the venue",
    "partial": "partly filled",
    "filled": "filled",
    "canceled": "canceled",
    "expired": "expired at the venue",
    "rejected": "rejected by the venue",
}
VERDICTS = {
    "approved": "The gate lets it through",
    "needs_human": "The gate asks for a person",
    "refused": "The gate refuses it; nobody can override that",
}


def state_chip(state: str) -> None:
    """Where the order stands."""
    chip(STATES.get(state, state), f"state {state}")


def head(row: Row) -> None:
    """Id, state, and the line made from the very fields that the approval binds to."""
    with box("head"):
        Text(f"Order {row['id']}", "id num", "h3")
        state_chip(row["state"])
        if row["simulated"]:
            chip("SIMULATED venue", "warn")
    Text(row["summary"], "summary num", "p")
    # While it waits, and when it was refused, the gate's reasons below say it all.
    if row["state"] not in ("awaiting_approval", "denied"):
        Text(row["sentence"], "sentence", "p")


def verdict(row: Row) -> None:
    """The gate's word and every reason for it."""
    with box(f"verdict {row['verdict']}"):
        Text(VERDICTS.get(row["verdict"], "The gate has not spoken yet"), "word", "div")
        with box("reasons", "ul"):
            for reason in row["reasons"]:
                with box("hard" if reason["hard"] else "", "li"):
                    Text(reason["code"], "code num")
                    Text(reason["sentence"])
                    if reason["hard"]:
                        chip("final", "bad")


def fills(row: Row) -> None:
    """What was traded, at which price, and on what that price rests."""
    if not row["fills"]:
        return
    with box("fills", testid="fills"):
        Text(f"Filled {row['filled']} at {amount(row['average_price'])} {row['currency']}", "word")
        Text(f"commission {amount(row['commission'])} {row['currency']}", "muted")
        for basis in sorted({fill["basis"] for fill in row["fills"]}):
            Text(basis, "muted")


def fields(row: Row) -> None:
    """Who proposed it and when, who decided, its history, and the bytes of the digest."""
    decided = f" · decided by {row['approver']}" if row["approver"] else ""
    Text(
        f"proposed by {row['principal']} · prices as of {moment(row['as_of'])}{decided}",
        "muted by",
        "div",
    )
    with fold("What the approval binds to"):
        Text("\n".join(f"{label}: {value}" for label, value in row["fields"]), "json", "pre")
        Text(f"SHA-256 {row['digest']}", "muted num", "div")
    with fold("History"), box("history", "ul"):
        for line in row["history"]:
            with box(tag="li"):
                Text(moment(line["at"]), "muted num")
                Text(line["sentence"])


def rationale(row: Row) -> None:
    """The reason that came with the proposal: somebody's words, not checked by anyone."""
    if not row["rationale"]:
        return
    with box("rationale", testid="rationale"):
        Text("Words that came with the proposal, unchecked", "label", "div")
        Text(row["rationale"], "words", "p")


def time_left(seconds: int) -> str:
    """How long the proposal can still be approved."""
    if seconds <= 0:
        return "The time to approve is over."
    if seconds < 120:
        return f"Expires in {seconds} s."
    return f"Expires in {seconds // 60} min."
