"""The paper venue: a pure matching core, its record, and the Broker that stands on both."""

from tools.execution.brokers.paper.terms import Terms
from tools.execution.brokers.paper.venue import PaperVenue

__all__ = ["PaperVenue", "Terms"]
