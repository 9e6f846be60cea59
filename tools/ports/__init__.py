"""The openings in the wall, on two pages: what the desk needs from the world outside.

All instants are aware UTC. All money, prices and quantities are Decimal.
"""

from tools.ports.market import (
    Bus,
    Cache,
    Clock,
    CorporateActions,
    FeedsHealth,
    MarketData,
    MarketStatus,
)
from tools.ports.orders import Broker, Event, Lease, Ledger, News, Transaction

__all__ = [
    "Broker",
    "Bus",
    "Cache",
    "Clock",
    "CorporateActions",
    "Event",
    "FeedsHealth",
    "Lease",
    "Ledger",
    "MarketData",
    "MarketStatus",
    "News",
    "Transaction",
]
