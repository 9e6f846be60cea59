"""A person tells what the venue itself says of an order that only a person can settle."""

from __future__ import annotations

from tools.desk.finding import find
from tools.desk.journal import Journal
from tools.domain.errors import Conflict, InputError
from tools.domain.order import OrderState
from tools.execution.kinds import Kind
from tools.execution.record import OrderRecord

ENDS = (OrderState.REJECTED, OrderState.CANCELED, OrderState.EXPIRED)


def settle(journal: Journal, order_id: str, who: str, state: str) -> OrderRecord:
    """End an order that needs a person, in a way that leaves nothing of it at the venue.

    What it filled there before is found by the next comparison of positions. Raises Conflict for
    an order that the venue can still be asked about and InputError for another end.
    """
    wanted = next((end for end in ENDS if end.value == state.strip().lower()), None)
    if wanted is None:
        raise InputError(f"an order is settled as {', '.join(ENDS)}; was {state[:40]!r}")
    with journal.writing() as page:
        record = find(page.book, order_id)
        if record.state is not OrderState.NEEDS_HUMAN:
            raise Conflict(f"order {record.id} needs nobody's word: {record.sentence}")
        data = {"by": who, "state": str(wanted), "reason": f"{who} looked at the venue."}
        page.write(Kind.SETTLED, record.order.client_order_id, data)
        return page.order(record.order.client_order_id)
