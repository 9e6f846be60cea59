"""``tollgate ask`` and ``tollgate chat``: a question, the agents at work, an answer."""

from __future__ import annotations

import asyncio
import sys
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.cli.opening import person
from app.cli.output import AsOf, JsonFlag, LiveFlag, markdown, print_json
from app.cli.stopping import Lines, until_stopped
from app.visible import visible
from tools.domain.errors import InputError, TradingError

if TYPE_CHECKING:
    from app.composition import Floor
    from tools.desk import OrderRecord

UNSUPPORTED = {
    "citation": "the model cited a passage that was not found: removed",
    "quotation": "the model quoted what does not stand in its source: removed",
    "likeness": "the model cited a passage that is about something else: unsupported",
    "source": "the model stated something without a source: unsupported",
}
REFUSED = 11
"""Exit status when the gate refused the order that was asked for."""


def ask(
    question: Annotated[str, typer.Argument(help='such as "Should I buy 50 shares of IBM?"')],
    as_of: AsOf = None,
    session: Annotated[str | None, typer.Option(help="go on with an earlier session")] = None,
    live: LiveFlag = False,
    json_: JsonFlag = False,
) -> int:
    """Ask one question and see the agents work on it."""
    if not question.strip():
        raise InputError('the question is empty; try: tollgate ask "Should I buy 50 IBM?"')
    answer = until_stopped(_one(question, as_of, session, quiet=json_, live=live))
    if json_:
        print_json({key: value for key, value in answer.items() if key != "type"})
    if answer["refused"]:
        if json_:
            _refused(answer["answer"])
        return InputError.exit_status
    return REFUSED if any(order["state"] == "denied" for order in answer["orders"]) else 0


async def _one(
    question: str, as_of: str | None, session: str | None, *, quiet: bool, live: bool
) -> dict[str, Any]:
    from app.composition import open_floor
    from tools.settings import load_settings

    settings = load_settings()
    answer: dict[str, Any] = {}
    async with open_floor(settings, live=live) as floor:
        async for event in floor.conversation.ask(question, session=session, as_of=as_of):
            if event["type"] == "answer":
                answer = event
            if not quiet:
                show(event, by_model=settings.has_model)
    return answer


def chat(
    as_of: AsOf = None,
    session: Annotated[str | None, typer.Option(help="go on with an earlier session")] = None,
    live: LiveFlag = False,
) -> None:
    """Talk to the desk; `approve`, `reject`, `halt` and `quit` are understood too."""
    until_stopped(_chat(as_of, session, live=live))


async def _chat(as_of: str | None, session: str | None, *, live: bool) -> None:
    from agents.conversation import new_session
    from app.composition import open_floor
    from tools.settings import load_settings

    settings = load_settings()
    session = session or new_session()
    lines = Lines(sys.stdin)
    async with open_floor(settings, live=live) as floor:
        print(f"Tollgate, session {session}. {floor.conversation.mind.label}. `quit` to leave.")
        while True:
            try:
                line = (await lines.ask("\nyou> ")).strip()
            except EOFError:
                return
            if line.lower() in {"quit", "exit", "q"}:
                return
            if not line:
                continue
            try:
                if await _command(line, floor, session, by_model=settings.has_model):
                    continue
                async for event in floor.conversation.ask(line, session=session, as_of=as_of):
                    show(event, by_model=settings.has_model)
            except TradingError as error:
                print(f"Error: {visible(str(error))}", file=sys.stderr)


async def _command(line: str, floor: Floor, session: str, *, by_model: bool) -> bool:
    """Decisions are typed by the person and go straight to the desk, past every agent."""
    word, _, rest = line.partition(" ")
    approvals = floor.house.desk.approvals
    if word.lower() in {"approve", "reject"}:
        waiting = () if rest.strip() else await asyncio.to_thread(approvals.pending)
        order_id = rest.strip() or _meant(waiting, session, word.lower())
        decide = approvals.approve if word.lower() == "approve" else approvals.reject
        record = await asyncio.to_thread(decide, order_id, person())
        print(visible(record.sentence))
        about = record.order.session or session
        async for event in floor.conversation.settle(about, record.order.id):
            if event["type"] != "answer":  # its sources were shown with the question
                show(event, by_model=by_model)
        return True
    if word.lower() == "halt":
        await asyncio.to_thread(approvals.halt, person(), rest.strip() or "from the terminal")
        print("Halted: no new order is sent until `tollgate resume`.")
        return True
    return False


