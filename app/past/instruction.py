"""What the agents are told once and asked again and again: read before a single day is played."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from agents.request import AS_OF, Kind, parse
from tools.domain.errors import InputError
from tools.market_data.columns import Times

STEPS = {"day": "datetime64[D]", "week": "datetime64[W]", "month": "datetime64[M]"}
MOST_STEP = 10_000


@dataclass(frozen=True, slots=True)
class Instructions:
    """The sentences as they are asked, in their order, and the symbols that they name."""

    asks: tuple[str, ...]
    symbols: tuple[str, ...]


def read_instructions(asks: Sequence[str], known: Mapping[str, str]) -> Instructions:
    """Each must be an order that the agents can draft; ``known`` maps symbols to names.

    Raises InputError with what is wrong: a run would ask it hundreds of times for nothing.
    """
    if not asks:
        raise InputError('say what is to be asked each time, such as "Should I buy IBM?"')
    symbols: dict[str, None] = {}
    said = [" ".join(ask.split()) for ask in asks]
    if twice := next((one for one in said if said.count(one) > 1), None):
        raise InputError(f"“{twice[:80]}” is said twice: say each instruction once.")
    for ask in asks:
        if AS_OF.search(ask):
            raise InputError(
                "leave “as of …” out of the instruction: it is asked as of each moment of the run."
            )
        request = parse(ask, known)
        if request.kind is not Kind.TRADE or request.symbol is None:
            read = READS.get(request.kind, "a question")
            raise InputError(
                f"“{ask[:80]}” reads as {read}, and would be asked at each moment without ever "
                "becoming an order. Say a side and a symbol, in quotation marks: "
                '"Should I buy IBM?" (when the signal agrees, as many as the 2 % rule allows), '
                '"Buy 10 IBM if momentum is above zero" or "Sell all my IBM if the signal says '
                'sell".'
            )
        unsized = request.quantity is None and request.portion is None and request.value is None
        if request.side == "sell" and unsized:
            raise InputError(
                f"“{ask[:80]}” doesn't say how many, and nothing is sold without that: say for "
                f'example "Sell all my {request.symbol}".'
            )
        symbols[request.symbol] = None
    return Instructions(tuple(said), tuple(symbols))


READS = {
    "analyse": "a question about a symbol",
    "portfolio": "a question about the account",
    "order": "a question about one order",
    "knowledge": "a question of knowledge",
    "backtest": "a backtest of its own",
    "news": "a question about the news",
}


def read_step(every: str) -> str:
    """``day``, ``week``, ``month`` or a number of sessions as text; InputError for anything else.

    One session is a day.
    """
    said = every.strip().lower()
    if said in STEPS:
        return said
    if said.isascii() and said.isdigit() and 1 <= int(said) <= MOST_STEP:
        return str(int(said)) if int(said) > 1 else "day"
    raise InputError(
        f"--every takes day, week, month or a number of sessions from 1 to {MOST_STEP}, was "
        f"{every[:20]!r}."
    )


def chosen(moments: Times, step: str) -> Times:
    """The moments to ask at: each so many, or the first of each week (from Monday) or month.

    ``moments`` are nanoseconds since 1970 UTC, in order.
    """
    if step.isdigit():
        return moments[:: int(step)]
    days = moments.astype("datetime64[ns]").astype("datetime64[D]")
    if step == "week":
        spans = (days.astype(np.int64) + 3) // 7  # 1970 began on a Thursday
    else:
        spans = days.astype(STEPS[step]).astype(np.int64)
    found: Times = moments[np.concatenate([[True], spans[1:] != spans[:-1]])]
    return found
