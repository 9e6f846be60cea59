"""What each way of drawing takes for granted, in words."""

SEEN_ONLY = "Only what happened is drawn: a crash that the run never saw is in no path."
TORN_APART = (
    "What hangs together over longer than a block is torn apart: slow trends, and a strategy's own "
    "answer to what went before."
)
BY_DAY = "Bars are put together to days first."
TRADES = (
    "Closed trades are drawn one by one with replacement, each with its profit after costs as a "
    "part of the equity when it was opened, and follow one another."
)
NO_OVERLAP = (
    "That trades overlapped, or that one answered another, is lost, and so are the falls within a "
    "trade: drawdowns are between closed trades. What was still open at the end is in none."
)
REORDERED = (
    "The closed trades are put in another order, each once: all paths end at the same equity, and "
    "what differs is how deep they fall on the way."
)
NOT_WITHIN = "Falls within a trade are not seen, nor is what was still open at the end."
ONE_PAST = (
    "One past, not many: it tells whether the run hangs on its exact parameters, and nothing of "
    "other prices."
)
NO_TREND = "A trend longer than a block is in none of them: a strategy that lives on one loses it."
OF_WHAT_WAS_SEEN = (
    "All paths are made of what the run saw. They tell how much of its result was the order of "
    "things, and nothing of a market that is unlike its past."
)
CHOSEN = (
    "If the strategy was chosen among many on these very bars, every path is too kind by as much."
)
FEW = 30


def in_blocks(block: float, days: str) -> str:
    """How long the blocks are."""
    return f"Returns are drawn in blocks of {block:g} {days} on average, as many as the run had."


def few_trades(count: int) -> tuple[str, ...]:
    """A warning where a handful says little."""
    if count >= FEW:
        return ()
    return (f"They are only {count}: a handful can't tell how good or bad the next ones may be.",)


def first_of(drawn: int, paths: int) -> tuple[str, ...]:
    """Where not every path was kept step by step."""
    if drawn == paths:
        return ()
    return (f"The fan and the Sharpe ratio are of the first {drawn:,} of these paths.",)


def on_markets(count: int, block: float, median: float, better: int) -> tuple[str, ...]:
    """What was redrawn, and how doing little would have fared there."""
    played = (
        f"The strategy was played through the desk on {count} markets made of this one's days in "
        f"blocks of {block:g} on average, all symbols together; prices free of splits."
    )
    beside = (
        f"Buy and hold had a median return of {median:+.1%} there, and less than the strategy on "
        f"{better} of {count}."
    )
    return (played, beside, NO_TREND)


def near(count: int, share: float, refused: int) -> tuple[str, ...]:
    """What was played again."""
    said = (
        f"{count} runs through the desk on the same bars, every number among the parameters off by "
        f"up to {share:.0%} of itself inside its range."
    )
    more = f"{refused} more couldn't run: these parameters don't go together."
    return (said, ONE_PAST, more) if refused else (said, ONE_PAST)
