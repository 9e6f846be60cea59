"""Reddit through PRAW: the new posts of named subreddits, or those found there by words."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Annotated

from praw import Reddit
from praw.exceptions import PRAWException
from praw.models import Subreddit
from prawcore.exceptions import Forbidden, NotFound, PrawcoreException, Redirect
from pydantic import BaseModel, ConfigDict, Field, field_validator

from tools.domain.document import Document, DocumentKind
from tools.domain.errors import ConfigError, DataUnavailable
from tools.market_data.documents.cleaning import one_line, plain_text, web_address
from tools.market_data.documents.feed import Wanted, arranged, known
from tools.market_data.documents.left_out import LeftOut
from tools.market_data.documents.reddit_session import NAME, OAUTH_URL, SIGN_IN_URL, signed_in
from tools.market_data.feeds.resilience.failure import Unanswered
from tools.market_data.feeds.rest import documented
from tools.ports import Clock

# What a listing of Reddit ends with, however much there is.
MOST = 1000
PAGE_URL = "https://www.reddit.com"
SPANS = {"hour": 1, "day": 24, "week": 7 * 24, "month": 30 * 24, "year": 365 * 24}
GONE = frozenset(("[removed]", "[deleted]", "[deleted by user]"))
_SUBREDDIT = re.compile(r"\w{2,21}", re.ASCII)
_TICKER = re.compile(r"(?<![\w$])\$([A-Z]{1,6}(?:[.-][A-Z]{1,2})?)(?!\w)")
Moment = Annotated[float, Field(gt=0, lt=253_402_300_799)]


class _Post(BaseModel):
    """``edited`` is the moment of the last edit, False without one, True where it isn't told."""

    model_config = ConfigDict(frozen=True)

    name: str = Field(pattern=r"^t3_[0-9a-z]{1,20}$")
    title: str
    created_utc: Moment
    selftext: str | None = None
    edited: bool | Moment | None = None
    permalink: str | None = None
    url: str | None = None
    is_self: bool = True
    removed_by_category: str | None = None
    author: str = ""

    @field_validator("author", mode="before")
    @classmethod
    def _named(cls, value: object) -> object:
        """The name of PRAW's redditor, who would be asked for whatever else one wants of him."""
        return "" if value is None else vars(value).get("name")


