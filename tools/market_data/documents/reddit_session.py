"""How Reddit is asked through PRAW: each question once, with an end to every wait."""

from __future__ import annotations

import configparser
import time
from collections.abc import Mapping
from typing import Any

from praw import Reddit
from prawcore import Requestor
from requests import RequestException, Response, Timeout

from tools.domain.errors import ConfigError
from tools.market_data.feeds.body import whole
from tools.market_data.feeds.deadline import within
from tools.market_data.feeds.resilience.failure import Unanswered
from tools.market_data.feeds.rest import judged

NAME = "Reddit"
KEYS = "REDDIT_CLIENT_ID and REDDIT_CLIENT_SECRET"
OAUTH_URL, SIGN_IN_URL = "https://oauth.reddit.com", "https://www.reddit.com"
# Where Reddit sends whoever asks for a subreddit that isn't there.
NO_SUCH = "/subreddits/search"
LIMITS = ("x-ratelimit-remaining", "x-ratelimit-used", "x-ratelimit-reset")


class PatientRequestor(Requestor):
    """What PRAW sends its requests through; an answer that is none raises Unanswered.

    Left to itself PRAW asks up to three times and sleeps in between, and for as long as Reddit's
    rate limit says, which is up to ten minutes. Here that is the circuit's to decide.
    """

    _free_at = 0.0

    def request(self, *args: Any, timeout: float | None = None, **options: Any) -> Response:
        """The answer, whole, within the seconds that the requestor was made with."""
        wait = self._free_at - time.monotonic()
        if wait > 0:
            raise _limited(wait)
        try:
            answer = within(self.timeout, lambda: self._whole(*args, **options), "reddit-request")
        except (TimeoutError, Timeout):
            said = f"{NAME} did not answer within {self.timeout:g} seconds."
            raise Unanswered(said) from None
        except (RequestException, OSError, ValueError) as error:
            # The error holds the request with its keys: only its name is passed on.
            said = f"{NAME} could not be reached ({type(error).__name__})."
            raise Unanswered(said) from None
        self._heed(answer.headers)
        if not _about_one(answer):
            judged(NAME, KEYS, answer.status_code, answer.headers, answer.content, _words)
            if answer.content.lstrip()[:1] != b"{":
                raise Unanswered(f"{NAME}'s answer broke off or can't be read.")
        for name in LIMITS:
            answer.headers.pop(name, None)
        return answer

    def _whole(self, *args: Any, **options: Any) -> Response:
        options |= {"timeout": self.timeout, "stream": True, "allow_redirects": False}
        with self._http.request(*args, **options) as answer:
            answer._content = whole(NAME, answer.iter_content(65_536))
        return answer

    def _heed(self, told: Mapping[str, str]) -> None:
        """Ask nothing until Reddit's window ends, once its answer says that none is left."""
        try:
            left, reset = float(told["x-ratelimit-remaining"]), float(told["x-ratelimit-reset"])
        except (KeyError, ValueError):
            return
        if left < 1 and 0 < reset < 86_400:
            self._free_at = time.monotonic() + reset


def signed_in(
    client_id: str, client_secret: str, user_agent: str, *, seconds: float, url: str, oauth_url: str
) -> Reddit:
    """A read-only PRAW that asks nobody yet; ConfigError where its own settings can't be read.

    Every setting is given here, so that no praw.ini of the working folder can send the keys
    elsewhere.
    """
    try:
        return Reddit(
            "DEFAULT",
            requestor_class=PatientRequestor,
            requestor_kwargs={"timeout": seconds},
            client_id=client_id,
            client_secret=client_secret,
            user_agent=user_agent,
            reddit_url=url,
            oauth_url=oauth_url,
            username=None,
            password=None,
            refresh_token=None,
            redirect_uri=None,
            ratelimit_seconds=5,
            timeout=16,
            check_for_updates=False,
            check_for_async=False,
        )
    except configparser.Error:
        raise ConfigError(
            "PRAW, which reads Reddit, finds a praw.ini in this folder or among your settings that "
            "can't be read: correct it or move it away."
        ) from None


def _about_one(answer: Response) -> bool:
    """Whether PRAW makes of it an error about one subreddit: private, closed, or not there."""
    if answer.status_code == 302:
        return NO_SUCH in answer.headers.get("location", "")
    return answer.status_code in (403, 404) and answer.content.lstrip()[:1] == b"{"


def _limited(wait: float) -> Unanswered:
    return Unanswered(
        f"{NAME} takes no more questions for now (its rate limit).",
        retry_after_s=wait,
        limited=True,
    )


def _words(body: Any) -> str:
    return str(body.get("message", "")) if isinstance(body, dict) else ""
