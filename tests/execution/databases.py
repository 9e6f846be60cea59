"""A PostgreSQL server for tests: the one on this machine, or the one TEST_DATABASE_URL names."""

from __future__ import annotations

import os
import uuid

URL = os.environ.get("TEST_DATABASE_URL", "postgresql://postgres@127.0.0.1:5432/test")


def new_schema() -> str:
    """A name that no other test uses."""
    return f"tollgate_{uuid.uuid4().hex[:12]}"


def reachable() -> str:
    """Empty when the server answers, else why it doesn't."""
    from tools.domain.errors import TradingError
    from tools.execution.postgres_link import Link
    from tools.postgres import Address

    link = Link(Address(URL, "public"))
    try:
        link.run("SELECT 1")
    except TradingError as error:
        return str(error)
    finally:
        link.close()
    return ""


def drop(schema: str) -> None:
    """Remove a test's schema with all that is in it."""
    from tools.execution.postgres_link import Link
    from tools.postgres import Address

    link = Link(Address(URL, "public"))
    link.run(f"DROP SCHEMA IF EXISTS {schema} CASCADE")
    link.close()