def _meant(waiting: Sequence[OrderRecord], session: str, word: str) -> str:
    """The order that a bare ``approve`` or ``reject`` means: the only one of this session."""
    ours = [row for row in waiting if row.order.session == session]
    if len(ours) == 1:
        return ours[0].id
    if ours:
        raise InputError(f"{len(ours)} orders wait: say which, for example {word} {ours[0].id}")
    if not waiting:
        raise InputError("no order waits for approval")
    listed = "; ".join(f"{row.id}: {row.order.describe()}" for row in waiting[:5])
    raise InputError(
        f"no order of this session waits for approval. From elsewhere {len(waiting)} wait "
        f"({listed}): type the id, for example {word} {waiting[0].id}"
    )


def show(event: dict[str, Any], *, by_model: bool = False) -> None:
    """One event for the terminal: tool calls dimmed, text as Markdown, sources at the end.

    With ``by_model`` the text is a model's, and an order is told with all that the gate said.
    """
    kind = event["type"]
    if kind == "session":
        _dim(f"session {event['session']} · {event['mind']}")
    elif kind == "opening":
        print(visible(event["text"]), flush=True)
    elif kind == "agent" and event["status"] == "start":
        _dim(f"\n── {event['agent']} agent ──")
    elif kind == "tool_call":
        given = ", ".join(f"{k}={v!r}" for k, v in event["arguments"].items())
        _dim(f"  {event['id']} {event['tool']}({given})")
    elif kind == "tool_result":
        said = _brief(event["data"]) if event["ok"] else f"failed: {event['error']}"
        said = f"(untrusted text) {said}" if event["untrusted"] else said
        _dim(f"  {event['id']} → {said}  [{event['ms']:.0f} ms]")
    elif kind == "text" and event["refused"]:
        _refused(event["text"])
    elif kind == "text":
        print()
        markdown(event["text"])
        sys.stdout.flush()
    elif kind == "order":
        _card(event["order"], reasons=by_model)
    elif kind == "answer":
        _sources(event)


def _refused(text: str) -> None:
    print(f"Error: {visible(text)}", file=sys.stderr, flush=True)


def _card(order: dict[str, Any], *, reasons: bool) -> None:
    """The order as the desk has it, whatever the text before said about it."""
    print(
        visible(f"\nOrder {order['id']} · {order['state'].replace('_', ' ')}: {order['summary']}")
    )
    # The planner's text lists them already; a model's may not.
    for said in order["reasons"] if reasons else []:
        print(visible(f"  {said['code']}: {said['sentence']}"))
    sys.stdout.flush()


def _brief(data: dict[str, Any]) -> str:
    """A result on one line: its plain values, and how many of the rest."""
    shown = []
    for key, value in data.items():
        if isinstance(value, list):
            shown.append(f"{key}: {len(value)} items")
        elif isinstance(value, dict):
            shown.append(f"{key}: {{{', '.join(value)}}}")
        elif value not in (None, ""):
            shown.append(f"{key}: {value}")
    text = ", ".join(shown)
    return text if len(text) <= 200 else text[:199] + "…"


def _sources(answer: dict[str, Any]) -> None:
    if answer["citations"]:
        from agents.passages import origin

        print("\nSources:")
        for row in answer["citations"]:
            mark = f" · from {origin(row)}, its text is untrusted" if row["untrusted"] else ""
            place = f"{row['document']} {row['start']}-{row['end']}"
            told = f"{row['title']}, {row['section']} ({place}; {row['source']}){mark}"
            print(visible(f"  [{row['number']}] {told}"))
    prices = answer["prices"]
    if prices["session"]:
        _dim(f"\nPrices: {', '.join(prices['feeds'])}, up to {prices['session']}.")
    if answer["withheld"]:
        print(f"\n{answer['withheld']} figure(s) or citation(s) without a source: withheld.")
    for why, count in Counter(row["why"] for row in answer["unsupported"]).items():
        print(f"{count} × {UNSUPPORTED[why]}.")


def _dim(text: str) -> None:
    text = visible(text)
    print(f"\x1b[2m{text}\x1b[0m" if sys.stdout.isatty() else text, flush=True)
