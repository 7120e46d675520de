"""Canaries: words that stand in one place of one tier and nowhere else, and how they are found again in an answer.

Each is ASCII of small letters and digits, so that it passes through names, addresses, file names, JSON and the index
unchanged; no analyser cuts it and no encoding of a web page alters it.
"""

from __future__ import annotations

import base64
import hashlib
import io
import re
import zipfile
from dataclasses import dataclass, field

KINDS = {
    "na": ("name", "entry"),
    "ti": ("title", "entry"),
    "ot": ("earlier title", "entry"),
    "no": ("abstract", "entry"),
    "ta": ("tag", "entry"),
    "it": ("information item", "entry"),
    "rn": ("name of a resource", "entry"),
    "rd": ("description of a resource", "entry"),
    "ex": ("free extra", "entry"),
    "cp": ("class path", "entry"),
    "rm": ("related matter", "entry"),
    "sc": ("condition of sharing", "entry"),
    "sb": ("basis of sharing", "entry"),
    "oc": ("condition of opening", "entry"),
    "ob": ("basis of opening", "entry"),
    "li": ("address of a link", "address"),
    "ol": ("earlier address of a link", "address"),
    "fn": ("file name", "data"),
    "ce": ("cell", "data"),
    "cb": ("cell of another column", "data"),
    "cr": ("cell of another row", "data"),
    "cx": ("cell of another column and row", "data"),
    "co": ("column", "data"),
    "di": ("data dictionary", "data"),
    "vi": ("title of a view", "data"),
    "an": ("name of an attachment", "data"),
    "ac": ("content of an attachment", "data"),
    "im": ("line of an import", "data"),
}
"""Code of a kind -> what it is, and what one must be allowed to see for it: the entry, the data, or the real address."""

TOKEN = re.compile(r"zq([a-z]{2})([a-z]{2})[0-9a-f]{8}", re.IGNORECASE)
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
ENCODED = re.compile(r"[A-Za-z0-9_-]{24,}")
"""What may be a base64 of something, as in signed links; looked into when it decodes to text."""


def token(tier: str, kind: str, salt: str = "") -> str:
    """Return the canary of a kind in a tier (its code of two letters); ``salt`` makes others of the same shape."""
    return f"zq{tier}{kind}{hashlib.sha256(f'{tier}/{kind}/{salt}'.encode()).hexdigest()[:8]}"


@dataclass(frozen=True)
class Sighting:
    """Something of a tier found in an answer: the word itself, the tier's code, what it is and what it gives away."""

    word: str
    tier: str
    what: str
    gives: str


@dataclass
class Register:
    """The canaries of a world by the codes of its tiers, and its ids: id -> (tier's code, what it is, what it gives away)."""

    tiers: frozenset[str]
    ids: dict[str, tuple[str, str, str]] = field(default_factory=dict)

    def found(self, text: str) -> set[Sighting]:
        """Return everything of any tier that stands in ``text``."""
        seen = set()
        for match in TOKEN.finditer(text):
            tier, kind = match[1].lower(), match[2].lower()
            if tier in self.tiers and kind in KINDS and match[0].lower() == token(tier, kind):
                seen.add(Sighting(match[0].lower(), tier, *KINDS[kind]))
        for key in set(UUID.findall(text)):
            if key in self.ids:
                seen.add(Sighting(key, *self.ids[key]))
        return seen


def readable(body: bytes) -> str:
    """Return all text of an answer: of a workbook or archive what is in it, of signed links what they carry."""
    if body[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            return "\n".join(readable(archive.read(name)) for name in archive.namelist())
    text = body.decode("utf-8", "replace")
    return "\n".join([text, *_decoded(text)])


def _decoded(text: str) -> list[str]:
    found = []
    for run in set(ENCODED.findall(text)):
        try:
            plain = base64.urlsafe_b64decode(run + "=" * (-len(run) % 4)).decode()
        except ValueError:
            continue
        found.append(plain)
    return found
