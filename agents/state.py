"""What a conversation remembers between steps: ids and plain values, never domain objects."""

from __future__ import annotations

from typing import Any, NotRequired, TypedDict


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


def latest_call(calls: list[Call], tool: str, **arguments: object) -> Call | None:
    """The latest good call of ``tool`` whose arguments include these, None without one."""
    call: Call
    for call in reversed(calls):
        wanted = all(call["arguments"].get(k) == v for k, v in arguments.items())
        if call["tool"] == tool and call["ok"] and wanted:
            return call
    return None


class Unsupported(TypedDict):
    """Something that a model wrote and that was taken out or marked.

    ``why``: ``citation`` (no such passage was returned), ``quotation`` (not word for word in its
    source), ``likeness`` (its source is about something else) or ``source`` (it names none). The
    figures in ``text`` are withheld.
    """

    agent: str
    why: str
    text: str


class Section(TypedDict):
    """One agent's part of the answer, with ``[[…]]`` references still in it."""

    agent: str
    text: str
    unsupported: NotRequired[list[Unsupported]]


class Refusal(TypedDict):
    """Why a question was not answered, and each search that found nothing to answer it with."""

    reason: str
    looked_for: list[dict[str, Any]]


class State(TypedDict, total=False):
    """The graph's state; everything but ``session`` and ``turn`` is of the current question.

    ``nonce`` makes the turn's wish unlike any other's: nobody else can have proposed it before.
    """

    session: str
    turn: int
    nonce: str
    mind: str
    question: str
    as_of: str | None
    request: dict[str, Any]
    calls: list[Call]
    sections: list[Section]
    refused: Refusal | None
    order_id: str | None
    outcome: str
