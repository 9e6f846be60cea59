"""One open tab: draws its room and the desk, and hands the person's words to both."""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable

from nicegui import background_tasks, ui

from app.chat import decisions
from app.chat.ask_bar import AskBar
from app.chat.board import Board, Watch
from app.chat.chart import Wanted
from app.chat.decisions import Verb
from app.chat.desk_panel import DeskPanel
from app.chat.order_card import OrderCard
from app.chat.room import Room
from app.chat.rooms import Rooms
from app.chat.top_bar import TopBar
from app.chat.transcript import Transcript
from app.chat.turns import Event, Turn
from tools.assembly import House

EVERY_S = 2.5
FRESH_AFTER = frozenset({"order", "answer", "error", "end"})


class Tab:
    """Built inside a page; goes with its client."""

    def __init__(
        self,
        room: Room,
        rooms: Rooms,
        watch: Watch,
        house: Callable[[], House],
        *,
        replay: bool = False,
    ) -> None:
        self._room, self._rooms, self._watch, self._house = room, rooms, watch, house
        self._client = ui.context.client
        self._cards: list[OrderCard] = []
        self._here: set[str] = set()
        self._decided_for: Counter[str] = Counter()
        drawer = ui.right_drawer(value=None, bordered=True, bottom_corner=True)
        drawer.props("width=400 breakpoint=1100")
        self._bar = TopBar(
            lambda: self._switch(decisions.halt),
            lambda: self._switch(decisions.resume),
            drawer.toggle,
            replay=replay,
        )
        with drawer.classes("drawer"):
            self._panel = DeskPanel(self._card, watch.shelf)
        self._ask_bar = AskBar(room.ask)
        self._transcript = Transcript(room, self._card_here, self._ask_bar.ask)
        self._ask_bar.busy(room.busy)
        self._client.on_delete(room.listeners.join(self._heard))
        ui.timer(EVERY_S, self.look)
        ui.timer(1.0, self._tick)

    def _card(self, order_id: str) -> None:
        self._cards.append(OrderCard(order_id, self._decide, self._house().clock))

    def _card_here(self, order_id: str) -> None:
        self._here.add(order_id)
        self._card(order_id)

    def _heard(self, turn: Turn, event: Event) -> None:
        self._transcript.apply(turn, event)
        if event["type"] in ("question", "end"):
            self._ask_bar.busy(event["type"] == "question")
        if event["type"] in FRESH_AFTER:
            background_tasks.create(self.look(fresh=True), name="look at the desk")

    def _tick(self) -> None:
        for card in self._cards:
            card.tick()

    async def look(self, *, fresh: bool = False) -> None:
        """Read the desk and draw what is new."""
        board = await self._watch.look(fresh=fresh)
        if self._client.is_deleted:
            return
        self._bar.show(board)
        self._panel.show(board, self._here)
        await self._show_cards(board)
        self._go_on(board)
        if not self._client.is_deleted:
            await self._panel.chart.show(self._house(), self._wanted())

    async def _show_cards(self, board: Board) -> None:
        if board.error:
            return
        self._cards = [card for card in self._cards if not card.gone]
        for card in list(self._cards):
            row = board.order(card.order_id)
            if row is None:
                if card.settled:
                    continue
                row = await self._watch.order(card.order_id)
            if not card.gone:
                card.show(row)

    def _go_on(self, board: Board) -> None:
        """Let the conversation go on when its order was decided in the terminal, say.

        Only at the second look: whoever decided may be telling the conversation at this moment.
        """
        order_id = self._room.turns[-1].waiting if self._room.turns else None
        row = board.order(order_id) if order_id else None
        if order_id is None or row is None or row["state"] == "awaiting_approval":
            return
        self._decided_for[order_id] += 1
        if self._decided_for[order_id] > 1:
            self._room.settle(order_id)

    def _wanted(self) -> Wanted | None:
        for turn in reversed(self._room.turns):
            if turn.asked_about:
                return Wanted(turn.asked_about, turn.as_of)
        return None

    async def _decide(self, order_id: str, verb: Verb) -> str:
        said = await decisions.decide(self._house(), order_id, verb)
        row = await self._watch.order(order_id)
        if row and not said:
            self._rooms.decided(row["session"], order_id)
        await self.look(fresh=True)
        return said

    async def _switch(self, act: Callable[[House], Awaitable[str]]) -> str:
        said = await act(self._house())
        await self.look(fresh=True)
        return said
