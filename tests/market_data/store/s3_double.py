"""A bucket on this machine that speaks as much of S3 as a store of files needs."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape


class Bucket:
    """What lies in it, and what it does instead of answering."""

    def __init__(self):
        self.objects: dict[str, bytes] = {}
        self.status = 200
        self.page = 1000


class Handler(BaseHTTPRequestHandler):
    """One request; ``bucket`` is set by ``serving``."""

    protocol_version = "HTTP/1.1"
    bucket: Bucket

    def log_message(self, *_):
        pass

    def answer(self, status, body=b"", **headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def fault(self, status, code):
        self.answer(status, f"<Error><Code>{code}</Code><Message>no</Message></Error>".encode())

    def broken(self):
        if self.bucket.status != 200:
            self.fault(self.bucket.status, "AccessDenied")
        return self.bucket.status != 200

    def key(self):
        return unquote(urlsplit(self.path).path).removeprefix("/prices").lstrip("/")

    def do_PUT(self):
        content = self.rfile.read(int(self.headers["Content-Length"]))
        if not self.broken():
            assert "aws-chunked" not in self.headers.get("Content-Encoding", "")
            self.bucket.objects[self.key()] = content
            self.answer(200, ETag='"e"')

    def do_DELETE(self):
        if not self.broken():
            self.bucket.objects.pop(self.key(), None)
            self.answer(204)

    def do_HEAD(self):
        self.do_GET()

    def do_GET(self):
        if self.broken():
            return
        asked = parse_qs(urlsplit(self.path).query)
        if "list-type" in asked:
            self.listing(asked)
        elif self.key() in self.bucket.objects:
            self.object(self.bucket.objects[self.key()])
        else:
            self.fault(404, "NoSuchKey")

    def object(self, content):
        """All of it, or the bytes that the header Range names."""
        told = {"ETag": '"e"', "Last_Modified": "Mon, 01 Jan 2024 00:00:00 GMT"}
        wanted = self.headers.get("Range")
        if wanted is None:
            self.answer(200, content, **told)
            return
        first, last = (int(number) for number in wanted.removeprefix("bytes=").split("-"))
        part = content[first : last + 1]
        where = f"bytes {first}-{first + len(part) - 1}/{len(content)}"
        self.answer(206, part, Content_Range=where, **told)

    def listing(self, asked):
        """ListObjectsV2 with prefix and delimiter, ``bucket.page`` keys at a time."""
        objects = self.bucket.objects
        prefix, mark = (asked.get(n, [""])[0] for n in ("prefix", "continuation-token"))
        keys = sorted(key for key in objects if key.startswith(prefix))
        deeper = [key for key in keys if "/" in key.removeprefix(prefix) and "delimiter" in asked]
        folders = {prefix + key.removeprefix(prefix).split("/")[0] + "/" for key in deeper}
        found = [key for key in keys if key not in deeper and key > mark]
        page, more = found[: self.bucket.page], found[self.bucket.page :]
        rows = "".join(
            f"<Contents><Key>{escape(key)}</Key><Size>{len(objects[key])}</Size>"
            '<ETag>"e"</ETag><LastModified>2024-01-01T00:00:00.000Z</LastModified></Contents>'
            for key in page
        )
        rows += "".join(
            f"<CommonPrefixes><Prefix>{escape(name)}</Prefix></CommonPrefixes>"
            for name in sorted(folders if not mark else ())
        )
        if more:
            rows += f"<NextContinuationToken>{escape(page[-1])}</NextContinuationToken>"
        cut = str(bool(more)).lower()
        body = f"<ListBucketResult><IsTruncated>{cut}</IsTruncated>{rows}</ListBucketResult>"
        self.answer(200, body.encode(), Content_Type="application/xml")


@contextmanager
def serving(bucket: Bucket):
    """The address of a server over ``bucket``."""
    handler = type("Bound", (Handler,), {"bucket": bucket})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
