"""What each code of the gate means, for people."""

from __future__ import annotations

from tools.domain.errors import NotFound

EXPLANATIONS: dict[str, str] = {
    "G00": "A check could not be made because what it needs is missing or odd, or no rules are "
    "loaded. What can't be checked is refused.",
    "G01": "The trading switch. HALTED refuses every new order; REDUCE_ONLY lets through only "
    "orders that make a position smaller, counting what is already on its way. It survives a "
    "restart, and only a person lifts it.",
    "G02": "Completeness. Every part of the order, the account, the market and the limits must be "
    "there, finite and of its own kind; anything missing or odd is refused.",
    "G03": "Freshness. The price and the account's figures must be recent, and neither they nor "
    "the order may come from the future. The market clock never goes back, an order dated in the "
    "past is for a simulated venue, and what is held must have a recent price before more is "
    "bought.",
    "G06": "Approval. The policy may want a person's yes for every order; the yes is bound to the "
    "order's digest and the limits' hash, works once, and expires. "
    "It ends when the price has moved too far since the proposal.",
    "G08": "Steps. Prices stand on the tick and quantities in whole lots, and an order is worth at "
    "least the least value. Nothing is rounded silently.",
    "G10": "Price collar. A buy may not be priced far above the ask nor a sell far below the bid, "
    "and no price may be absurdly far from the market. A market order is sent as a limit order at "
    "the collar.",
    "G13": "The most shares in one order.",
    "G14": "The most money in one order, as an amount and as a fraction of equity, at the worst "
    "price it may fill at. A large part of the equity is pointed out to the approving person.",
    "G16": "Worst-case position. Shares held if every open, reserved and unknown order on this "
    "side is filled; selling what isn't owned is refused unless the limits allow it.",
    "G17": "Concentration. The most of the equity in one symbol, open orders counted in full.",
    "G18": "Exposure. The most of the equity in the market, gross and net, open orders counted.",
    "G19": "Cash. What is free after every open order's reserve must pay for the order at the "
    "worst price, with fees.",
    "G25": "Duplicates. The same order sent again and again within a short time is refused; one "
    "that waits beside the same order is pointed out. The same intent "
    "proposed twice is not a duplicate: it gives the earlier order.",
    "G28": "The most orders open at once, in one symbol and in the account; those whose fate is "
    "unknown count.",
    "G29": "Universe. The symbol must be known to a price feed, tradable, not restricted, and on "
    "the allow list if there is one.",
}


def explain(code: str) -> str:
    """What a code means; raises NotFound naming the codes there are."""
    text = EXPLANATIONS.get(code.strip().upper())
    if text is None:
        raise NotFound(f"there is no check {code[:20]!r}; the checks are {', '.join(codes())}")
    return text


def codes() -> tuple[str, ...]:
    """Every code the gate can answer with, in order."""
    return tuple(EXPLANATIONS)
