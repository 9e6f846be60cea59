"""What a conversation remembers between steps: ids and plain values, never domain objects."""

from __future__ import annotations

from typing import Any, TypedDict


class Call(TypedDict):
    """One tool call and its result; figures and citations point at its ``id``."""

    id: str
    agent: str
    tool: str
    arguments: dict[str, Any]
    ok: bool
    data: dict[str, Any]
    error: str
    untrusted: bool
    ms: float


class Section(TypedDict):
    """One agent's part of the answer, with ``[[…]]`` references still in it."""

    agent: str
    text: str


class State(TypedDict, total=False):
    """The graph's state; everything but ``session`` and ``turn`` is of the current question."""

    session: str
    turn: int
    question: str
    as_of: str | None
    request: dict[str, Any]
    calls: list[Call]
    sections: list[Section]
    order_id: str | None
    outcome: str
