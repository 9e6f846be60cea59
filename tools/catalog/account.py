"""The account as people, pages and tools are shown it."""

from __future__ import annotations

from dataclasses import fields
from datetime import datetime
from typing import Any

from tools.catalog.rendering import cents, snapshot
from tools.desk import Desk
from tools.portfolio.statement import day_start, statement


def account_report(desk: Desk, at: datetime | None = None) -> dict[str, Any]:
    """The whole account at a market moment (aware UTC), now by default, with all its figures.

    What each figure means is said by ``Statement``. Raises InputError for a moment that is later
    than the market clock.
    """
    now = desk.proposals.snapshot(at)
    opened = desk.proposals.snapshot(day_start(now.at))
    figures = statement(now, opened, desk.limits.maintenance_margin)
    return snapshot(now) | {row.name: cents(getattr(figures, row.name)) for row in fields(figures)}
