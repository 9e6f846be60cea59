"""The single door: orders are proposed through one face, approved through the other.

Nothing else in the house sends an order, and nothing upstairs gets the face that approves.
"""

from tools.desk.approvals import Approvals
from tools.desk.door import Desk
from tools.desk.proposals import Proposals
from tools.execution.record import Entry, OrderRecord

__all__ = ["Approvals", "Desk", "Entry", "OrderRecord", "Proposals"]
