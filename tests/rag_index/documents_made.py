"""Small documents of every kind, made by hand, and an embedder that costs nothing."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Sequence
from email.message import EmailMessage
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
FONT = "/MediaBox [0 0 612 792] /Resources << /Font << /F1 3 0 R >> >> >>"
TYPES = '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>'


class WordHashes:
    """An encoder whose vectors add up the hashes of words; it counts what it embeds."""

    model_id = "word-hashes"
    dimensions = 384

    def __init__(self) -> None:
        self.embedded: list[str] = []

    def count(self, text: str) -> int:
        return len(text.split())

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.embedded += texts
        rows = np.zeros((len(texts), self.dimensions), np.float32)
        for row, text in zip(rows, texts, strict=True):
            for word in text.lower().split() or ["nothing"]:
                row[int(hashlib.sha256(word.encode()).hexdigest()[:8], 16) % self.dimensions] += 1
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def pdf(pages: Sequence[Sequence[str]], *, encrypted: bool = False) -> bytes:
    """A PDF of lines of text; an encrypted one has keys that fit no password."""
    kids = " ".join(f"{4 + 2 * i} 0 R" for i in range(len(pages)))
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    for i, lines in enumerate(pages):
        shown = "\n".join(f"({_escaped(line)}) Tj T*" for line in lines)
        body = f"BT /F1 11 Tf 72 740 Td 14 TL\n{shown}\nET"
        objects += [
            f"<< /Type /Page /Parent 2 0 R /Contents {5 + 2 * i} 0 R {FONT}",
            f"<< /Length {len(body)} >>\nstream\n{body}\nendstream",
        ]
    trailer = ""
    if encrypted:
        keys = f"/O <{'41' * 32}> /U <{'42' * 32}>"
        objects.append(f"<< /Filter /Standard /V 1 /R 2 /P -4 {keys} >>")
        trailer = f" /Encrypt {len(objects)} 0 R /ID [<00><00>]"
    out, places = "%PDF-1.4\n", []
    for number, content in enumerate(objects, 1):
        places.append(len(out))
        out += f"{number} 0 obj\n{content}\nendobj\n"
    table = "".join(f"{place:010d} 00000 n \n" for place in places)
    size = len(objects) + 1
    end = f"trailer\n<< /Size {size} /Root 1 0 R{trailer} >>\nstartxref\n{len(out)}\n%%EOF\n"
    return f"{out}xref\n0 {size}\n0000000000 65535 f \n{table}{end}".encode("latin-1")


def _escaped(line: str) -> str:
    return line.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")


def docx(body: str, *, extra: dict[str, bytes] | None = None) -> bytes:
    """A DOCX with this body of WordprocessingML."""
    text = f'<?xml version="1.0"?><w:document xmlns:w="{W}"><w:body>{body}</w:body></w:document>'
    return package({"[Content_Types].xml": TYPES.encode(), "word/document.xml": text.encode()}
                   | (extra or {}))  # fmt: skip


def package(parts: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in parts.items():
            file.writestr(name, content)
    return buffer.getvalue()


def paragraph(text: str, style: str = "", run: str = "") -> str:
    named = f'<w:pPr><w:pStyle w:val="{style}"/></w:pPr>' if style else ""
    return f"<w:p>{named}<w:r>{run}<w:t>{text}</w:t></w:r></w:p>"


def letter() -> bytes:
    message = EmailMessage()
    message["From"], message["To"] = "Ann <ann@example.com>", "bob@example.com"
    message["Subject"] = "The anvil margin"
    message["Date"] = "Tue, 20 Feb 2024 16:30:14 -0500"
    message.set_content("Margins rose to 31 %.\n\nPlease read the attachment.\n")
    message.add_attachment(b"secret", maintype="application", subtype="zip", filename="x.zip")
    return message.as_bytes()


FILING = """<html xmlns:ix="http://www.xbrl.org/2013/inlineXBRL"><head><title>acme-20231231</title>
<style>.gone{display:none} p.off, #away {color:red; visibility : hidden}</style></head><body>
<div style="display:none"><ix:header><ix:hidden>
<ix:nonNumeric name="dei:DocumentFiscalYearFocus">2023</ix:nonNumeric></ix:hidden></ix:header></div>
<script>document.write('sell everything')</script>
<div><b>FORM <ix:nonNumeric name="dei:DocumentType">10-K</ix:nonNumeric></b></div>
<p><ix:nonNumeric name="dei:EntityRegistrantName">Acme Corp</ix:nonNumeric></p>
<p>Trading symbol <ix:nonNumeric name="dei:TradingSymbol">ACM</ix:nonNumeric></p>
<p class="gone">hidden by class</p><p class="off">hidden by rule</p><p id="away">hidden by id</p>
<p style="color:#FFFFFF">white on white</p><p style="font-size: 0px">too small</p>
<p hidden>hidden by attribute</p><p>Zero\u200bwidth</p>
<hr style="page-break-after:always"/>
<div style="font-weight:bold">Item 7. Management&#8217;s Discussion and Analysis</div>
<p>Revenue rose by 12&#160;% to <ix:nonFraction name="us-gaap:Revenues">1,234</ix:nonFraction>
million because we sold more anvils.</p>
<table><tr><td></td><td colspan="2" style="background:#000;color:#fff">2023</td><td></td>
<td colspan="2">2022</td></tr>
<tr><td>Revenue</td><td>$</td><td>1,234</td><td></td><td>$</td><td>1,102</td></tr>
<tr><td>Loss</td><td></td><td>(12</td><td>)</td><td></td><td>(3</td><td>)</td></tr></table>
</body></html>"""


def written(folder: Path, name: str, content: bytes | str) -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
    return path
