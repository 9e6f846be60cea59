"""Reddit on this machine: signing in, the new posts of a subreddit, and its search."""

from __future__ import annotations

from base64 import b64encode
from datetime import timedelta

CLIENT, SECRET = "client-of-tests", "reddit-secret"
TOKEN = "token-of-the-tests"


def post(n, start, at=None, **more):
    at = at or start + timedelta(minutes=n)
    return {
        "name": f"t3_abc{n}",
        "id": f"abc{n}",
        "title": f"Thoughts {n}",
        "selftext": f"I like $IBM and think {n} of MSFT.",
        "author": "some_one",
        "created_utc": at.timestamp(),
        "edited": False,
        "is_self": True,
        "permalink": f"/r/stocks/comments/abc{n}/thoughts/",
        "url": f"https://www.reddit.com/r/stocks/comments/abc{n}/thoughts/",
        "removed_by_category": None,
        "subreddit": "stocks",
        "stickied": False,
        "num_comments": 3,
        "score": 10,
    } | more


class Reddit:
    """``posts`` by subreddit; one that isn't there sends to the search, as Reddit does.

    ``answers`` are said instead, once each, by path; ``limits`` are the headers of every answer.
    """

    def __init__(self, posts):
        self.posts = {"stocks": posts}
        self.answers = {}
        self.limits = {}
        self.token = TOKEN
        self.most = 100

    def __call__(self, path, query, headers):
        if path in self.answers:
            return self.answers[path]
        if path == "/api/v1/access_token":
            return self._signed_in(query, headers)
        if headers.get("authorization") != f"bearer {self.token}":
            return 401, {"message": "Unauthorized", "error": 401}
        assert headers["user-agent"].startswith("tests of tollgate")
        assert query["raw_json"] == "1"
        _, _, name, what, *_ = path.rstrip("/").split("/")
        if name not in self.posts:
            return 302, {}, {"Location": f"https://oauth.reddit.com/subreddits/search?q={name}"}
        return 200, self._listing(self._found(name, what, query), query), self.limits

    def _signed_in(self, query, headers):
        basic = b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        if headers.get("authorization") != f"Basic {basic}":
            return 401, {"message": "Unauthorized", "error": 401}
        assert query == {"grant_type": "client_credentials"}
        told = {"access_token": self.token, "token_type": "bearer"}
        return 200, told | {"expires_in": 86_400, "scope": "*"}

    def _found(self, name, what, query):
        rows = sorted(self.posts[name], key=lambda row: row["created_utc"], reverse=True)
        if what == "new":
            return rows
        assert what == "search"
        assert (query["sort"], query["restrict_sr"]) == ("new", "True")
        words = [word.strip("()") for word in query["q"].split() if word != "OR"]
        return [row for row in rows if any(word in str(row) for word in words)]

    def _listing(self, rows, query):
        names = [row["name"] for row in rows]
        begin = names.index(query["after"]) + 1 if "after" in query else 0
        shown = rows[begin : begin + min(self.most, int(query["limit"]))]
        more = begin + len(shown) < len(rows)
        children = [{"kind": "t3", "data": row} for row in shown]
        after = shown[-1]["name"] if shown and more else None
        data = {"after": after, "before": None, "dist": len(shown), "children": children}
        return {"kind": "Listing", "data": data}