class RedditFeed:
    """A DocumentFeed of posts. One that was edited is a correction, known since the last edit.

    A post concerns the symbols that it writes as $IBM, and no others. Posts that were deleted or
    removed don't come; as long as Reddit lists them so, ``withdrawn`` names them. Nothing is
    written to Reddit. ``notice`` tells what the last answer lacks.
    """

    name = "reddit"

    def __init__(
        self,
        client_id: str,
        client_secret: str,
        clock: Clock,
        *,
        subreddits: tuple[str, ...],
        user_agent: str,
        url: str = SIGN_IN_URL,
        oauth_url: str = OAUTH_URL,
        seconds: float = 8.0,
    ) -> None:
        """``user_agent`` names the program to Reddit; ``seconds`` is the wait for each page."""
        self._clock, self._subreddits = clock, subreddits
        self._sign_in: Callable[[], Reddit] = partial(
            signed_in,
            client_id,
            client_secret,
            user_agent,
            seconds=seconds,
            url=url,
            oauth_url=oauth_url,
        )
        self._reddit: Reddit | None = None
        self._left = LeftOut(NAME)

    def documents(self, wanted: Wanted) -> tuple[Document, ...]:
        """The latest posts; by words and symbols as far as Reddit's search finds them."""
        left = self._left = LeftOut(NAME)
        found: list[Document] = []
        missing = 0
        try:
            reddit = self._reddit = self._reddit or self._sign_in()
            for name in self._subreddits:
                try:
                    found += self._latest(reddit.subreddit(name), wanted)
                except (Redirect, NotFound, Forbidden):
                    missing += 1
                    left.say(f"{NAME}: r/{name} isn't there, or isn't open to all")
        except Unanswered as error:
            if not error.limited:
                self._reddit = None  # the next question signs in anew
            raise
        except (PrawcoreException, PRAWException) as error:
            self._reddit = None
            # The error may hold the request with its keys: only its name is passed on.
            said = f"{NAME}'s answer can't be used ({type(error).__name__})."
            raise Unanswered(said) from None
        if missing == len(self._subreddits):
            raise DataUnavailable(f"{left.words()}; name others with TOLLGATE_SUBREDDITS.")
        return arranged(found, wanted)

    def notice(self) -> str:
        """What the last answer lacks, as words without a full stop; else empty."""
        return self._left.words()

    def withdrawn(self) -> tuple[str, ...]:
        """The posts that the last answer had as deleted or removed."""
        return self._left.withdrawn

    def _latest(self, subreddit: Subreddit, wanted: Wanted) -> list[Document]:
        """As many documents of one subreddit as are wanted in all."""
        now = self._clock.wall()
        found: list[Document] = []
        for post in self._posts(subreddit, wanted, now):
            one = _document(post, str(subreddit), now, self._left)
            if one is None or not wanted.since <= one.event_time < wanted.until:
                continue
            if not wanted.symbols or not set(wanted.symbols).isdisjoint(one.symbols):
                found.append(one)
            if len(found) == wanted.limit:
                break
        return found

    def _posts(self, subreddit: Subreddit, wanted: Wanted, now: datetime) -> Iterator[_Post]:
        """The posts since the span began, the latest first."""
        search = _search(wanted)
        if search:
            hours = (now - wanted.since) / timedelta(hours=1)
            span = next((name for name, most in SPANS.items() if hours < most), "all")
            listing = subreddit.search(search, sort="new", time_filter=span, limit=MOST)
        else:
            listing = subreddit.new(limit=MOST)
        seen = read = 0
        with documented(NAME):
            for submission in listing:
                seen += 1
                # What the listing said: PRAW would ask Reddit again for what it lacks.
                post = self._left.read(_Post, vars(submission))
                if post is None:
                    continue
                read += 1
                if post.created_utc < wanted.since.timestamp():
                    return
                yield post
        if seen and not read:
            raise self._left.undocumented()
        if seen == MOST:
            self._left.say(
                f"{NAME} gives the last {MOST:,} posts of r/{subreddit} and no older ones"
            )


def subreddits(written: str) -> tuple[str, ...]:
    """The names in a setting, each once, with or without r/; ConfigError for what is none."""
    found = [one.removeprefix("r/") for one in re.split(r"[,\s]+", written) if one]
    wrong = [one for one in found if not _SUBREDDIT.fullmatch(one)]
    if wrong or not found:
        raise ConfigError(
            f"TOLLGATE_SUBREDDITS: {wrong[0][:30]!r} is no subreddit's name"
            if wrong
            else "TOLLGATE_SUBREDDITS names no subreddit"
        )
    return tuple(dict.fromkeys(found))


def _search(wanted: Wanted) -> str:
    """The question in Reddit's words; empty for whatever is new."""
    symbols = " OR ".join(wanted.symbols)
    return f"{wanted.words} {f'({symbols})' if symbols else ''}".strip()


def _document(post: _Post, subreddit: str, now: datetime, left: LeftOut) -> Document | None:
    title, text = one_line(post.title), plain_text(post.selftext or "")
    if post.removed_by_category or not GONE.isdisjoint((title, text)):
        left.withdraw(post.name, "deleted or removed")
        return None
    if not title:
        left.count("without a title")
        return None
    if not post.is_self and post.url:
        text = f"{text}\nLink: {web_address(post.url, PAGE_URL)}".strip()
    created = min(datetime.fromtimestamp(post.created_utc, UTC), now)
    told: datetime | None = created
    if post.edited is True:
        told = None
    elif post.edited:
        told = max(datetime.fromtimestamp(post.edited, UTC), created)
    return Document(
        post.name,
        RedditFeed.name,
        DocumentKind.POST,
        title,
        text,
        web_address(post.permalink or "", PAGE_URL),
        created,
        known(told, now),
        tuple(dict.fromkeys(_TICKER.findall(f"{title}\n{text}"))),
        one_line(f"{f'u/{post.author} ' if post.author else ''}in r/{subreddit}"),
    )
