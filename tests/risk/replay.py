"""Cases written down as lines of JSON, and the hash of every verdict on them.

``python -m tests.risk.replay FILE`` decides each case of a file and prints the SHA-256 of the
verdicts' bytes.
"""

from __future__ import annotations

import hashlib
import json
import locale
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from random import Random

from evals.soundness.case import case_of, limits_of
from evals.soundness.making import rules_from, wish_from, world_from
from tests.risk.cases import ORDERS, option, perpetual, rich
from tests.risk.closedness import put
from tools.domain.order import Order
from tools.risk.case import Case
from tools.risk.case_codec import case_from_journal, inputs_of, limits_from, read, to_plain
from tools.risk.gate import decide
from tools.risk.limits import Limits


def recorded(orders: int) -> Iterator[str]:
    """Lines of cases: so many random orders, every kind of order, and some that are odd."""
    r = Random(7)
    for number in range(orders):
        if number % 25 == 0:
            rules = rules_from(r)
            limits = limits_of(rules)
        world = world_from(r, rules)
        yield _line(case_of(world, wish_from(r, world, number), limits))
    for wish in ORDERS.values():
        yield _line(rich(wish))
        yield _line(put(rich(wish), "market.note", "Börse São Paulo \u202e geschlossen: ıİ"))
        yield _line(put(rich(wish), "mode", None))
        yield _line(put(rich(wish), "market.bid", None))
    yield from (_line(c) for c in (option(), perpetual()))


def _line(c: Case) -> str:
    assert isinstance(c.limits, Limits)
    whole = [to_plain(c.order), inputs_of(c), c.limits.canonical().decode()]
    return json.dumps(whole)


def verdicts(lines: Iterable[str]) -> tuple[str, Counter[str]]:
    """The hash of the verdicts' bytes, and how many there are of each kind."""
    sha, kinds = hashlib.sha256(), Counter[str]()
    for line in lines:
        order, inputs, limits = json.loads(line)
        c = case_from_journal(read(Order, order, "order"), inputs, limits_from(limits))
        verdict = decide(c)
        kinds[type(verdict).__name__] += 1
        sha.update(json.dumps([type(verdict).__name__, to_plain(verdict)]).encode())
    return sha.hexdigest(), kinds


def main() -> None:
    """Print the hash under the locale of the environment."""
    locale.setlocale(locale.LC_ALL, "")
    lines = Path(sys.argv[1]).read_text(encoding="utf-8").splitlines()
    sys.stdout.write(verdicts(lines)[0])


if __name__ == "__main__":
    main()
