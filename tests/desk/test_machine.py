"""Any life that a venue can give an order: what counts, what is kept, and what never happens."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from tests.desk.memory import execution, sent
from tests.doubles import order
from tools.desk.adopting import Adopting
from tools.domain.order import TERMINAL, OrderState
from tools.domain.venue import VenueOrder
from tools.execution.book import Book
from tools.execution.states import ENDED, LIVE, RANK, RESERVING, RESTING, UNSETTLED
from tools.risk.limits import load_limits

S = OrderState
LIMITS = load_limits()
OLD = order("old", quantity="30", limit="201")
NEW = replace(order("new", quantity="40", limit="201"), replaces=OLD.client_order_id)
WORDS = st.sampled_from([*LIVE, *ENDED, S.UNKNOWN, S.PROPOSED])
PARTS = st.sets(st.sampled_from(["x1", "x2", "x3", "x4"]))
PRICES = st.sampled_from(["200", "199"])


class Life(RuleBasedStateMachine):
    """Two orders, the second proposed in the place of the first, and a venue without manners."""

    def __init__(self):
        super().__init__()
        self.journal = sent(NEW, sent(OLD))
        self.adopting = Adopting(self.journal, LIMITS)
        self.ids = {OLD.client_order_id: set(), NEW.client_order_id: set()}

    @rule(
        wish=st.sampled_from([OLD, NEW]),
        state=WORDS,
        parts=PARTS,
        price=PRICES,
        age=st.sampled_from([None, 0, 3]),
        raw=st.sampled_from(["", "", "odd"]),
    )
    def hear(self, wish, state, parts, price, age, raw):
        key = wish.client_order_id
        fills = tuple(execution(wish, name, price=price) for name in sorted(parts))
        before, seq = self.record(key), self.journal.read().seq
        asked = None if age is None else seq - age
        answer = VenueOrder(key, state, fills, raw=raw)
        after = self.adopting.adopt(key, answer, asked=asked)
        fresh = asked is not None and asked >= before.moved
        mine = {fill.execution_id for fill in after.fills}
        known = {fill.execution_id for fill in before.fills}
        # What an answer lacks is only taken back when the one before lacked it too.
        assert mine == set(parts) | (known - before.missing if fresh else known)
        if not fresh:
            assert after.rank >= before.rank
        if before.state in ENDED and after.state not in ENDED:
            assert fresh
            assert before.fills != after.fills
        again = self.journal.read().seq
        self.adopting.adopt(key, answer, asked=asked)
        assert self.journal.read().seq == again  # the same answer twice is one

    @rule(who=st.sampled_from([OLD, NEW]))
    def ask_for_a_cancel(self, who):
        with self.journal.writing() as page:
            page.write("cancel_requested", who.client_order_id, {"by": "ana"})

    @rule()
    def lose_the_answer(self):
        key = OLD.client_order_id
        with self.journal.writing() as page:
            if page.book.orders[key].state is S.SEND_INTENT:
                page.write("outcome_unknown", key, {"reason": "cut"})

    def record(self, key):
        return self.journal.read().orders[key]

    @invariant()
    def what_may_trade_counts_and_nothing_else(self):
        book = self.journal.read()
        for key, record in book.orders.items():
            assert (key in book.of("paper").open) == (record.state in RESERVING)
            if key in book.of("paper").open:
                assert book.of("paper").open[key] is record

    @invariant()
    def what_the_venue_may_have_news_of_is_at_hand(self):
        book = self.journal.read()
        standing = book.of("paper")
        asked = {**standing.open, **standing.aside}
        for key, record in book.orders.items():
            doubtful = record.state in TERMINAL and bool(record.missing)
            alive = record.state in UNSETTLED | RESTING
            assert (asked.get(key) is record) == (alive or doubtful)
        begun = [record.begun for record in book.orders.values()]
        assert begun == sorted(begun)

    @invariant()
    def what_was_filled_is_the_sum_of_the_executions(self):
        book = self.journal.read()
        old, new = (book.orders[wish.client_order_id] for wish in (OLD, NEW))
        assert old.filled == 10 * len(old.fills)
        assert new.carried == old.filled
        assert new.leaves == max(Decimal(40) - old.filled - new.filled, Decimal(0))
        booked = sorted((f.client_order_id, f.execution_id) for f in book.of("paper").fills)
        told = [(r.order.client_order_id, f.execution_id) for r in (old, new) for f in r.fills]
        assert booked == sorted(told)

    @invariant()
    def the_journal_told_from_its_beginning_says_the_same(self):
        book = self.journal.read()
        whole = Book().after(self.journal._ledger.events())
        assert dict(whole.orders) == dict(book.orders)
        assert whole.of("paper") == book.of("paper")
        assert whole.trips == book.trips

    @invariant()
    def every_state_is_one_that_we_know_and_every_odd_word_is_kept(self):
        for record in self.journal.read().orders.values():
            assert record.state in RANK or record.state in {S.SEND_INTENT, S.UNKNOWN}
            if record.state is S.NEEDS_HUMAN:
                assert record.raw or not record.heard or record.history


TestLife = Life.TestCase
TestLife.settings = settings(max_examples=20, stateful_step_count=10, deadline=None)
