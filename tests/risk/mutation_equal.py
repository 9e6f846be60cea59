"""Faults that change nothing: the program does the same, so no test can find them."""

from __future__ import annotations

RAISES = "the line below raises as well where one of them is missing, and G00 refuses both"
QUICK = "the quick way out is narrower, and the longer way says nothing either"
ALIKE = "both are made from the same names, so they are as long as each other"
EQUAL: dict[str, dict[str, str]] = {
    "facts": {
        "market.delta is None or market.underlying_price is None -> "
        "market.delta is None and market.underlying_price is None": RAISES,
        "limit < market.bid -> limit <= market.bid": "both are the same price then",
    },
    "holdings": {"SIZE = 16 -> SIZE = 17": "how many are added at once changes no sum"},
    "working": {"0 if o.group else n -> 1 if o.group else n": "any one number for all will do"},
    "shapes": {
        "strict=True -> strict=False": ALIKE,
        "FINEST <= value.adjusted() < ORDINARY -> FINEST < value.adjusted() < ORDINARY": QUICK,
    },
    "rules_complete": {"strict=True -> strict=False": ALIKE},
    "rules_flow": {
        "limits.duplicate_count > 1 -> limits.duplicate_count > 2": (
            "where two are too many, none before says nothing further down too"
        ),
    },
    "rules_price": {
        "profit is None or loss is None -> profit is None and loss is None": RAISES,
    },
    "rules_book": {"bid is None or ask is None -> bid is None and ask is None": RAISES},
    "rules_size": {"unit <= 0 -> unit < 0": "nothing is worth more than most at a price of zero"},
    "rules_contracts": {
        "market.bid is None or market.ask is None -> "
        "market.bid is None and market.ask is None": RAISES,
    },
    "rules_market": {
        "now is None or market.at is None -> now is None and market.at is None": RAISES,
        "order.as_of - now <= skew -> order.as_of - now < skew": QUICK,
        "-skew <= age <= oldest -> -skew < age <= oldest": QUICK,
        "-skew <= age <= oldest -> -skew <= age < oldest": QUICK,
        "-skew <= age <= oldest -> +skew <= age <= oldest": QUICK,
    },
}
"""By module each fault as ``mutation`` prints it, and why it changes nothing."""
