"""Every tool the agents, the page and an IDE can call: one frozen row each, no framework."""

from tools.catalog.build import build_catalog
from tools.catalog.spec import Reach, ToolSpec

__all__ = ["Reach", "ToolSpec", "build_catalog"]
