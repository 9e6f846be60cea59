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
    "there, finite and of its own kind, and an order has the prices of its type and no others; "
    "anything missing or odd is refused.",
    "G03": "Freshness. The price and the account's figures must be recent, and neither they nor "
    "the order may come from the future. The market clock never goes back, an order dated in the "
    "past is for a simulated venue, and what is held must have a recent price before more is "
    "bought.",
    "G04": "Reconciliation. Before risk is added the account must have been compared with the "
    "venue's own figures a moment ago and agree with them, the venue's news must arrive, and no "
    "order in the symbol may have an unknown fate.",
    "G05": "Source. Who proposes the order and the build of the program that sends it must be "
    "named in the limits; real money wants limits that allow it, a desk armed for it, and a build "
    "named in full.",
    "G06": "Approval. The policy may want a person's yes for every order; the yes is bound to the "
    "order's digest, the limits' hash and the account, works once, and expires. It ends when the "
    "price has moved too far since the proposal. No program and no proposer approves, and a large "
    "order wants two persons.",
    "G07": "Venue and session. The venue must take such an order: its type, time in force, group, "
    "extended hours and parts of a share. Market, IOC and FOK orders want an open exchange; "
    "outside the session only resting limit orders go.",
    "G08": "Steps. Prices stand on the tick and quantities in whole lots, and an order is worth at "
    "least the least value. Nothing is rounded silently.",
    "G09": "Geometry. A stop waits on the side where the market is not yet, a trailing stop stays "
    "behind the price, and the exits of a bracket or OCO order stand on both sides of the entry.",
    "G10": "Price collar. A buy may not be priced far above the ask nor a sell far below the bid, "
    "and no price may be absurdly far from the market. A market order is sent as a limit order at "
    "the collar. The collar is wider where the exchange publishes the bands of the day.",
    "G11": "Bands and halts. Trading in the symbol must be known not to be halted, and a limit "
    "must be inside the exchange's bands of the day where they are published.",
    "G12": "The book. Bid and ask must make a market; before risk is added they must also be close "
    "together and have something on both sides.",
    "G13": "The most shares in one order.",
    "G14": "The most money in one order, as an amount and as a fraction of equity, at the worst "
    "price it may fill at. A large part of the equity is pointed out to the approving person.",
    "G15": "The most of an average day's volume in one order.",
    "G16": "Worst-case position. Shares held if every open, reserved and unknown order on this "
    "side is filled; selling what isn't owned is refused unless the limits allow it.",
    "G17": "Concentration. The most of the equity in one symbol, one sector and one class of "
    "asset, open orders counted in full.",
    "G18": "Exposure. The most of the equity in the market, gross and net, open orders counted.",
    "G19": "Cash. What is free after every open order's reserve, in cash and in the venue's own "
    "buying power, must pay for the order at the worst price, with fees.",
    "G20": "Margin. A cash account borrows neither money nor shares; in a margin account the "
    "equity must cover what the broker wants to stay, and more. Under the old day-trader rule a "
    "small account opens nothing after three day trades.",
    "G21": "Daily loss. After a loss of a fraction of the day's first equity only orders that make "
    "a position smaller are let through.",
    "G22": "Drawdown. The same after a fall of a fraction from the highest equity ever.",
    "G23": "Turnover. The most money sent in one day.",
    "G24": "Message rate. The most orders, replacements and cancels within a short time, for the "
    "account, the strategy and the symbol. Cancels count but are never refused.",
    "G25": "Duplicates. The same order sent again and again within a short time is refused; one "
    "that waits beside the same order is pointed out. The same intent "
    "proposed twice is not a duplicate: it gives the earlier order.",
    "G26": "Repeated execution. A strategy that fires too often, or loses or is rejected too often "
    "in a row, stops until a person enables it.",
    "G27": "Slices. The parts of a larger order never come to more than it, and are not too many.",
    "G28": "The most orders open at once, in one symbol and in the account; those whose fate is "
    "unknown count.",
    "G29": "Universe. The symbol must be known to a price feed, tradable, not restricted, and on "
    "the allow list if there is one; its class must be allowed, and its listing without a warning. "
    "What is held may be sold even when it left the lists, unless it is restricted.",
    "G30": "Short sales. Selling what isn't owned must be allowed, the shares sure to be borrowed, "
    "and the price above the bid where shorts are restricted.",
    "G31": "Self-match. No order that could trade with one's own on the other side.",
    "G32": "Order to fill. Not many more cancels than fills in a symbol, and no trade through "
    "one's own layers of orders on the other side.",
    "G33": "Replacing. What is replaced must be open, known and at rest, in the same symbol and on "
    "the same side, and must not have traded more than is now asked for.",
    "G34": "Options and perpetuals. An option is bought, or written only when covered, and not a "
    "moment before it expires; a perpetual stays away from its liquidation.",
    "G36": "Override. Only persons named in the limits lift what is soft, one order at a time; "
    "nobody lifts what is hard.",
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
