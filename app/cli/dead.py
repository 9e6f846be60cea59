"""``tollgate data dead``: messages that nobody could handle, and what to do with them."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.output import JsonFlag, print_json, table
from tools.domain.errors import ConfigError

if TYPE_CHECKING:
    from tools.bus.dead import DeadLetter, DeadLetters
    from tools.settings import Settings

cli = typer.Typer(
    help="Messages that nobody could handle: see them, send them again, or drop them.",
    no_args_is_help=True,
)
Id = Annotated[str, typer.Argument(help="the letter's id, as in the list")]


def _letters() -> tuple[Settings, DeadLetters]:
    from tools.bus.opening import letters_in
    from tools.settings import load_settings

    settings = load_settings()
    return settings, letters_in(settings.state)


@cli.command("list")
def list_(
    topic: Annotated[str, typer.Option(help="only this topic's")] = "", json_: JsonFlag = False
) -> None:
    """All that are kept, oldest first, with the error and how often each was tried."""
    _, kept = _letters()
    found, lost = kept.letters(topic), kept.lost()
    if json_:
        print_json({"letters": [letter.payload for letter in found], "lost": lost})
        return
    rows = [
        [letter.id, letter.topic, letter.group, letter.attempts, f"{letter.at:%Y-%m-%d %H:%M}",
         letter.error[:80]]
        for letter in found
    ]  # fmt: skip
    table("Dead letters", ["id", "topic", "group", "tried", "at (UTC)", "error"], rows)
    if lost:
        print(f"{lost} older ones made room for these and are gone.")


@cli.command()
def retry(letter: Id) -> None:
    """Send one again over TOLLGATE_BUS, to everyone who handles its topic, and forget it here.

    Without a broker there is no way into another process: restart the desk instead.
    """
    settings, kept = _letters()
    found = kept.find(letter)
    if settings.bus is None:
        raise ConfigError(
            "Without TOLLGATE_BUS messages stay inside one process, so this one can't be sent to "
            "another. Set TOLLGATE_BUS, or drop the letter with `tollgate data dead drop`."
        )
    asyncio.run(_send(settings, found))
    kept.remove(letter)
    print(f"Sent again on {found.topic}.")


async def _send(settings: Settings, letter: DeadLetter) -> None:
    from tools.assembly import open_messages
    from tools.bus.messages import decoded
    from tools.clock import SystemClock

    payload = decoded(letter.body.encode())
    bus = open_messages(settings, SystemClock())
    await bus.start()
    try:
        await bus.publish(letter.topic, payload)
    finally:
        await bus.stop()


@cli.command()
def drop(letter: Id) -> None:
    """Forget one for good."""
    _, kept = _letters()
    kept.remove(kept.find(letter).id)
    print("Dropped.")
