"""Reads an e-mail: who wrote what to whom, and the names of what is attached, unopened."""

from __future__ import annotations

from email import message_from_bytes, policy
from email.message import EmailMessage, MIMEPart

from rag_index.documents.canonical import Canonical, Writer
from rag_index.documents.errors import DocumentRefused
from rag_index.documents.hypertext import html_of

_HEADERS = ("From", "To", "Cc", "Date", "Subject")


def read_mail(raw: bytes, name: str) -> Canonical:
    """Read one message in RFC 5322 form; raises DocumentRefused if it is none."""
    message = message_from_bytes(raw, policy=policy.default)
    if not (message["From"] or message["Subject"]):
        raise DocumentRefused(f"{name}: it is no e-mail (no sender, no subject): leave it out")
    writer = Writer()
    headers = [f"{key}: {message[key]}" for key in _HEADERS if message[key]]
    writer.lines("\n".join(" ".join(line.split()) for line in headers))
    body = message.get_body(("plain", "html"))
    if body is not None:
        text = _content(body, name)
        if body.get_content_subtype() == "html":
            text = html_of(text, name).text
        for block in text.replace("\r\n", "\n").split("\n\n"):
            writer.lines(block)
    for part in message.iter_attachments():
        size = len(part.get_payload(decode=True) or b"")
        kind = part.get_content_type()
        writer.paragraph(f"Attachment (not opened): {part.get_filename()} ({kind}, {size} bytes)")
    return writer.done(str(message["Subject"] or ""), _facts(message))


def _content(part: MIMEPart, name: str) -> str:
    try:
        return str(part.get_content())
    except (LookupError, KeyError, ValueError) as error:
        raise DocumentRefused(
            f"{name}: the encoding of its text is unknown ({error}): save the text as UTF-8"
        ) from error


def _facts(message: EmailMessage) -> dict[str, str]:
    sent = getattr(message["Date"], "datetime", None)
    found = {"kind": "email"}
    if sent is not None and sent.tzinfo is not None:
        found["accepted"] = sent.isoformat()
    return found
